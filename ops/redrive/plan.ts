import { ListDeadLetterSourceQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DELIVERY_STATUS, ORDER_STATUS, type PlacedOrder } from "../../contracts/orderRecord";
import { readFailureQueue } from "../failures";
import type { FailedMessage } from "../failures/failedMessage";
import { findOrders, listOrders, readOrder } from "../orders";
import { failureQueuesOf, type QueueName } from "../queues";
import type { Stack } from "../target";

/** What is to be sent on its way again: all that fits every part that is given. At least one is. */
export interface Selection {
  readonly queue?: QueueName | undefined;
  readonly orderId?: string | undefined;
  /** A part of the reason why a message failed, or of a delivery's last error; upper and lower case are the same. */
  readonly reason?: string | undefined;
}

export interface PlanOptions {
  /** Of each queue, and of the deliveries, at most so many. */
  readonly limit: number;
  /** Whether to send again even what it makes no sense for. */
  readonly force: boolean;
  readonly signal: AbortSignal;
}

/** One thing to do. */
export type Step =
  /** Back to the queue that it came from, then off the failure queue. */
  | {
      readonly action: "send";
      readonly queue: QueueName;
      readonly message: FailedMessage;
      readonly to: string;
    }
  /** A new execution for each undelivered order that it is about, then off the failure queue. */
  | { readonly action: "startOrders"; readonly queue: QueueName; readonly message: FailedMessage }
  /** Off the failure queue: there is nothing else to do about it. */
  | { readonly action: "drop"; readonly queue: QueueName; readonly message: FailedMessage }
  /** A new execution for an order whose delivery has failed; `again`: though it is delivered. */
  | { readonly action: "start"; readonly record: PlacedOrder; readonly again: boolean };

/** What is left as it is, and why. */
export interface Skipped {
  readonly subject: FailedMessage | PlacedOrder;
  readonly why: string;
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly skipped: readonly Skipped[];
  /** The queue that SQS can move by itself, whole. */
  readonly moveQueue: QueueName | undefined;
  /** Whether the selection may hold more than the limit let through. */
  readonly more: boolean;
}

/** Finds what a selection means. Changes nothing. */
export async function planRedrive(stack: Stack, selection: Selection, options: PlanOptions): Promise<Plan> {
  const queues = selection.queue ? [selection.queue] : failureQueuesOf(stack);
  const found = await Promise.all(
    queues.map(async (queue) => {
      const { messages, more } = await readFailureQueue(stack, queue, { ...options, thorough: true });
      const wanted = messages.filter((message) => fits(message, selection));
      return { steps: wanted.map((message) => stepFor(stack, queue, message, options.force)), more };
    }),
  );
  const fromMessages = found.flatMap(({ steps }) => steps);
  const inMessages = new Set(
    fromMessages.flatMap((step) => ("why" in step ? [] : ordersOf(step).map(({ orderId }) => orderId))),
  );
  const deliveries = selection.queue ? [] : await failedDeliveries(stack, selection, options);
  const steps = [
    ...fromMessages.flatMap((step) => ("why" in step ? [] : [step])),
    ...deliveries
      .filter(({ orderId }) => !inMessages.has(orderId))
      .map((record): Step => ({ action: "start", record, again: isDelivered(record) })),
  ];
  const skipped = fromMessages.flatMap((step) => ("why" in step ? [step] : []));
  const more = found.some((queue) => queue.more);
  const moveQueue = await movableQueue(stack, selection, steps, { skipped: skipped.length, more });
  return { steps, skipped, moveQueue, more };
}

/** The orders that a step is about. */
export function ordersOf(step: Step): FailedMessage["orders"] {
  return step.action === "start" ? [step.record] : step.message.orders;
}

function fits(message: FailedMessage, { orderId, reason }: Selection): boolean {
  const about = orderId === undefined || message.orders.some((key) => key.orderId === orderId);
  return about && (reason === undefined || contains(message.reason, reason));
}

function contains(text: string, part: string): boolean {
  return text.toLowerCase().includes(part.toLowerCase());
}

function stepFor(stack: Stack, queue: QueueName, message: FailedMessage, force: boolean): Step | Skipped {
  const { kind, obstacle, settled } = message;
  if (settled) return { action: "drop", queue, message };
  if (obstacle !== undefined && !force) return { subject: message, why: obstacle };
  if (kind === "streamFailure") return { action: obstacle ? "drop" : "startOrders", queue, message };
  if (kind === "deliveryFailure") return { action: "startOrders", queue, message };
  const { ordersQueueUrl, downstreamQueueUrls } = stack.outputs;
  const to = kind === "order" ? ordersQueueUrl : downstreamQueueUrls[queue.name];
  if (kind === "other" || to === undefined)
    return { subject: message, why: "where it should go is not known" };
  return { action: "send", queue, message, to };
}

/** Placed orders whose delivery has ended without success, or never began; a named one by force in any case. */
async function failedDeliveries(
  stack: Stack,
  { orderId, reason }: Selection,
  { limit, force }: PlanOptions,
): Promise<PlacedOrder[]> {
  const records =
    orderId === undefined
      ? await undeliveredWith(stack, reason ?? "", limit)
      : (await findOrders(stack, orderId)).filter(
          (record) => reason === undefined || contains(lastError(record), reason),
        );
  return records.flatMap((record) =>
    record.status === ORDER_STATUS.placed && (!isDelivered(record) || (force && orderId !== undefined))
      ? [record]
      : [],
  );
}

function isDelivered({ delivery }: PlacedOrder): boolean {
  return delivery.status === DELIVERY_STATUS.delivered;
}

async function undeliveredWith(stack: Stack, reason: string, limit: number) {
  const { orders } = await listOrders(stack, { undelivered: true, limit, scanLimit: 0 });
  const wanted = orders.filter((order) => contains(lastError(order), reason));
  const records = await Promise.all(
    wanted.map(({ customerId, orderId }) => readOrder(stack, customerId, orderId)),
  );
  return records.flatMap((record) => record ?? []);
}

function lastError(record: {
  readonly status: string;
  readonly delivery?: { readonly lastError?: string | undefined };
}): string {
  return record.delivery?.lastError ?? "";
}

/**
 * SQS moves whole dead-letter queues by itself, if they are those of queues: not what a subscription or a function has
 * put there (SQS API reference, StartMessageMoveTask), so not a downstream service's, which its subscription shares.
 */
async function movableQueue(
  stack: Stack,
  { queue, orderId, reason }: Selection,
  steps: readonly Step[],
  { skipped, more }: { readonly skipped: number; readonly more: boolean },
): Promise<QueueName | undefined> {
  if (!queue || orderId !== undefined || reason !== undefined || skipped > 0 || more) return undefined;
  if (queue.name in stack.outputs.downstreamQueueUrls || steps.length === 0) return undefined;
  const cameFromQueue = (step: Step) =>
    step.action === "send" && step.message.message.Attributes?.DeadLetterQueueSourceArn !== undefined;
  if (!steps.every(cameFromQueue)) return undefined;
  const { queueUrls = [] } = await stack
    .client(SQSClient)
    .send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: queue.url }));
  return queueUrls.length > 0 ? queue : undefined;
}
