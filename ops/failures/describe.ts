import type { Message } from "@aws-sdk/client-sqs";
import * as z from "zod";
import { contentHash } from "../../contracts/contentHash";
import { UUID_PATTERN } from "../../contracts/order";
import { orderEvent } from "../../contracts/orderEvent";
import { readOrderMessage, UnreadableMessage } from "../../handlers/orderMessage";
import { parseJson } from "../json";
import { readOrder } from "../orders";
import type { Stack } from "../target";
import type { FailedMessage } from "./failedMessage";
import { parseStreamFailure, readBatchOrders } from "./streamFailure";

type Description = Pick<FailedMessage, "kind" | "orders" | "reason" | "obstacle" | "batch">;

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
      ...(await describeMessage(stack, queue, message)),
    })),
  );
}

async function describeMessage(stack: Stack, queue: string, message: Message): Promise<Description> {
  if (queue === "orders") return describeOrder(stack, message);
  if (queue in stack.outputs.downstreamQueueUrls) return describeEvent(queue, message);
  const failure = parseStreamFailure(message.Body ?? "");
  return failure ? describeStreamFailure(stack, failure) : describeOther(message);
}

/** A message of the order queue that the order function could not store. */
async function describeOrder(stack: Stack, message: Message): Promise<Description> {
  const description = { kind: "order", obstacle: undefined, batch: undefined } as const;
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
      obstacle: undefined,
      batch: undefined,
    };
  return {
    kind: "orderEvent",
    orders: [],
    reason: `no order event; ${reason}`,
    obstacle: "no consumer can read it",
    batch: undefined,
  };
}

async function describeStreamFailure(
  stack: Stack,
  { batch, reason }: NonNullable<ReturnType<typeof parseStreamFailure>>,
): Promise<Description> {
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

/** What a message of another queue may tell: of its order, or of the invocation that failed. */
const other = z.object({
  orderId: z.string().regex(UUID_PATTERN).optional(),
  customerId: z.string().optional(),
  reason: z.string().optional(),
  /** Of an asynchronous invocation's on-failure destination (Lambda Developer Guide, asynchronous invocation). */
  requestContext: z.object({ condition: z.string() }).optional(),
  responsePayload: z.object({ errorMessage: z.string() }).optional(),
});

/**
 * A message of a queue without a meaning of its own here: its own words, if it has any. EventBridge Scheduler and
 * Lambda's dead-letter queues tell the error as a message attribute (their guides, dead-letter queues).
 */
function describeOther({ Body = "", MessageAttributes = {} }: Message): Description {
  const { orderId, customerId, reason, requestContext, responsePayload } =
    other.safeParse(parseJson(Body)).data ?? {};
  const attribute = MessageAttributes["ErrorMessage"] ?? MessageAttributes["ERROR_MESSAGE"];
  const invocation = [requestContext?.condition, responsePayload?.errorMessage]
    .filter((part) => part)
    .join(": ");
  return {
    kind: "other",
    orders: orderId === undefined ? [] : [{ orderId, customerId }],
    reason: reason ?? attribute?.StringValue ?? (invocation === "" ? "unknown" : invocation),
    obstacle: "where it should go is not known",
    batch: undefined,
  };
}
