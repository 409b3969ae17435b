import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { Stack } from "../target";
import { executionNameOf, parseExecutionEvent, type ExecutionEvent } from "./logEvent";

/** Where in the log to look: milliseconds since the epoch, to the end of the log without `endAt`. */
export interface LogWindow {
  readonly startAt: number;
  readonly endAt?: number;
}

/** What a search of the log has found. */
export interface LogSearch {
  readonly events: readonly ExecutionEvent[];
  /** Whether the whole window was searched. What is not found was still not seen to be absent: a log may lack events. */
  readonly complete: boolean;
}

/**
 * Finds the events of every execution whose name starts with an order's id. Searching costs nothing on AWS but time,
 * hence the window and the limit: a page may be empty although more follow (CloudWatch Logs API reference,
 * FilterLogEvents).
 *
 * @param searchMs for how long to search
 */
export async function readExecutionEvents(
  stack: Stack,
  orderId: string,
  window: LogWindow,
  searchMs: number,
): Promise<LogSearch> {
  const deadline = Date.now() + searchMs;
  const logs = stack.client(CloudWatchLogsClient);
  const events: ExecutionEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await logs.send(
      new FilterLogEventsCommand({
        logGroupName: stack.outputs.workflowLogGroup,
        filterPattern: `"${orderId}"`,
        startTime: window.startAt,
        endTime: window.endAt,
        nextToken,
      }),
    );
    for (const { message = "" } of page.events ?? []) {
      const event = parseExecutionEvent(message);
      // An id may stand in another order's payload.
      if (event && executionNameOf(event.executionArn).startsWith(orderId)) events.push(event);
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined && Date.now() < deadline);
  return { events, complete: nextToken === undefined };
}
