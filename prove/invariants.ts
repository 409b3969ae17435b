import { ORDER_STATUS, DELIVERY_STATUS, type OrderRecord } from "../contracts/orderRecord";
import type { FailedMessage } from "../ops/failures/failedMessage";
import type { Consumer } from "./consumers";
import type { Ledger } from "./ledger";
import type { Version } from "./orders";

/** What must hold of every order, whatever has failed. */
export const INVARIANTS = {
  accepted: "an accepted order is delivered, rejected, or dead-lettered with a reason",
  everywhere: "a delivered order is in every downstream queue",
  once: "an order has effect exactly once",
  status: "an order is DELIVERED if and only if the downstream queues got it",
  content: "what is stored and delivered is what was posted, byte for byte",
  rejected: "a rejected order goes nowhere",
  conflict: "another order under a taken id changes nothing and is in the dead-letter queue",
  undelivered: "nothing is left undelivered",
  reason: "every message in a failure queue has a reason",
  poison: "a message that is no order is in the dead-letter queue",
  foreign: "nothing is there that nobody posted",
  bounded: "an order is not delivered again and again",
  visible: "a failure is visible before it is repaired",
} as const;

export type Invariant = keyof typeof INVARIANTS;

/** A promise that was broken. */
export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
  readonly orderId?: string;
}

/** Everything there is to compare once nothing is under way any more. */
export interface Evidence {
  readonly ledger: Ledger;
  readonly consumers: readonly Consumer[];
  readonly stored: AsyncIterable<OrderRecord>;
  readonly failures: readonly FailedMessage[];
}

/** What became of the orders. */
export interface Tally {
  delivered: number;
  rejected: number;
  /** Messages left in failure queues. */
  deadLettered: number;
  /** Posted without an answer that says so, and not there. */
  unconfirmed: number;
}

/** More of one kind say nothing new. */
const EACH_MAX = 5;

/** Compares what was promised with what is there. */
export class Examination {
  readonly violations: Violation[] = [];
  readonly tally: Tally = { delivered: 0, rejected: 0, deadLettered: 0, unconfirmed: 0 };
  private readonly counts = new Map<Invariant, number>();
  /** Which content is stored, by order; 0 for none, otherwise its version plus one. */
  private readonly storedVersion: Uint8Array;
  private readonly rejected: Uint8Array;
  /** Which contents are in the order queue's dead-letter queue, as bits. */
  private readonly deadVersions: Uint8Array;

  constructor(private readonly evidence: Evidence) {
    const { count } = evidence.ledger.orders;
    this.storedVersion = new Uint8Array(count);
    this.rejected = new Uint8Array(count);
    this.deadVersions = new Uint8Array(count);
  }

  /** How many violations there were of each kind; `violations` holds some of each. */
  get found(): ReadonlyMap<Invariant, number> {
    return this.counts;
  }

  async run(): Promise<void> {
    this.readFailures();
    for await (const record of this.evidence.stored) this.examineRecord(record);
    const { orders } = this.evidence.ledger;
    for (let n = 0; n < orders.count; n++) this.examineOrder(n);
    await this.examineEffects();
    for (const { service, strange } of this.evidence.consumers)
      for (const body of strange)
        this.violate("content", `${service} got what was never posted: ${body.slice(0, 120)}`);
  }

  violate(invariant: Invariant, detail: string, n?: number): void {
    const count = (this.counts.get(invariant) ?? 0) + 1;
    this.counts.set(invariant, count);
    if (count > EACH_MAX) return;
    const { orders } = this.evidence.ledger;
    this.violations.push({ invariant, detail, ...(n !== undefined && { orderId: orders.idOf(n) }) });
  }

  private readFailures(): void {
    const { ledger, failures } = this.evidence;
    const { orders } = ledger;
    const poison = new Set(ledger.poisonIds);
    for (const { queue, messageId, reason, message } of failures) {
      this.tally.deadLettered++;
      poison.delete(messageId);
      if (reason === "unknown" || reason === "")
        this.violate("reason", `message ${messageId} in ${queue} does not say why it is there`);
      if (queue !== "orders") continue;
      const body = message.Body ?? "";
      const n = numberIn(body, orders);
      const version =
        n === undefined ? undefined : orders.versionsOf(n).find((v) => orders.bodyOf(n, v) === body);
      if (n !== undefined && version !== undefined)
        this.deadVersions[n] = (this.deadVersions[n] ?? 0) | (1 << version);
      else if (!ledger.poisonIds.has(messageId))
        this.violate("foreign", `message ${messageId} in ${queue} was never posted`);
    }
    for (const messageId of poison)
      this.violate("poison", `message ${messageId} is not in the dead-letter queue`);
  }

