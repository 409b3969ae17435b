import { setTimeout as sleep } from "node:timers/promises";
import type { OrderAnswer } from "../contracts/api";
import { contentHash } from "../contracts/contentHash";
import { OrderApiError, type OrderClient } from "./orderClient";

const FIRST_PAUSE_MS = 20;
const PAUSE_GROWTH = 1.5;
const LONGEST_PAUSE_MS = 1_000;
const POLL_TIMEOUT_MS = 5_000;

/** Over all the orders that one follower follows, so that watching does not slow down what is watched. */
const POLLS_PER_SECOND = 200;

/**
 * How following an order ended. `late`: it was not settled by the deadline. `conflicting`: its id belongs to an order with
 * other content, which stays as it is.
 */
export type Followed =
  | { readonly outcome: "conflicting"; readonly order: OrderAnswer }
  | { readonly outcome: "delivered" | "failed"; readonly order: Extract<OrderAnswer, { status: "PLACED" }> }
  | { readonly outcome: "rejected"; readonly order: Extract<OrderAnswer, { status: "REJECTED" }> }
  | { readonly outcome: "late"; readonly order: OrderAnswer | undefined };

export interface FollowerOptions {
  /** For one order, from the call of `follow`. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Reads orders again and again until they are settled. */
export class OrderFollower {
  #following = 0;

  constructor(private readonly options: FollowerOptions) {}

  /**
   * Follows an order that was accepted until it is delivered, rejected or given up, or the time is over. An order that is
   * not stored yet, throttling and an answer that does not come are reasons to go on.
   *
   * @param posted what was posted
   * @param onAnswer sees every answer on the way
   * @throws OrderApiError for an answer that will not get better, such as that of a token that has expired
   */
  async follow(
    client: OrderClient,
    orderId: string,
    posted: unknown,
    onAnswer: (order: OrderAnswer) => void = () => {},
  ): Promise<Followed> {
    const deadline = Date.now() + this.options.timeoutMs;
    const postedHash = contentHash(posted);
    let order: OrderAnswer | undefined;
    this.#following++;
    try {
      for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * PAUSE_GROWTH, LONGEST_PAUSE_MS)) {
        const left = deadline - Date.now();
        if (left <= 0) return { outcome: "late", order };
        const fairPause = (this.#following * 1_000) / POLLS_PER_SECOND;
        await sleep(Math.min(Math.max(pause, fairPause), left), undefined, { signal: this.options.signal });
        order = (await this.#read(client, orderId)) ?? order;
        if (order) onAnswer(order);
        const settled = order && settledOrder(order, postedHash);
        if (settled) return settled;
      }
    } finally {
      this.#following--;
    }
  }

  async #read(client: OrderClient, orderId: string): Promise<OrderAnswer | undefined> {
    try {
      return await client.getOrder(orderId, { signal: this.options.signal, timeoutMs: POLL_TIMEOUT_MS });
    } catch (error) {
      if (error instanceof OrderApiError && (error.status === 404 || error.retryable)) return undefined;
      throw error;
    }
  }
}

function settledOrder(order: OrderAnswer, postedHash: string): Followed | undefined {
  if (contentHash(order.order) !== postedHash) return { outcome: "conflicting", order };
  if (order.status === "REJECTED") return { outcome: "rejected", order };
  if (order.delivery.status === "DELIVERED") return { outcome: "delivered", order };
  if (order.delivery.status === "FAILED") return { outcome: "failed", order };
  return undefined;
}
