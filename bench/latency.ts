import { setTimeout as delay } from "node:timers/promises";
import { DELIVERY_STATUS } from "../contracts/orderRecord";
import { LoadClient } from "./loadClient";
import type { LocalProcess } from "./localProcess";
import { benchOrder } from "./orders";

/** How often an order is asked for at first: the resolution of the figures. Late ones are asked for less often. */
const POLL_MS = 3;
const POLL_MS_MAX = 50;
const DEADLINE_MS = 10_000;

export interface Latency {
  readonly ordersPerSecond: number;
  readonly orders: number;
  /** Milliseconds from sending the POST until GET shows DELIVERED. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Posts orders at an even rate and follows each until it is delivered. */
export async function measureLatency(
  run: LocalProcess,
  { ordersPerSecond, orders }: { readonly ordersPerSecond: number; readonly orders: number },
  progress: (delivered: number) => void,
): Promise<Latency> {
  const client = new LoadClient(run.outputs.apiUrl, await run.token("latency"), 64);
  // What is measured is a run that serves, not one that is just warming up.
  for (let n = 0; n < 50; n++) await deliver(client, n);
  const started = performance.now();
  const measured: Promise<number>[] = [];
  let delivered = 0;
  for (let n = 0; n < orders; n++) {
    const due = started + (n * 1_000) / ordersPerSecond;
    await delay(Math.max(0, due - performance.now()));
    const one = deliver(client, n).finally(() => progress(++delivered));
    // A failure is reported by Promise.all below, after the last order has been posted.
    one.catch(() => undefined);
    measured.push(one);
  }
  const sorted = (await Promise.all(measured).finally(() => client.close())).sort((a, b) => a - b);
  const quantile = (q: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0) * 10) / 10;
  return { ordersPerSecond, orders, p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) };
}

/** Posts one order and waits for its delivery; the milliseconds that took. */
export async function deliver(client: LoadClient, n: number): Promise<number> {
  const order = benchOrder(n);
  const started = performance.now();
  const accepted = await client.request("POST", "/orders", JSON.stringify(order));
  if (accepted.status !== 202) throw new Error(`POST /orders answered ${accepted.status}: ${accepted.body}`);
  for (
    let pause = POLL_MS;
    performance.now() - started < DEADLINE_MS;
    pause = Math.min(pause * 1.1, POLL_MS_MAX)
  ) {
    const { status, body } = await client.request("GET", `/orders/${order.orderId}`);
    if (status === 200 && body.includes(`"status":"${DELIVERY_STATUS.delivered}"`))
      return performance.now() - started;
    await delay(pause);
  }
  throw new Error(`Order ${order.orderId} was not delivered within ${DEADLINE_MS / 1_000} s.`);
}
