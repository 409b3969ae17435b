import { DynamoDBClient, type AttributeValue } from "@aws-sdk/client-dynamodb";
import { InvalidExecutionInput, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Context } from "aws-lambda";
import type { DeliveryFailure } from "../contracts/deliveryFailure";
import { readEnvironment, reconcileDeliveriesEnvironment } from "../contracts/environment";
import { fromItem, ORDER_STATUS, UNDELIVERED_SHARDS } from "../contracts/orderRecord";
import { retryDelaySeconds } from "../contracts/reconciliation";
import { nextExecution } from "../contracts/workflowInput";
import { CLIENT_SETTINGS } from "./awsClients";
import { count, errorForLog, gauge, logger, withMetrics } from "./observability";
import { UndeliveredOrders, type UndeliveredOrder } from "./undeliveredOrders";

const environment = readEnvironment(reconcileDeliveriesEnvironment);
const orders = new UndeliveredOrders(new DynamoDBClient(CLIENT_SETTINGS), environment.ORDERS_TABLE_NAME);
const stepFunctions = new SFNClient(CLIENT_SETTINGS);
const sqs = new SQSClient(CLIENT_SETTINGS);

/** Orders that are taken up side by side. */
const CONCURRENCY = 10;

/** Of the function's time, what is left for counting the orders that the run does not take up. */
const COUNTING_MILLISECONDS = 60_000;

/** And what is left for reporting: a backlog of millions is counted in part. */
const REPORTING_MILLISECONDS = 10_000;

/** The order's record cannot be made into an event: no attempt will start it. */
export class UndeliverableOrder extends Error {
  override readonly name = "UndeliverableOrder";
}

/** What one run finds and does. */
interface Run {
  readonly now: Date;
  readonly context: Context;
  undelivered: number;
  oldest: string | undefined;
  takenUp: number;
  started: number;
  givenUp: number;
  /** Why the run takes up no more orders, once something failed that is not one order's fault. */
  failure: unknown;
}

/**
 * Takes up the orders that have been undelivered for too long (hop 10): starts each one's workflow again, and gives up
 * those that have had all their attempts. A schedule invokes it every few minutes.
 *
 * Orders are read and worked off by the page, so a backlog takes no more memory than a page. Two runs at once are
 * harmless: each order is claimed on the table first.
 *
 * @throws what kept it from working, after it has counted the undelivered orders: Lambda tries again
 */
export const handler = (_event: unknown, context: Context): Promise<void> =>
  withMetrics(() => reconcile(context));

async function reconcile(context: Context): Promise<void> {
  const now = new Date();
  const run: Run = {
    ...{ now, context, undelivered: 0, oldest: undefined },
    ...{ takenUp: 0, started: 0, givenUp: 0, failure: undefined },
  };
  const placedBefore = new Date(now.getTime() - environment.UNDELIVERED_AFTER_SECONDS * 1_000).toISOString();
  for (const shard of shardsInTurn(now))
    for await (const page of orders.pages(shard, placedBefore)) {
      if (context.getRemainingTimeInMillis() < REPORTING_MILLISECONDS) break;
      run.undelivered += page.length;
      const first = page[0]?.placedAt;
      if (first !== undefined && (run.oldest === undefined || first < run.oldest)) run.oldest = first;
      if (mayTakeUp(run)) await takeUpPage(run, await orders.due(page, now.toISOString()));
    }
  report(run);
  if (run.failure !== undefined) throw run.failure;
}

/** Another shard comes first in each run: where a run cannot take up all, none is always the last. */
function shardsInTurn(now: Date): readonly number[] {
  const first = Math.floor(now.getTime() / 60_000);
  return Array.from({ length: UNDELIVERED_SHARDS }, (_, index) => (first + index) % UNDELIVERED_SHARDS);
}

