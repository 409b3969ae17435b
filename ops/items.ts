import {
  BatchGetItemCommand,
  DynamoDBClient,
  QueryCommand,
  type AttributeValue,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { setTimeout as sleep } from "node:timers/promises";
import type { Stack } from "./target";

/** An item of the orders table, or of an index of it, as DynamoDB's typed attributes. */
export type Item = Record<string, AttributeValue>;

/** The attributes of an item that are wanted. */
export interface Projection {
  readonly ProjectionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
}

/** BatchGetItem takes this many keys (DynamoDB API reference). */
const KEYS_PER_BATCH = 100;

/** Before keys that DynamoDB left out are asked for again. */
const PAUSE_MS = 100;

/** The first items of a query, of as many pages as it takes. */
export async function queryUpTo(
  stack: Stack,
  wanted: number,
  input: Omit<QueryCommandInput, "TableName">,
): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await stack.client(DynamoDBClient).send(
      new QueryCommand({
        TableName: stack.outputs.ordersTableName,
        ...input,
        // With a filter, the limit would count what it drops.
        ...(input.FilterExpression === undefined &&
          Number.isFinite(wanted) && { Limit: wanted - items.length }),
        ExclusiveStartKey: start,
      }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start !== undefined && items.length < wanted);
  return items;
}

/** Consistently, in no particular order; an item that is gone by now is left out. */
export async function readItems(
  stack: Stack,
  keys: readonly Item[],
  projection?: Projection,
): Promise<Item[]> {
  const { ordersTableName } = stack.outputs;
  const items: Item[] = [];
  let waiting = [...keys];
  while (waiting.length > 0) {
    const request = { Keys: waiting.slice(0, KEYS_PER_BATCH), ConsistentRead: true, ...projection };
    const { Responses = {}, UnprocessedKeys = {} } = await stack
      .client(DynamoDBClient)
      .send(new BatchGetItemCommand({ RequestItems: { [ordersTableName]: request } }));
    items.push(...(Responses[ordersTableName] ?? []));
    const unprocessed = UnprocessedKeys[ordersTableName]?.Keys ?? [];
    if (unprocessed.length > 0) await sleep(PAUSE_MS);
    waiting = [...waiting.slice(KEYS_PER_BATCH), ...unprocessed];
  }
  return items;
}

/** The key of an item of the table or of an index. */
export function keyOf({ customerId, orderId }: Item): Item {
  return { customerId: customerId ?? { NULL: true }, orderId: orderId ?? { NULL: true } };
}
