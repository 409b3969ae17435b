import { DELIVERY_STATUS, ORDER_STATUS } from "../../contracts/orderRecord";
import { listOrders, readSummaries, type OrderSummary } from "../../ops/orders";
import { readStartedOrders } from "../../ops/startedOrders";
import type { Stack } from "../../ops/target";
import type { OrdersView } from "../api";
import { livePauseMs, type ViewReader } from "./viewReader";

/** How far back the first reading goes at most. */
const LOOK_BACK_MS = 24 * 60 * 60_000;

/** How late an event may be in the log and still be seen. */
const LOG_DELAY_MS = 30_000;

/** Pages of the log that one reading asks for at most: the first one looks back further. */
const PAGES = { first: 10, later: 2 };

/**
 * The latest orders of all customers. No index has them, and a scan for every look would be slow and dear; but an order
 * is either on its way, which the sparse index of undelivered orders tells, or its delivery was started, which the
 * workflow's log tells. A rejected order is neither.
 */
export class LatestOrders implements ViewReader<OrdersView> {
  /** By customer and id. */
  readonly #known = new Map<string, OrderSummary>();
  /** How far back the log was read, and until when: milliseconds since the epoch. */
  #since: number | undefined;
  #readAt: number | undefined;
  #complete = true;

  constructor(
    private readonly stack: Stack,
    private readonly limit: number,
  ) {}

  async read(): Promise<OrdersView> {
    const now = Date.now();
    const since = this.#readAt === undefined ? now - LOOK_BACK_MS : this.#readAt - LOG_DELAY_MS;
    const pages = this.#readAt === undefined ? PAGES.first : PAGES.later;
    const [started, undelivered] = await Promise.all([
      readStartedOrders(this.stack, { since, limit: this.limit, pages }),
      listOrders(this.stack, { undelivered: true, latestFirst: true, limit: this.limit, scanLimit: 0 }),
    ]);
    this.#readAt = now;
    this.#since ??= since;
    if (!started.complete && started.orders.length < this.limit) this.#complete = false;

    for (const order of undelivered.orders) this.#known.set(keyOf(order), order);
    const listed = new Set(undelivered.orders.map(keyOf));
    const unread = new Map(
      [...started.orders, ...this.#known.values()]
        .map((order) => [keyOf(order), order] as const)
        .filter(([key]) => !listed.has(key) && !isSettled(this.#known.get(key))),
    );
    for (const order of await readSummaries(this.stack, [...unread.values()]))
      this.#known.set(keyOf(order), order);
    return this.#view(undelivered.more);
  }

  pauseMs(): number {
    return livePauseMs(this.stack);
  }

  #view(moreUndelivered: boolean): OrdersView {
    const latest = [...this.#known.entries()].sort(([, a], [, b]) => b.placedAt.localeCompare(a.placedAt));
    for (const [key] of latest.slice(this.limit)) this.#known.delete(key);
    const orders = latest.slice(0, this.limit).map(([, order]) => order);
    return {
      source: "latest",
      orders,
      more: moreUndelivered || !this.#complete || latest.length >= this.limit,
      ...(this.#since !== undefined && { since: this.#since }),
    };
  }
}

function keyOf({ customerId, orderId }: Pick<OrderSummary, "customerId" | "orderId">): string {
  return `${orderId}/${customerId}`;
}

/** Whether nothing more happens to it. */
function isSettled(order: OrderSummary | undefined): boolean {
  if (order === undefined) return false;
  return order.status === ORDER_STATUS.rejected || order.delivery.status === DELIVERY_STATUS.delivered;
}
