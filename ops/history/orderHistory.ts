import { ORDER_STATUS, type OrderRecord } from "../../contracts/orderRecord";
import { isAccessDenied } from "../awsErrors";
import type { FailedMessage } from "../failures/failedMessage";
import { readFailureQueue } from "../failures";
import { findOrders } from "../orders";
import { failureQueuesOf } from "../queues";
import type { Stack } from "../target";
import { executionsOf } from "./executions";
import type { ExecutionHistory, OrderHistory } from "./model";
import { searchLog, type LogSearchOptions } from "./searchLog";

export interface HistoryOptions extends LogSearchOptions {
  /** Only this customer's order: several customers may have one under the same id. */
  readonly customerId?: string | undefined;
  /** What the failure queues hold of it, where they have been looked through already. */
  readonly failures?: OrderFailures | undefined;
  readonly signal: AbortSignal;
}

/** What the failure queues hold of orders with an id. */
export interface OrderFailures {
  readonly failures: readonly FailedMessage[];
  /** Queues that could not be looked into. */
  readonly unread: OrderHistory["unread"];
}

/** Of each failure queue so many messages are looked through. */
const MESSAGES_MAX = 200;

/**
 * What is known of the orders with an id: one per customer who has such an order, and one for what the failure queues
 * hold of customers whose order is not stored. Empty when nobody knows the id.
 */
export async function readOrderHistories(
  stack: Stack,
  orderId: string,
  options: HistoryOptions,
): Promise<OrderHistory[]> {
  const [records, { failures, unread }] = await Promise.all([
    findOrders(stack, orderId),
    options.failures ?? findFailures(stack, orderId, options.signal),
  ]);
  const wanted = (customerId: string | undefined) =>
    options.customerId === undefined || customerId === undefined || customerId === options.customerId;
  const stored = records.filter(({ customerId }) => wanted(customerId));
  const orphans = failures.filter(
    (message) =>
      !records.some((record) => isAbout(message, record)) &&
      message.orders.some((key) => key.orderId === orderId && wanted(key.customerId)),
  );
  const histories = await Promise.all(
    stored.map(async (record): Promise<OrderHistory> => ({
      orderId,
      record,
      failures: failures.filter((message) => isAbout(message, record)),
      unread,
      ...(await findExecutions(stack, record, options)),
    })),
  );
  if (orphans.length === 0) return histories;
  return [
    ...histories,
    { orderId, record: undefined, executions: [], failures: orphans, unread, log: undefined },
  ];
}

function isAbout(message: FailedMessage, { orderId, customerId }: OrderRecord): boolean {
  return message.orders.some(
    (key) => key.orderId === orderId && (key.customerId === undefined || key.customerId === customerId),
  );
}

/** A rejected order goes nowhere: nothing is looked for. */
async function findExecutions(
  stack: Stack,
  record: OrderRecord,
  options: HistoryOptions,
): Promise<{ executions: ExecutionHistory[]; log: OrderHistory["log"] }> {
  if (record.status !== ORDER_STATUS.placed) return { executions: [], log: undefined };
  const { events, complete, window } = await searchLog(stack, record, options);
  const executions = executionsOf(events, record.delivery.executionIds, Date.now());
  return {
    executions: executions.filter(
      ({ recorded, customerId }) => recorded || customerId === undefined || customerId === record.customerId,
    ),
    log: { ...window, complete },
  };
}

/** Looks through every failure queue for an order's id. */
export async function findFailures(
  stack: Stack,
  orderId: string,
  signal: AbortSignal,
): Promise<OrderFailures> {
  const options = { limit: MESSAGES_MAX, thorough: false, signal };
  const failures: FailedMessage[] = [];
  const unread: { queue: string; reason: string }[] = [];
  await Promise.all(
    failureQueuesOf(stack).map(async (queue) => {
      try {
        const { messages, more } = await readFailureQueue(stack, queue, options);
        failures.push(...messages.filter(({ orders }) => orders.some((key) => key.orderId === orderId)));
        if (more) unread.push({ queue: queue.name, reason: "it has messages that were not looked at" });
      } catch (error) {
        // Who may read the table but not the queues still gets the rest.
        if (!isAccessDenied(error)) throw error;
        unread.push({ queue: queue.name, reason: "the credentials do not permit it" });
      }
    }),
  );
  return { failures, unread };
}
