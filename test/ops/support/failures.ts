import { randomUUID } from "node:crypto";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import type { DeliveryFailure } from "../../../contracts/deliveryFailure";
import { claimForReconciliation, giveUpDelivery } from "../../../contracts/reconciliation";
import { AwsError } from "../../../local/aws/error";
import { DynamoDb } from "../../../local/dynamodb/dynamoDb";
import { Sns } from "../../../local/sns/sns";
import { Sqs } from "../../../local/sqs/sqs";
import { StepFunctions } from "../../../local/stepfunctions/stepFunctions";
import { anOrder, PLACED_AT } from "../../support/orders";
import { breakService, DENIED } from "./faults";
import type { Operator } from "./operator";

/** X-Ray's trace header of orders that are in the dead-letter queue. */
export const TRACE = "Root=1-691ee3a8-0123456789abcdef01234567";

/** The URL of a dead-letter or failure queue. */
export function deadLetters({ target }: Operator, queue: string): string {
  return target.outputs.deadLetterQueueUrls[queue] ?? "";
}

/** Lets orders fail to be stored until they are in the dead-letter queue; their ids. */
export async function unstored(operator: Operator, count: number): Promise<string[]> {
  const marker = `marker-${randomUUID()}`;
  const table = breakService(DynamoDb, "PutItem", marker, { error: DENIED });
  const orders = Array.from({ length: count }, () => operator.place({ paymentReference: marker }));
  const ids = await Promise.all(orders);
  await operator.untilDeadLettered(count);
  table.mend();
  return ids;
}

/** Orders whose messages are in the dead-letter queue, as the API sent them; their ids. */
export async function deadLettered(operator: Operator, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  for (const orderId of ids)
    await operator.queues.client.send(
      new SendMessageCommand({
        QueueUrl: deadLetters(operator, "orders"),
        MessageBody: JSON.stringify(anOrder({ orderId })),
        MessageAttributes: {
          customerId: text("customer-1"),
          requestId: text("request-1"),
          acceptedAt: { DataType: "Number", StringValue: String(Date.parse(PLACED_AT)) },
        },
        MessageSystemAttributes: { AWSTraceHeader: text(TRACE) },
      }),
    );
  return ids;
}

/** An order whose delivery failed once. */
export async function failedDelivery(operator: Operator): Promise<string> {
  const orderId = randomUUID();
  const topic = breakService(Sns, "Publish", orderId);
  await operator.place({ orderId });
  await operator.passTime(() => operator.stands(orderId, "PENDING", 1));
  topic.mend();
  return orderId;
}

/** An order that the reconciler has started once more and then given up, with its message. */
export async function givenUp(operator: Operator): Promise<string> {
  const orderId = await failedDelivery(operator);
  const now = new Date().toISOString();
  await operator.update(claimForReconciliation(await operator.placed(orderId), now));
  const { customerId, placedAt, delivery } = await operator.placed(orderId);
  const { attempts, reconciliations = 0, lastError } = delivery;
  const failure: DeliveryFailure = {
    ...{ customerId, orderId, placedAt, attempts, reconciliations, lastError },
    failedAt: now,
  };
  await operator.queues.client.send(
    new SendMessageCommand({
      QueueUrl: deadLetters(operator, "deliveryFailures"),
      MessageBody: JSON.stringify(failure),
    }),
  );
  await operator.update(giveUpDelivery({ customerId, orderId, delivery }));
  return orderId;
}

/** What Lambda says of a run of the reconciler that failed, and EventBridge Scheduler of one that could not begin. */
export async function failedRuns(operator: Operator): Promise<void> {
  const invocation = {
    version: "1.0",
    timestamp: "2026-11-20T09:30:00.000Z",
    requestContext: {
      requestId: randomUUID(),
      functionArn: "arn:aws:lambda:eu-west-1:123456789012:function:reconcile-deliveries:$LATEST",
      condition: "RetriesExhausted",
      approximateInvokeCount: 3,
    },
    requestPayload: {},
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    responsePayload: { errorType: "TimeoutError", errorMessage: "The table does not answer." },
  };
  const text = (StringValue: string) => ({ DataType: "String", StringValue });
  await operator.queues.client.send(
    new SendMessageCommand({
      QueueUrl: deadLetters(operator, "reconciliations"),
      MessageBody: JSON.stringify(invocation),
    }),
  );
  await operator.queues.client.send(
    new SendMessageCommand({
      QueueUrl: deadLetters(operator, "reconciliationSchedule"),
      MessageBody: "{}",
      MessageAttributes: {
        ERROR_CODE: text("AWS.Scheduler.InternalServerError"),
        ERROR_MESSAGE: text("Lambda does not answer."),
        RETRY_ATTEMPTS: text("10"),
      },
    }),
  );
}

/** An order whose delivery never started: its place in the stream is in the failure queue. */
export async function unstarted(operator: Operator): Promise<string> {
  const orderId = randomUUID();
  const workflow = breakService(StepFunctions, "StartExecution", orderId, { error: DENIED });
  await operator.place({ orderId });
  await operator.passTime(
    async () => (await operator.queues.depth(deadLetters(operator, "deliveryStarts"))).visible > 0,
  );
  workflow.mend();
  return orderId;
}

/** An order whose event the topic could not bring to a downstream queue. */
export async function undelivered(operator: Operator, service: string): Promise<string> {
  const queueName = operator.target.outputs.downstreamQueueUrls[service]?.split("/").at(-1) ?? "";
  const refusal = breakService(Sqs, "SendMessage", queueName, {
    error: new AwsError("AccessDenied", "The queue's policy refuses it.", 403),
  });
  const orderId = await operator.deliver();
  refusal.mend();
  return orderId;
}
