import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { ConditionalCheckFailedException, DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import {
  DELIVERY_STATUS,
  fromItem,
  ORDER_STATUS,
  type OrderRecord,
  type PlacedOrder,
} from "../../contracts/orderRecord";
import { claimForOperator, SHORTEST_RETRY_SECONDS } from "../../contracts/reconciliation";
import { executionName, nextExecution } from "../../contracts/workflowInput";
import { time } from "../format";
import { LONGEST_EXECUTION_MS } from "../history/executions";
import { executionNameOf, parseExecutionEvent } from "../history/logEvent";
import { readOrder } from "../orders";
import type { Stack } from "../target";

/** What came of it. */
export type Start =
  | { readonly started: true; readonly executionArn: string }
  | { readonly started: false; readonly why: string };

export interface StartOptions {
  /** Whether a delivered order is published again, for an event that SNS has lost. */
  readonly again?: boolean;
  /** Whether to start it though an attempt may be under way. */
  readonly force?: boolean;
}

/**
 * Starts the next attempt to deliver an order that is not delivered. It is claimed first: of several operators and the
 * reconciler, one starts it, and the reconciler then leaves it alone until an execution must have ended. An order that
 * was given up is undelivered again.
 *
 * Whether an attempt is under way is also looked up in the log, which may be late: an order may be delivered twice,
 * which its consumers expect.
 */
export async function startDelivery(
  stack: Stack,
  { customerId, orderId }: Pick<PlacedOrder, "customerId" | "orderId">,
  { again = false, force = false }: StartOptions = {},
): Promise<Start> {
  const record = placed(await readOrder(stack, customerId, orderId));
  if (!record) return { started: false, why: "it is no placed order any more" };
  if (record.delivery.status === DELIVERY_STATUS.delivered)
    return again ? start(stack, record) : { started: false, why: "it is delivered already" };
  // Nobody delivers what was given up, and it is in no index: it must not stay so while its message goes.
  const isGivenUp = record.delivery.status === DELIVERY_STATUS.failed;
  const underWay = force || isGivenUp ? undefined : await whyUnderWay(stack, record);
  if (underWay !== undefined) return { started: false, why: underWay };
  const claimed = await claim(stack, record);
  return claimed
    ? start(stack, claimed)
    : { started: false, why: "somebody else has just started or delivered it" };
}

async function start(stack: Stack, record: PlacedOrder): Promise<Start> {
  const { executionArn = "" } = await stack.client(SFNClient).send(
    new StartExecutionCommand({
      stateMachineArn: stack.outputs.stateMachineArn,
      ...nextExecution(record),
    }),
  );
  return { started: true, executionArn };
}

/** @returns the order as it is then; undefined when somebody was faster */
async function claim(stack: Stack, record: PlacedOrder): Promise<PlacedOrder | undefined> {
  const retryAt = new Date(Date.now() + SHORTEST_RETRY_SECONDS * 1_000).toISOString();
  try {
    const { Attributes = {} } = await stack.client(DynamoDBClient).send(
      new UpdateItemCommand({
        TableName: stack.outputs.ordersTableName,
        ...claimForOperator(record, retryAt),
        ReturnValues: "ALL_NEW",
      }),
    );
    return placed(fromItem(Attributes));
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // The SDK repeats a claim whose answer was lost, and then meets the claim itself.
    const now = placed(await readOrder(stack, record.customerId, record.orderId));
    return now?.delivery.retryAt === retryAt ? now : undefined;
  }
}

function placed(record: OrderRecord | undefined): PlacedOrder | undefined {
  return record?.status === ORDER_STATUS.placed ? record : undefined;
}

/** Why an attempt may be under way; undefined when nothing says so. */
async function whyUnderWay(stack: Stack, { orderId, delivery }: PlacedOrder): Promise<string | undefined> {
  const { attempts, reconciliations = 0, retryAt } = delivery;
  // The reconciler counts its claims; an operator's has none, and is over when the order may be claimed by others.
  if (reconciliations === 0 && retryAt !== undefined && Date.parse(retryAt) > Date.now())
    return `somebody started it less than ${SHORTEST_RETRY_SECONDS / 60} minutes ago; the reconciler does so again after ${time(retryAt)} unless it is delivered, --force does at once`;
  if (await isUnderWay(stack, executionName(orderId, attempts + 1)))
    return `attempt ${attempts + 1} began less than ${LONGEST_EXECUTION_MS / 60_000} minutes ago; --force starts another`;
  return undefined;
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
