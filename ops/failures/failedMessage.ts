import type { Message } from "@aws-sdk/client-sqs";
import type { StreamBatch } from "./streamFailure";

/** An order that a message is about. */
export interface OrderKey {
  readonly orderId: string;
  /** Not every message names it. */
  readonly customerId: string | undefined;
}

/** One message in a dead-letter or failure queue. */
export interface FailedMessage {
  /** The key of the queue in the stack's output `deadLetterQueueUrls`. */
  readonly queue: string;
  readonly messageId: string;
  /**
   * `order`: was to be stored. `orderEvent`: was to be received by a downstream service. `streamFailure`: tells where
   * in the table's stream the orders are whose deliveries did not start. `deliveryFailure`: tells of an order that the
   * reconciler gave up. `failedRun`: tells of a run of the reconciler. `other`: of a queue that has no such meaning.
   */
  readonly kind: "order" | "orderEvent" | "streamFailure" | "deliveryFailure" | "failedRun" | "other";
  /** None where the message does not tell; a stream failure can be about several. */
  readonly orders: readonly OrderKey[];
  /** Why it is there, as far as can be told. */
  readonly reason: string;
  /** Why it makes no sense to send it again; undefined when it does. */
  readonly obstacle: string | undefined;
  /** Whether it only has to be read: redriving takes it off the queue and does nothing else. */
  readonly settled: boolean;
  /** When it was first sent, which a dead-letter queue keeps; milliseconds since the epoch. */
  readonly sentAt: number;
  /** This reading included. */
  readonly receives: number;
  /** Of a stream failure. */
  readonly batch: StreamBatch | undefined;
  /** As SQS gave it: holds personal data. */
  readonly message: Message;
}
