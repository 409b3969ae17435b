import { contentHash } from "../contracts/contentHash";
import { UUID_PATTERN } from "../contracts/order";
import { checkOrder } from "../contracts/orderCheck";
import { ORDER_MESSAGE_ATTRIBUTES } from "../contracts/orderMessage";
import {
  DELIVERY_STATUS,
  ORDER_STATUS,
  undeliveredShard,
  type OrderRecord,
  type PlacedOrder,
} from "../contracts/orderRecord";
import { WORKFLOW_INPUT_BYTES_MAX, workflowInputOf } from "../contracts/workflowInput";

/** The message cannot be an order at all: no attempt will store it. */
export class UnreadableMessage extends Error {
  override readonly name = "UnreadableMessage";
}

/** A message of the order queue as Lambda hands it over, as far as it is read. */
export interface QueuedMessage {
  readonly body: string;
  readonly messageAttributes: Readonly<Record<string, { readonly stringValue?: string | undefined }>>;
  readonly attributes: {
    /** Milliseconds since the epoch. */
    readonly SentTimestamp: string;
    readonly AWSTraceHeader?: string | undefined;
  };
}

/** A message of the order queue, read but not checked against the contract yet. */
export interface OrderMessage {
  readonly customerId: string;
  readonly orderId: string;
  readonly placedAt: string;
  readonly requestId: string | undefined;
  readonly traceHeader: string | undefined;
  /** The parsed body. */
  readonly posted: object;
}

/** @throws UnreadableMessage when there is no customer, no JSON object or no order id to store it under */
export function readOrderMessage(message: QueuedMessage): OrderMessage {
  const attribute = (name: string) => message.messageAttributes[name]?.stringValue;
  const customerId = attribute(ORDER_MESSAGE_ATTRIBUTES.customerId);
  if (customerId === undefined || customerId === "") throw new UnreadableMessage("No customerId attribute.");
  const posted = parseObject(message.body);
  const orderId: unknown = (posted as { orderId?: unknown }).orderId;
  if (typeof orderId !== "string" || !UUID_PATTERN.test(orderId))
    throw new UnreadableMessage("The body's orderId is not a lower-case UUID.");
  return {
    customerId,
    orderId,
    placedAt: acceptedAt(attribute(ORDER_MESSAGE_ATTRIBUTES.acceptedAt) ?? message.attributes.SentTimestamp),
    requestId: attribute(ORDER_MESSAGE_ATTRIBUTES.requestId),
    traceHeader: message.attributes.AWSTraceHeader,
    posted,
  };
}

/** The record to store: PLACED, or REJECTED with the reasons. */
export function recordOf(message: OrderMessage): OrderRecord {
  const stored = {
    customerId: message.customerId,
    orderId: message.orderId,
    placedAt: message.placedAt,
    order: JSON.stringify(message.posted),
    contentHash: contentHash(message.posted),
    requestId: message.requestId,
    traceHeader: message.traceHeader,
  };
  const check = checkOrder(message.posted);
  if (!check.valid) return { ...stored, status: ORDER_STATUS.rejected, reasons: [...check.reasons] };
  const placed: PlacedOrder = {
    ...stored,
    status: ORDER_STATUS.placed,
    delivery: { status: DELIVERY_STATUS.pending, attempts: 0, executionIds: [] },
    undelivered: undeliveredShard(message.orderId),
  };
  const bytes = Buffer.byteLength(workflowInputOf(placed, check.order));
  if (bytes <= WORKFLOW_INPUT_BYTES_MAX) return placed;
  const reason = `order: is too large: ${bytes} bytes once escaped, and its delivery can carry ${WORKFLOW_INPUT_BYTES_MAX}`;
  return { ...stored, status: ORDER_STATUS.rejected, reasons: [reason] };
}

function parseObject(body: string): object {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new UnreadableMessage("The body is not JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UnreadableMessage("The body is not a JSON object.");
  return value;
}

function acceptedAt(epochMs: string): string {
  const date = new Date(Number(epochMs));
  if (Number.isNaN(date.getTime()))
    throw new UnreadableMessage("The acceptedAt attribute is not a time in milliseconds.");
  return date.toISOString();
}
