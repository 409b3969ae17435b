import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { customerOf } from "./history/executions";
import { executionNameOf, parseExecutionEvent } from "./history/logEvent";
import type { Stack } from "./target";

/** An order whose delivery was started. */
export interface StartedOrder {
  readonly orderId: string;
  readonly customerId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface StartedOrders {
  /** The latest first; an order whose delivery was started again is there twice. */
  readonly orders: readonly StartedOrder[];
  /** Whether everything since then was looked at. */
  readonly complete: boolean;
}

/** A name is the order's id and the attempt. */
const UUID_LENGTH = 36;

/**
 * The orders whose deliveries were started last, by the workflow's log: the one place that has all customers' placed
 * orders in order of time. It costs nothing on AWS but time, and may lag or lack some: the records are the truth. A page
 * may be empty although more follow (CloudWatch Logs API reference, FilterLogEvents).
 *
 * @param since milliseconds since the epoch
 * @param limit how many are wanted
 * @param pages how many pages of the log to read at most
 */
export async function readStartedOrders(
  stack: Stack,
  { since, limit, pages }: { readonly since: number; readonly limit: number; readonly pages: number },
): Promise<StartedOrders> {
  const orders: StartedOrder[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < pages && orders.length < limit; page++) {
    const answer = await stack.client(CloudWatchLogsClient).send(
      new FilterLogEventsCommand({
        logGroupName: stack.outputs.workflowLogGroup,
        filterPattern: '{ $.type = "ExecutionStarted" }',
        startFromHead: false,
        startTime: since,
        limit: limit - orders.length,
        nextToken,
      }),
    );
    for (const { message = "" } of answer.events ?? []) orders.push(...startedOrder(message));
    nextToken = answer.nextToken;
    if (nextToken === undefined) return { orders, complete: true };
  }
  return { orders, complete: false };
}

/** None when the line does not tell whose order it is. */
function startedOrder(message: string): StartedOrder[] {
  const event = parseExecutionEvent(message);
  const customerId = event?.input && customerOf(event.input);
  if (!event || customerId === undefined) return [];
  const orderId = executionNameOf(event.executionArn).slice(0, UUID_LENGTH);
  return [{ customerId, orderId, startedAt: event.at }];
}
