import { randomUUID } from "node:crypto";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
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
