import type { Orders, Version } from "./orders";

/** What is known of a content that was posted. */
const SENT = 1;
const ACCEPTED = 2;

/** What clients have posted, and what they were answered: every 202 is a promise. */
export class Ledger {
  private readonly states: readonly [Uint8Array, Uint8Array];
  private readonly poison = new Set<string>();
  private acceptedAnswers = 0;

  constructor(readonly orders: Orders) {
    this.states = [new Uint8Array(orders.count), new Uint8Array(orders.count)];
  }

  /** How many posts were answered with 202. */
  get answers(): number {
    return this.acceptedAnswers;
  }

  /** The content may be there from now on, whatever the answer. */
  sent(n: number, version: Version): void {
    this.states[version][n] = (this.states[version][n] ?? 0) | SENT;
  }

  accepted(n: number, version: Version): void {
    this.acceptedAnswers++;
    this.states[version][n] = (this.states[version][n] ?? 0) | ACCEPTED;
  }

  /** A message that is no order was put on the order queue. */
  poisoned(messageId: string): void {
    this.poison.add(messageId);
  }

  /** Ids of the messages that are no orders. */
  get poisonIds(): ReadonlySet<string> {
    return this.poison;
  }

  isAccepted(n: number, version: Version): boolean {
    return ((this.states[version][n] ?? 0) & ACCEPTED) !== 0;
  }

  /** Whether the content may be there: it was accepted, or nobody knows. */
  isSent(n: number, version: Version): boolean {
    return this.states[version][n] !== 0;
  }

  /** Numbers of the orders of which a content was accepted. */
  *acceptedOrders(): Generator<number> {
    for (let n = 0; n < this.orders.count; n++) if (this.isAccepted(n, 0) || this.isAccepted(n, 1)) yield n;
  }
}
