import * as z from "zod";
import type { Order } from "./order";
import { orderEventMessage } from "./orderEvent";
import type { PlacedOrder } from "./orderRecord";

/**
 * Most bytes that the input of a workflow may have. A state's data may have 262,144, and going past that is an error
 * that `States.ALL` does not catch (Step Functions Developer Guide, error handling): the room between is for results.
 */
export const WORKFLOW_INPUT_BYTES_MAX = 250_000;

/** When an execution is ended at the latest. A new attempt waits at least twice as long, so that two never race. */
export const WORKFLOW_TIMEOUT_SECONDS = 240;

/** What starts a delivery. */
export const workflowInput = z.strictObject({
  customerId: z.string(),
  orderId: z.string(),
  /** The finished event: the workflow publishes these very bytes. */
  message: z.string(),
  /** The event's message attributes. */
  attributes: z.strictObject({ eventType: z.string(), channel: z.string(), country: z.string() }),
});

export type WorkflowInput = z.infer<typeof workflowInput>;

/**
 * The workflow's input for a placed order, as the JSON text that starts the execution.
 *
 * @param placed the order that the record holds, where it has been read already
 */
export function workflowInputOf(
  record: Pick<PlacedOrder, "customerId" | "orderId" | "placedAt" | "order">,
  placed?: Order,
): string {
  const input: WorkflowInput = {
    customerId: record.customerId,
    orderId: record.orderId,
    ...orderEventMessage(record, placed),
  };
  return JSON.stringify(input);
}

/**
 * The execution's name: starts with the order's id, so that its history can be found by it.
 *
 * @param attempt 1 for the first
 */
export function executionName(orderId: string, attempt: number): string {
  return `${orderId}-${attempt}`;
}

/** The members of StartExecution that start an order's next attempt, but for the machine. */
export function nextExecution(record: PlacedOrder) {
  return {
    name: executionName(record.orderId, record.delivery.attempts + 1),
    input: workflowInputOf(record),
    ...(record.traceHeader !== undefined && { traceHeader: record.traceHeader }),
  };
}
