import type { Message } from "@aws-sdk/client-sqs";
import * as z from "zod";
import { contentHash } from "../../contracts/contentHash";
import { deliveryFailure, type DeliveryFailure } from "../../contracts/deliveryFailure";
import { orderEvent } from "../../contracts/orderEvent";
import { DELIVERY_STATUS, ORDER_STATUS, type OrderRecord } from "../../contracts/orderRecord";
import type { HOP_FAILURE_QUEUES } from "../../contracts/stackOutputs";
import { readOrderMessage, UnreadableMessage } from "../../handlers/orderMessage";
import { plural } from "../format";
import { parseJson } from "../json";
import { readOrder } from "../orders";
import type { Stack } from "../target";
import type { FailedMessage } from "./failedMessage";
import { parseStreamFailure, readBatchOrders } from "./streamFailure";

type Description = Pick<FailedMessage, "kind" | "orders" | "reason"> &
  Partial<Pick<FailedMessage, "obstacle" | "settled" | "batch">>;

type Describe = (stack: Stack, message: Message) => Description | Promise<Description>;

/** How messages of the failure queues that every stack has are read. */
const DESCRIBE: Readonly<Record<(typeof HOP_FAILURE_QUEUES)[number], Describe>> = {
  orders: describeOrder,
  deliveryStarts: describeStreamFailure,
  deliveryFailures: describeDeliveryFailure,
  reconciliations: describeFailedRun,
  reconciliationSchedule: describeUnbegunRun,
};

/**
 * Says of messages of a failure queue which orders they are about and why they are there. What a message does not tell
 * by itself is found out: by checking it as the order function does, or by reading the stream.
 *
 * @param queue the key in the stack's outputs
 */
export function describeMessages(
  stack: Stack,
  queue: string,
  messages: readonly Message[],
): Promise<FailedMessage[]> {
  return Promise.all(
    messages.map(async (message) => ({
      queue,
      messageId: message.MessageId ?? "",
      sentAt: Number(message.Attributes?.SentTimestamp ?? 0),
      receives: Number(message.Attributes?.ApproximateReceiveCount ?? 0),
      message,
      ...{ obstacle: undefined, settled: false, batch: undefined },
      ...(await describeMessage(stack, queue, message)),
    })),
  );
}

function describeMessage(stack: Stack, queue: string, message: Message): Description | Promise<Description> {
  if (queue in stack.outputs.downstreamQueueUrls) return describeEvent(queue, message);
  const known: Readonly<Record<string, Describe | undefined>> = DESCRIBE;
  return known[queue]?.(stack, message) ?? UNKNOWN;
}

/** A message of the order queue that the order function could not store. */
async function describeOrder(stack: Stack, message: Message): Promise<Description> {
  const description = { kind: "order" } as const;
  try {
    const { customerId, orderId, posted } = readOrderMessage({
      body: message.Body ?? "",
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue }]) => [
          name,
          { stringValue: StringValue },
        ]),
      ),
      attributes: { SentTimestamp: message.Attributes?.SentTimestamp ?? "" },
    });
    const orders = [{ customerId, orderId }];
    const stored = await readOrder(stack, customerId, orderId);
    if (!stored)
      return { ...description, orders, reason: "not stored: the order function or the table failed" };
    if (stored.contentHash === contentHash(posted))
      return { ...description, orders, reason: "stored in the meantime: sent again, it changes nothing" };
    return {
      ...description,
      orders,
      reason: "conflict: the customer placed another order under this id before",
      obstacle: "the first order stands, a corrected one takes a new id",
    };
  } catch (error) {
    if (!(error instanceof UnreadableMessage)) throw error;
    const reason = `no order: ${error.message}`;
    return { ...description, orders: [], reason, obstacle: "no attempt can store it" };
  }
}

/** An order event that a downstream queue did not get, or that its consumer did not delete. */
function describeEvent(service: string, message: Message): Description {
  const event = orderEvent.safeParse(parseJson(message.Body ?? ""));
  const fromQueue = message.Attributes?.DeadLetterQueueSourceArn !== undefined;
  const reason = fromQueue
    ? `received too often: the consumer of ${service} does not delete it`
    : `SNS could not bring it to the queue of ${service}`;
  if (event.success)
    return {
      kind: "orderEvent",
      orders: [{ orderId: event.data.subject, customerId: event.data.data.customerId }],
      reason,
    };
  return {
    kind: "orderEvent",
    orders: [],
    reason: `no order event; ${reason}`,
    obstacle: "no consumer can read it",
  };
}

