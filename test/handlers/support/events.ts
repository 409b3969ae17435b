import type { AttributeValue as StreamValue, Context, DynamoDBRecord, SQSRecord } from "aws-lambda";
import { toItem, type OrderRecord } from "../../../contracts/orderRecord";
import { anOrder, aPlacedOrder, CUSTOMER_ID, PLACED_AT } from "../../support/orders";

export interface OrderMessageParts {
  readonly messageId?: string;
  readonly body?: string;
  /** Message attributes by name; `undefined` leaves one out. */
  readonly messageAttributes?: Readonly<Record<string, string | undefined>>;
  readonly traceHeader?: string;
  readonly sentTimestamp?: string;
}

/** A message of the order queue as the API puts it there. */
export function anOrderMessage(parts: OrderMessageParts = {}): SQSRecord {
  const attributes = {
    customerId: CUSTOMER_ID,
    requestId: "DsX9vGo8DoEFbRw=",
    acceptedAt: String(Date.parse(PLACED_AT)),
    ...parts.messageAttributes,
  };
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    messageId: parts.messageId ?? "message-1",
    receiptHandle: "receipt-1",
    body: parts.body ?? JSON.stringify(anOrder()),
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: parts.sentTimestamp ?? String(Date.parse(PLACED_AT) + 40),
      SenderId: "AROAEXAMPLE:gateway",
      ApproximateFirstReceiveTimestamp: String(Date.parse(PLACED_AT) + 60),
      ...(parts.traceHeader !== undefined && { AWSTraceHeader: parts.traceHeader }),
    },
    messageAttributes: Object.fromEntries(
      given.map(([name, value]) => [name, { dataType: "String", stringValue: value }]),
    ),
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-west-1:123456789012:orders-1",
    awsRegion: "eu-west-1",
  };
}

/** The stream's record of a new item. */
export function anInsert(
  sequenceNumber: string,
  record: OrderRecord = aPlacedOrder(),
  changes: Readonly<Record<string, StreamValue>> = {},
): DynamoDBRecord {
  // Without binary values, which an order does not hold, the SDK's shape is the event's.
  const image = { ...(toItem(record) as Record<string, StreamValue>), ...changes };
  return {
    eventID: `event-${sequenceNumber}`,
    eventName: "INSERT",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: "eu-west-1",
    eventSourceARN: "arn:aws:dynamodb:eu-west-1:123456789012:table/orders-1/stream/2026-11-20T00:00:00.000",
    dynamodb: {
      ApproximateCreationDateTime: Date.parse(PLACED_AT) / 1000,
      Keys: { customerId: { S: record.customerId }, orderId: { S: record.orderId } },
      NewImage: image,
      SequenceNumber: sequenceNumber,
      SizeBytes: 1_000,
      StreamViewType: "NEW_IMAGE",
    },
  };
}

/** The context of one invocation. */
export const CONTEXT: Context = {
  callbackWaitsForEmptyEventLoop: true,
  functionName: "function-1",
  functionVersion: "$LATEST",
  invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:function-1",
  memoryLimitInMB: "512",
  awsRequestId: "8a8a1a3e-0d4f-4b7a-9d43-0a4b7c7b1c11",
  logGroupName: "function-1",
  logStreamName: "1",
  getRemainingTimeInMillis: () => 10_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
};
