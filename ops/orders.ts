import { DynamoDBClient, QueryCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import * as z from "zod";
import {
  fromItem,
  orderRecord,
  ORDER_STATUS,
  ORDERS_TABLE,
  UNDELIVERED_SHARDS,
  type OrderRecord,
} from "../contracts/orderRecord";
import { keyOf, queryUpTo, readItems, type Item } from "./items";
import type { Stack } from "./target";

const [placed, rejected] = orderRecord.options;
const WITHOUT_CONTENT = { order: true, contentHash: true } as const;

/** An order's record without what the customer posted: no personal data. */
export const orderSummary = z.discriminatedUnion("status", [
  placed.omit(WITHOUT_CONTENT),
  rejected.omit(WITHOUT_CONTENT),
]);

export type OrderSummary = z.infer<typeof orderSummary>;

/** Which orders are wanted. */
export interface OrderFilter {
  readonly customerId?: string | undefined;
  readonly undelivered?: boolean | undefined;
  readonly rejected?: boolean | undefined;
  /** Only those placed since: milliseconds since the epoch. */
  readonly since?: number | undefined;
  readonly limit: number;
  /** Of undelivered orders the latest, instead of those that wait the longest. */
  readonly latestFirst?: boolean | undefined;
  /** How many orders a scan of the table may look at; a customer's and undelivered orders need none. */
  readonly scanLimit: number;
}

export interface OrderList {
  /** Undelivered ones as they wait, the longest first unless the filter says otherwise; others with the latest first. */
  readonly orders: readonly OrderSummary[];
  /** Whether there are more, or may be. */
  readonly more: boolean;
  /** How many orders a scan has looked at; undefined where an index or a key led to them. */
  readonly scanned?: number;
}

/** Leaves what the customer posted where it is. */
const SUMMARY_ONLY = {
  ProjectionExpression: Object.keys({
    ...placed.omit(WITHOUT_CONTENT).shape,
    ...rejected.omit(WITHOUT_CONTENT).shape,
  })
    .map((name) => (name === "status" ? "#status" : name))
    .join(", "),
  ExpressionAttributeNames: { "#status": "status" },
};

/**
 * The orders with an id: an id is unique per customer only, so there can be several. The index that finds them may lag
 * behind the table for a moment; the records themselves are read consistently.
 */
export async function findOrders(stack: Stack, orderId: string): Promise<OrderRecord[]> {
  const { name, partitionKey } = ORDERS_TABLE.byOrderId;
  const { Items = [] } = await stack.client(DynamoDBClient).send(
    new QueryCommand({
      TableName: stack.outputs.ordersTableName,
      IndexName: name,
      KeyConditionExpression: `${partitionKey} = :orderId`,
      ExpressionAttributeValues: { ":orderId": { S: orderId } },
    }),
  );
  const records = (await readItems(stack, Items.map(keyOf))).map(readRecord);
  return records.sort((a, b) => a.placedAt.localeCompare(b.placedAt));
}

/** One order's record as it is now. */
export async function readOrder(
  stack: Stack,
  customerId: string,
  orderId: string,
): Promise<OrderRecord | undefined> {
  const [item] = await readItems(stack, [{ customerId: { S: customerId }, orderId: { S: orderId } }]);
  return item && readRecord(item);
}

/** Of several orders what is known without what the customers posted, in no particular order. */
export async function readSummaries(
  stack: Stack,
  keys: readonly Pick<OrderSummary, "customerId" | "orderId">[],
): Promise<OrderSummary[]> {
  const items = keys.map(({ customerId, orderId }) => ({
    customerId: { S: customerId },
    orderId: { S: orderId },
  }));
  return (await readItems(stack, items, SUMMARY_ONLY)).map(readSummary);
}

/** The orders that a filter lets through, the cheapest way there is: by index, by customer, or by a bounded scan. */
export async function listOrders(stack: Stack, filter: OrderFilter): Promise<OrderList> {
  if (filter.undelivered) return listUndelivered(stack, filter);
  return filter.customerId === undefined ? scanOrders(stack, filter) : listCustomer(stack, filter);
}

/** Merges the index's shards, each of which is in order of time. */
async function listUndelivered(stack: Stack, filter: OrderFilter): Promise<OrderList> {
  const { name, partitionKey, sortKey } = ORDERS_TABLE.undelivered;
  const since = new Date(filter.since ?? 0).toISOString();
  const wanted = filter.customerId === undefined ? filter.limit + 1 : Infinity;
  const direction = filter.latestFirst ? -1 : 1;
  const shards = await Promise.all(
    Array.from({ length: UNDELIVERED_SHARDS }, (_, shard) =>
      queryUpTo(stack, wanted, {
        IndexName: name,
        KeyConditionExpression: `${partitionKey} = :shard AND ${sortKey} >= :since`,
        ExpressionAttributeValues: { ":shard": { N: String(shard) }, ":since": { S: since } },
        ScanIndexForward: !filter.latestFirst,
      }),
    ),
  );
  const entries = shards
    .flat()
    .filter(({ customerId }) => filter.customerId === undefined || customerId?.S === filter.customerId)
    .sort((a, b) => direction * (a[sortKey]?.S ?? "").localeCompare(b[sortKey]?.S ?? ""));
  const items = await readItems(stack, entries.slice(0, filter.limit).map(keyOf), SUMMARY_ONLY);
  const orders = items.map(readSummary).sort((a, b) => direction * a.placedAt.localeCompare(b.placedAt));
  return { orders, more: entries.length > filter.limit };
}

async function listCustomer(stack: Stack, filter: OrderFilter): Promise<OrderList> {
  const condition = filterOf(filter);
  const items = await queryUpTo(stack, filter.limit + 1, {
    KeyConditionExpression: `${ORDERS_TABLE.partitionKey} = :customerId`,
    ...condition,
    ExpressionAttributeValues: {
      ...condition.ExpressionAttributeValues,
      ":customerId": { S: filter.customerId ?? "" },
    },
    ...SUMMARY_ONLY,
    ScanIndexForward: false,
  });
  const orders = latestFirst(items.slice(0, filter.limit).map(readSummary));
  return { orders, more: items.length > filter.limit };
}

async function scanOrders(stack: Stack, filter: OrderFilter): Promise<OrderList> {
  const orders: OrderSummary[] = [];
  let scanned = 0;
  let start: Item | undefined;
  do {
    const page = await stack.client(DynamoDBClient).send(
      new ScanCommand({
        TableName: stack.outputs.ordersTableName,
        ...filterOf(filter),
        ...SUMMARY_ONLY,
        Limit: Math.min(1_000, filter.scanLimit - scanned),
        ExclusiveStartKey: start,
      }),
    );
    orders.push(...(page.Items ?? []).map(readSummary));
    scanned += page.ScannedCount ?? 0;
    start = page.LastEvaluatedKey;
  } while (start !== undefined && scanned < filter.scanLimit);
  return {
    orders: latestFirst(orders).slice(0, filter.limit),
    more: start !== undefined || orders.length > filter.limit,
    scanned,
  };
}

function filterOf({ rejected: onlyRejected, since }: OrderFilter) {
  const conditions = [
    ...(onlyRejected ? ["#status = :rejected"] : []),
    ...(since === undefined ? [] : ["placedAt >= :since"]),
  ];
  if (conditions.length === 0) return {};
  const values: Item = {
    ...(onlyRejected && { ":rejected": { S: ORDER_STATUS.rejected } }),
    ...(since !== undefined && { ":since": { S: new Date(since).toISOString() } }),
  };
  return { FilterExpression: conditions.join(" AND "), ExpressionAttributeValues: values };
}

function readRecord(item: Item): OrderRecord {
  return readable(item, () => fromItem(item));
}

function readSummary(item: Item): OrderSummary {
  return readable(item, () => orderSummary.parse(unmarshall(item)));
}

function readable<T>({ customerId, orderId }: Item, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const where = error instanceof z.ZodError ? error.issues[0]?.path.join(".") : String(error);
    throw new Error(
      `The item of order ${orderId?.S} of customer ${customerId?.S} is no order record: ${where}.`,
      { cause: error },
    );
  }
}

function latestFirst(orders: OrderSummary[]): OrderSummary[] {
  return orders.sort((a, b) => b.placedAt.localeCompare(a.placedAt));
}