/** Orders whose deliveries did not start. */
async function describeStreamFailure(stack: Stack, { Body = "" }: Message): Promise<Description> {
  const failure = parseStreamFailure(Body);
  if (!failure) return UNKNOWN;
  const { batch, reason } = failure;
  const orders = await readBatchOrders(stack, batch);
  return {
    kind: "streamFailure",
    orders: orders?.map(({ orderId, customerId }) => ({ orderId, customerId })) ?? [],
    reason,
    obstacle:
      orders === undefined
        ? `its ${batch.size} orders are no longer in the stream (24 hours): see orders --undelivered`
        : undefined,
    batch,
  };
}

/** An order that the reconciler gave up. */
async function describeDeliveryFailure(stack: Stack, { Body = "" }: Message): Promise<Description> {
  const failure = deliveryFailure.safeParse(parseJson(Body)).data;
  if (!failure) return UNKNOWN;
  const { customerId, orderId, attempts, lastError = "no execution has told an error" } = failure;
  const settledBy = howSettled(await readOrder(stack, customerId, orderId), failure);
  return {
    kind: "deliveryFailure",
    orders: [{ orderId, customerId }],
    reason: `given up after ${plural(attempts, "attempt")}: ${lastError}`,
    obstacle: settledBy,
    settled: settledBy !== undefined,
  };
}

/** What has been done about an order since it was given up. Starting it again takes its reconciliations back to none. */
function howSettled(
  record: OrderRecord | undefined,
  { reconciliations }: DeliveryFailure,
): string | undefined {
  if (record?.status !== ORDER_STATUS.placed) return "the order is no longer stored";
  const { status, reconciliations: now = 0 } = record.delivery;
  if (status === DELIVERY_STATUS.delivered) return "delivered in the meantime";
  // Not yet marked as given up is not the same: its message comes first.
  if (status === DELIVERY_STATUS.pending && now < reconciliations) return "started again in the meantime";
  return undefined;
}

/** Nothing is lost with a run: the orders that it should have taken up stay marked. */
const NEXT_RUN = {
  kind: "failedRun",
  orders: [],
  obstacle: "the next run does its work",
  settled: true,
} as const;

/** What Lambda says of an asynchronous invocation that failed (Lambda Developer Guide, "Retaining records of asynchronous invocations"). */
const invocationRecord = z.object({
  requestContext: z.object({ condition: z.string(), approximateInvokeCount: z.number() }),
  /** What the function answered; of one that was never invoked there is none. */
  responsePayload: z
    .object({ errorType: z.string().optional(), errorMessage: z.string().optional() })
    .optional()
    .catch(undefined),
});

/** A run of the reconciler that failed. */
function describeFailedRun(_stack: Stack, { Body = "" }: Message): Description {
  const record = invocationRecord.safeParse(parseJson(Body)).data;
  if (!record) return { ...NEXT_RUN, reason: "a run failed" };
  const { requestContext, responsePayload: { errorType, errorMessage } = {} } = record;
  const { condition, approximateInvokeCount } = requestContext;
  const ended = `${condition} after ${plural(approximateInvokeCount, "invocation")}`;
  return { ...NEXT_RUN, reason: joined("a run failed", ended, errorType, errorMessage) };
}

/** A run that could not begin: why is in the message's attributes (EventBridge Scheduler User Guide, dead-letter queue). */
function describeUnbegunRun(_stack: Stack, { MessageAttributes = {} }: Message): Description {
  const { ERROR_CODE, ERROR_MESSAGE } = MessageAttributes;
  return {
    ...NEXT_RUN,
    reason: joined("a run could not begin", ERROR_CODE?.StringValue, ERROR_MESSAGE?.StringValue),
  };
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== "").join(": ");
}

/** A message of a queue without a meaning of its own here, or that is not what its queue is for. */
const UNKNOWN: Description = {
  kind: "other",
  orders: [],
  reason: "unknown: --verbose shows the message",
  obstacle: "where it should go is not known",
};
