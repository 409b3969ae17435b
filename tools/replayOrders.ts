import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { OrderFollower, type Followed } from "./follow";
import { OrderApiError } from "./orderClient";
import type { OrderToPost } from "./orderFile";
import { withRetries } from "./retries";
import { tokenProblem, type Target } from "./target";

/** The order itself is at fault, and nothing was stored: not valid, too large, not JSON. */
const REFUSED = [400, 413, 415];

/** When orders are posted: so many at a time, or at exact times whatever the answers. */
export type Pace = { readonly concurrency: number } | { readonly ordersPerSecond: number };

/** What became of an order: refused, an error that retries did not mend, or accepted and followed to its end. */
export type OrderOutcome =
  { readonly outcome: "refused" | "error"; readonly error: OrderApiError } | Followed;

export interface ReplayOptions {
  readonly pace: Pace;
  /** For one order's delivery, from its acceptance. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly onAccepted: () => void;
  readonly onOutcome: (outcome: OrderOutcome) => void;
}

/**
 * Posts orders and follows those that were accepted. Returns when all are settled, or soon after the signal; the
 * outcomes until then were told.
 *
 * @throws CommandError when the token is not good enough: no other order would fare better
 */
export async function replayOrders(
  orders: readonly OrderToPost[],
  target: Target,
  options: ReplayOptions,
): Promise<void> {
  await new Replay(target, options).run(orders);
}

class Replay {
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #follower: OrderFollower;
  readonly #following: Promise<void>[] = [];

  constructor(
    private readonly target: Target,
    private readonly options: ReplayOptions,
  ) {
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
    setMaxListeners(0, this.#signal);
    this.#follower = new OrderFollower({ timeoutMs: options.timeoutMs, signal: this.#signal });
  }

  async run(orders: readonly OrderToPost[]): Promise<void> {
    const { pace } = this.options;
    if ("concurrency" in pace) await this.#postSome(orders, pace.concurrency);
    else await this.#postOnTime(orders, pace.ordersPerSecond);
    await Promise.all(this.#following);
    this.#stop.signal.throwIfAborted();
  }

  /** So many workers take the next order each until there is none. */
  async #postSome(orders: readonly OrderToPost[], concurrency: number): Promise<void> {
    const queue = orders.values();
    const work = async () => {
      for (const order of queue) {
        if (this.#signal.aborted) return;
        await this.#post(order);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
  }

  /** Each order has its time, counted from the start, so that a late timer delays no other. */
  async #postOnTime(orders: readonly OrderToPost[], ordersPerSecond: number): Promise<void> {
    const start = performance.now();
    const posting: Promise<void>[] = [];
    for (const [index, order] of orders.entries()) {
      const wait = start + (index * 1_000) / ordersPerSecond - performance.now();
      if (wait > 0) await sleep(wait, undefined, { signal: this.#signal }).catch(() => {});
      if (this.#signal.aborted) break;
      posting.push(this.#post(order));
    }
    await Promise.all(posting);
  }

  async #post({ orderId, customer, body }: OrderToPost): Promise<void> {
    const client = this.target.clientOf(customer);
    await this.#step(async () => {
      await withRetries(() => client.postOrder(body, { signal: this.#signal }), this.#signal);
      this.options.onAccepted();
      this.#following.push(
        this.#step(async () => {
          this.options.onOutcome(await this.#follower.follow(client, orderId, JSON.parse(body)));
        }),
      );
    });
  }

  /** An error of one order is its outcome; any other ends the replay, and so does a token that is not good enough. */
  async #step(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (this.#signal.aborted) return;
      if (!(error instanceof OrderApiError)) return this.#stop.abort(error);
      const problem = tokenProblem(error);
      if (problem) return this.#stop.abort(problem);
      const refused = error.status !== undefined && REFUSED.includes(error.status);
      this.options.onOutcome({ outcome: refused ? "refused" : "error", error });
    }
  }
}