function mayTakeUp({ takenUp, failure, context }: Run): boolean {
  return (
    failure === undefined &&
    takenUp < environment.ORDERS_PER_RUN_MAX &&
    context.getRemainingTimeInMillis() > COUNTING_MILLISECONDS
  );
}

async function takeUpPage(run: Run, due: readonly UndeliveredOrder[]): Promise<void> {
  for (let next = 0; next < due.length && mayTakeUp(run); next += CONCURRENCY) {
    const room = Math.min(CONCURRENCY, environment.ORDERS_PER_RUN_MAX - run.takenUp);
    const some = due.slice(next, next + room);
    run.takenUp += some.length;
    await Promise.all(some.map((order) => takeUp(run, order)));
  }
}

async function takeUp(run: Run, order: UndeliveredOrder): Promise<void> {
  try {
    const tried = order.delivery.reconciliations ?? 0;
    if (tried >= environment.RECONCILIATIONS_MAX) await giveUp(run, order);
    else await startAgain(run, order);
  } catch (error) {
    logger.error("Delivery not reconciled", { orderId: order.orderId, ...errorForLog(error) });
    if (!isOrdersOwn(error)) run.failure ??= error;
  }
}

async function startAgain(run: Run, order: UndeliveredOrder): Promise<void> {
  const reconciliations = (order.delivery.reconciliations ?? 0) + 1;
  const delay = retryDelaySeconds(reconciliations, environment.UNDELIVERED_AFTER_SECONDS);
  // From now, not from the run's beginning: it may be minutes ago, and an execution has its time from here.
  const retryAt = new Date(Date.now() + delay * 1_000).toISOString();
  const claimed = await orders.claim(order, retryAt);
  if (claimed === undefined) return;
  const { executionArn } = await stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: environment.STATE_MACHINE_ARN,
      ...executionOf(claimed),
    }),
  );
  run.started++;
  logger.info("DeliveriesReconciled", { orderId: order.orderId, executionArn, reconciliations, retryAt });
}

/** @throws UndeliverableOrder */
function executionOf(item: Record<string, AttributeValue>): ReturnType<typeof nextExecution> {
  try {
    const record = fromItem(item);
    if (record.status === ORDER_STATUS.placed) return nextExecution(record);
  } catch (error) {
    throw new UndeliverableOrder("The record holds no order that could be delivered.", { cause: error });
  }
  throw new UndeliverableOrder("The order is marked as undelivered, but not placed.");
}

/** The message first: an order that is given up is never without one. A run that ends in between sends it again. */
async function giveUp(run: Run, order: UndeliveredOrder): Promise<void> {
  const { customerId, orderId, placedAt, delivery } = order;
  const failure: DeliveryFailure = {
    ...{ customerId, orderId, placedAt },
    failedAt: run.now.toISOString(),
    attempts: delivery.attempts,
    reconciliations: delivery.reconciliations ?? 0,
    lastError: delivery.lastError,
  };
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: environment.DELIVERY_FAILURES_QUEUE_URL,
      MessageBody: JSON.stringify(failure),
    }),
  );
  if (!(await orders.giveUp(order))) return;
  run.givenUp++;
  logger.error("DeliveriesGivenUp", { orderId, attempts: delivery.attempts });
}

/** Any other order can still be started; this one has its attempts all the same, and is given up after the last. */
function isOrdersOwn(error: unknown): boolean {
  return error instanceof UndeliverableOrder || error instanceof InvalidExecutionInput;
}

function report(run: Run): void {
  const age = run.oldest === undefined ? 0 : (run.now.getTime() - Date.parse(run.oldest)) / 1_000;
  gauge("UndeliveredOrders", "Count", run.undelivered);
  gauge("OldestUndeliveredAge", "Seconds", Math.round(age));
  count("DeliveriesReconciled", run.started);
  count("DeliveriesGivenUp", run.givenUp);
  const { undelivered, oldest, takenUp, started, givenUp } = run;
  logger.info("Reconciled", { undelivered, oldest, takenUp, started, givenUp });
}
