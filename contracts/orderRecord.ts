import { createHash } from "node:crypto";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as z from "zod";
import { UUID_PATTERN } from "./order";

/** PLACED: on its way downstream. REJECTED: breaks the contract, kept so that its client can read why; goes nowhere. */
export const ORDER_STATUS = { placed: "PLACED", rejected: "REJECTED" } as const;

/** PENDING until every step is done. FAILED: the reconciler gave up; an operator can start it again. */
export const DELIVERY_STATUS = { pending: "PENDING", delivered: "DELIVERED", failed: "FAILED" } as const;

/** The keys and indexes of the orders table. */
export const ORDERS_TABLE = {
  partitionKey: "customerId",
  sortKey: "orderId",
  byOrderId: { name: "byOrderId", partitionKey: "orderId" },
  /** Sparse: only a placed order that is not delivered yet carries the partition key. */
  undelivered: { name: "undelivered", partitionKey: "undelivered", sortKey: "placedAt" },
} as const;

/** Undelivered orders are spread over this many partitions of their index, so that a sale heats none. */
export const UNDELIVERED_SHARDS = 16;

const delivery = z.object({
  status: z.enum(DELIVERY_STATUS),
  /** How many executions of the workflow ended, with success or without. */
  attempts: z.int().min(0),
  /** ARNs of the executions that ended, oldest first. */
  executionIds: z.array(z.string()),
  deliveredAt: z.iso.datetime().optional(),
  /** Of the published event. */
  messageId: z.string().optional(),
  lastError: z.string().optional(),
  /** How often the reconciler has started the delivery again. */
  reconciliations: z.int().min(0).optional(),
  /** Whoever claimed the order last may be delivering it: until then the reconciler leaves it alone. ISO 8601, UTC. */
  retryAt: z.iso.datetime().optional(),
});

const stored = {
  customerId: z.string().min(1),
  orderId: z.string().regex(UUID_PATTERN),
  /** When the order was accepted: ISO 8601, UTC. */
  placedAt: z.iso.datetime(),
  /** What the client posted, as JSON text. */
  order: z.string(),
  contentHash: z.string(),
  /** The API's request id, for the logs of every hop. */
  requestId: z.string().optional(),
  /** X-Ray's trace header, so that a trace survives the stream. */
  traceHeader: z.string().optional(),
};

/**
 * One item of the orders table: the truth about an order. A reader leaves out attributes that it does not know: while a
 * deployment is under way, an older function reads what a newer one wrote.
 */
export const orderRecord = z.discriminatedUnion("status", [
  z.object({
    ...stored,
    status: z.literal(ORDER_STATUS.placed),
    delivery,
    /** Shard of the `undelivered` index; the workflow removes it when it has delivered. */
    undelivered: z
      .int()
      .min(0)
      .max(UNDELIVERED_SHARDS - 1)
      .optional(),
  }),
  z.object({
    ...stored,
    status: z.literal(ORDER_STATUS.rejected),
    reasons: z.array(z.string()).min(1),
  }),
]);

export type OrderRecord = z.infer<typeof orderRecord>;
export type PlacedOrder = Extract<OrderRecord, { status: "PLACED" }>;

/** The shard of the `undelivered` index for an order. */
export function undeliveredShard(orderId: string): number {
  return createHash("sha256").update(orderId).digest().readUInt32BE() % UNDELIVERED_SHARDS;
}

/** The record as DynamoDB's typed attributes. */
export function toItem(record: OrderRecord): Record<string, AttributeValue> {
  return marshall(record, { removeUndefinedValues: true });
}

/** @throws z.ZodError when the item is no order record */
export function fromItem(item: Record<string, AttributeValue>): OrderRecord {
  return orderRecord.parse(unmarshall(item));
}