  private examineRecord(record: OrderRecord): void {
    const { orders } = this.evidence.ledger;
    const n = orders.numberOf(record.orderId);
    if (n === undefined || orders.customerOf(n) !== record.customerId)
      return this.violate("foreign", `order ${record.orderId} of ${record.customerId} was never posted`);
    const version = orders.versionsOf(n).find((one) => orders.bodyOf(n, one) === record.order);
    if (version === undefined || !this.evidence.ledger.isSent(n, version))
      return this.violate("content", "the table holds what was never posted", n);
    this.storedVersion[n] = version + 1;
    if (record.status === ORDER_STATUS.rejected) {
      this.rejected[n] = 1;
      this.tally.rejected++;
      if (orders.kindOf(n) !== "rejected") this.violate("accepted", "a right order was rejected", n);
      return;
    }
    if (orders.kindOf(n) === "rejected")
      this.violate("rejected", "an order with a wrong total was placed", n);
    const { status, attempts } = record.delivery;
    if (status === DELIVERY_STATUS.delivered) this.tally.delivered++;
    if (status !== DELIVERY_STATUS.delivered || record.undelivered !== undefined)
      this.violate("undelivered", `the order is ${status} after ${attempts} attempts`, n);
    const got = this.evidence.consumers.every(({ received }) => (received[n] ?? 0) > 0);
    if ((status === DELIVERY_STATUS.delivered) !== got) this.violate("status", this.receipts(n, status), n);
  }

  private examineOrder(n: number): void {
    const { ledger, consumers } = this.evidence;
    const stored = this.storedVersion[n] ?? 0;
    for (const version of ledger.orders.versionsOf(n)) this.examineContent(n, version, stored);
    const came = consumers.filter(({ received }) => (received[n] ?? 0) > 0);
    if (came.length > 0 && came.length < consumers.length)
      this.violate("everywhere", this.receipts(n, "delivered in part"), n);
    if (this.rejected[n] && came.length > 0) this.violate("rejected", this.receipts(n, "REJECTED"), n);
    if (stored === 0 && came.length > 0) this.violate("foreign", this.receipts(n, "not stored"), n);
    for (const { service, versions } of consumers)
      if (stored > 0 && ((versions[n] ?? 0) & ~(1 << (stored - 1))) !== 0)
        this.violate("conflict", `${service} got the content that is not the stored one`, n);
  }

  /** One content that was posted under the order's id. */
  private examineContent(n: number, version: Version, stored: number): void {
    const { ledger } = this.evidence;
    const isDead = ((this.deadVersions[n] ?? 0) & (1 << version)) !== 0;
    if (stored === version + 1) return;
    if (!ledger.isAccepted(n, version)) {
      if (ledger.isSent(n, version) && !isDead) this.tally.unconfirmed++;
      return;
    }
    if (stored === 0 && isDead)
      this.violate("accepted", "it waits in the dead-letter queue: nothing redrove it", n);
    else if (stored === 0) this.violate("accepted", "it is neither stored nor dead-lettered", n);
    else if (!isDead)
      this.violate("conflict", "the content that came second is not in the dead-letter queue", n);
  }

  private async examineEffects(): Promise<void> {
    const { ledger, consumers } = this.evidence;
    for (const consumer of consumers) {
      const seen = new Uint8Array(ledger.orders.count);
      for await (const { order, count } of consumer.effects()) {
        const n = ledger.orders.numberOf(order.slice(order.indexOf("/") + 1));
        if (n === undefined) this.violate("foreign", `${consumer.service} had effect for ${order}`);
        else seen[n] = Math.min(count, 255);
      }
      for (let n = 0; n < seen.length; n++)
        if (seen[n] !== ((consumer.received[n] ?? 0) > 0 ? 1 : 0))
          this.violate(
            "once",
            `${consumer.service} got it ${consumer.received[n]} times, with effect ${seen[n]} times`,
            n,
          );
    }
  }

  private receipts(n: number, standing: string): string {
    const counts = this.evidence.consumers.map(({ service, received }) => `${service} ${received[n] ?? 0}`);
    return `the order is ${standing}; its event came so often: ${counts.join(", ")}`;
  }
}

/** The order's number of what looks like one of the orders. */
export function numberIn(body: string, orders: Ledger["orders"]): number | undefined {
  const id = /"orderId":"([0-9a-f-]{36})"/.exec(body)?.[1];
  return id === undefined ? undefined : orders.numberOf(id);
}
