import {
  type DynamoDBClient,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { orderEvent, type OrderEvent } from "../contracts/orderEvent";

/**
 * How long an event id is remembered. The last copy of an event may come late: the order is published again a day after
 * it was placed, given up, started by an operator at the end of the 14 days that the delivery-failures queue keeps its
 * message; SNS tries a queue that fails for 23 days, and what it gives up is redriven at the end of the 14 days of the
 * service's own dead-letter queue.
 */
export const REMEMBERED_SECONDS = 60 * 24 * 3_600;

export interface ConsumerOptions {
  readonly dynamodb: DynamoDBClient;
  /** A table of the consumer's own, with the string partition key `pk` and `expiresAt` as its time-to-live attribute. */
  readonly tableName: string;
  /** What the consumer does for an order, as writes that are done together with remembering its id, or not at all. */
  readonly effect: (event: OrderEvent, tableName: string) => TransactWriteItem[];
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * A Lambda handler for a downstream queue that takes each order once, although the queue may bring it again: the
 * event's id and the effect are written in one transaction.
 *
 * Its event source mapping has to report partial batch responses: only the events that failed come again.
 */
export function idempotentConsumer(options: ConsumerOptions) {
  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const outcomes = await Promise.allSettled(Records.map((record) => consume(record, options)));
    return {
      batchItemFailures: Records.filter((_, index) => outcomes[index]?.status === "rejected").map(
        ({ messageId }) => ({
          itemIdentifier: messageId,
        }),
      ),
    };
  };
}

/** An effect to start from: the sales of each currency, counted and summed. */
export function recordSale({ id, subject, data }: OrderEvent, tableName: string): TransactWriteItem[] {
  return [
    {
      Update: {
        TableName: tableName,
        Key: { pk: { S: `sales#${data.currency}` } },
        UpdateExpression: "ADD orderCount :one, revenue :revenue SET lastOrder = :order, lastEvent = :event",
        ExpressionAttributeValues: {
          ":one": { N: "1" },
          ":revenue": { N: String(data.total) },
          ":order": { S: subject },
          ":event": { S: id },
        },
      },
    },
  ];
}

async function consume(record: SQSRecord, options: ConsumerOptions): Promise<void> {
  const { dynamodb, tableName, effect, now = Date.now } = options;
  const event = orderEvent.parse(JSON.parse(record.body));
  const remember: TransactWriteItem = {
    Put: {
      TableName: tableName,
      Item: {
        pk: { S: `event#${event.id}` },
        expiresAt: { N: String(Math.floor(now() / 1_000) + REMEMBERED_SECONDS) },
      },
      ConditionExpression: "attribute_not_exists(pk)",
    },
  };
  try {
    await dynamodb.send(
      new TransactWriteItemsCommand({ TransactItems: [remember, ...effect(event, tableName)] }),
    );
  } catch (error) {
    const isKnown =
      error instanceof TransactionCanceledException &&
      error.CancellationReasons?.[0]?.Code === "ConditionalCheckFailed";
    if (!isKnown) throw error;
  }
}
