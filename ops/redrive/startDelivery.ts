import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { DELIVERY_STATUS, ORDER_STATUS, type PlacedOrder } from "../../contracts/orderRecord";
import { executionName, workflowInputOf } from "../../contracts/workflowInput";
import { LONGEST_EXECUTION_MS } from "../history/executions";
import { executionNameOf, parseExecutionEvent } from "../history/logEvent";
import { readOrder } from "../orders";
import type { Stack } from "../target";

/** What came of it. */
export type Start =
  | { readonly started: true; readonly executionArn: string }
  | { readonly started: false; readonly why: string };

/**
 * Starts the next attempt to deliver an order, unless it has been delivered or that attempt is under way. Its name says
 * which attempt it is, so that starting twice in a row starts one execution; EXPRESS executions do not see to that
 * themselves. That rests on the log, which may be late: an order may be delivered twice, which its consumers expect.
 */
export async function startDelivery(
  stack: Stack,
  { customerId, orderId }: Pick<PlacedOrder, "customerId" | "orderId">,
): Promise<Start> {
  const record = await readOrder(stack, customerId, orderId);
  if (record?.status !== ORDER_STATUS.placed)
    return { started: false, why: "it is no placed order any more" };
  if (record.delivery.status === DELIVERY_STATUS.delivered)
    return { started: false, why: "it is delivered already" };
  const name = executionName(orderId, record.delivery.attempts + 1);
  if (await isUnderWay(stack, name))
    return { started: false, why: `attempt ${record.delivery.attempts + 1} began less than 5 minutes ago` };
  const { executionArn = "" } = await stack.client(SFNClient).send(
    new StartExecutionCommand({
      stateMachineArn: stack.outputs.stateMachineArn,
      name,
      input: workflowInputOf(record),
      ...(record.traceHeader !== undefined && { traceHeader: record.traceHeader }),
    }),
  );
  return { started: true, executionArn };
}

/** Whether the log has an execution of this name that may still be running. */
async function isUnderWay(stack: Stack, name: string): Promise<boolean> {
  let nextToken: string | undefined;
  do {
    const page = await stack.client(CloudWatchLogsClient).send(
      new FilterLogEventsCommand({
        logGroupName: stack.outputs.workflowLogGroup,
        filterPattern: `"${name}"`,
        startTime: Date.now() - LONGEST_EXECUTION_MS,
        nextToken,
      }),
    );
    const events = (page.events ?? []).flatMap(({ message = "" }) => parseExecutionEvent(message) ?? []);
    if (events.some(({ executionArn }) => executionNameOf(executionArn) === name)) return true;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return false;
}
