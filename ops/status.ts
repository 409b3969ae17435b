import { CloudWatchClient, DescribeAlarmsCommand, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeTableCommand,
  DynamoDBClient,
  QueryCommand,
  ScanCommand,
  type AttributeValue,
} from "@aws-sdk/client-dynamodb";
import { ORDERS_TABLE, UNDELIVERED_SHARDS } from "../contracts/orderRecord";
import { LONGEST_EXECUTION_MS } from "./history/executions";
import { queuesOf, readDepth, type QueueDepth } from "./queues";
import type { Stack } from "./target";

type Item = Record<string, AttributeValue>;

/** Undelivered orders, counted by their index. */
export interface Undelivered {
  readonly count: number;
  /** Whether there are more than were counted. */
  readonly more: boolean;
  /** How many of those that were counted wait for longer than a delivery takes. */
  readonly overdue: number;
  /** When the longest waiting one was accepted: ISO 8601. */
  readonly oldestPlacedAt: string | undefined;
}

/** How big the table is, as DynamoDB says about every six hours. */
export interface TableSize {
  readonly approximateOrders: number;
  readonly approximateBytes: number;
}

/** An alarm that is on. */
export interface Alarm {
  readonly name: string;
  readonly description: string | undefined;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly sinceAt: number;
  /** Such as `AWS/SQS`; undefined of an alarm on an expression. */
  readonly namespace: string | undefined;
  /** Of the metric, such as `QueueName`. */
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Orders by how they stand (PENDING, DELIVERED, FAILED, REJECTED), counted by a scan. */
export interface OrderCounts {
  readonly byStanding: Readonly<Record<string, number>>;
  readonly scanned: number;
  /** Whether the scan stopped before the end of the table. */
  readonly more: boolean;
}

/** Pages of at most 1 MB that are counted of each shard of the index: some 100,000 orders in all. */
const PAGES_PER_SHARD = 1;

/** SQS publishes its metrics every minute, and may take some (SQS Developer Guide, CloudWatch metrics). */
const METRIC_WINDOW_MS = 10 * 60_000;

/** How many orders wait, and for how long, at the cost of reading a sparse index of keys. */
export async function readUndelivered(stack: Stack): Promise<Undelivered> {
  const shards = await Promise.all(
    Array.from({ length: UNDELIVERED_SHARDS }, (_, shard) => countShard(stack, shard)),
  );
  const oldest = shards.flatMap(({ oldestPlacedAt }) => oldestPlacedAt ?? []).sort();
  return {
    count: shards.reduce((sum, { count }) => sum + count, 0),
    more: shards.some(({ more }) => more),
    overdue: shards.reduce((sum, { overdue }) => sum + overdue, 0),
    oldestPlacedAt: oldest[0],
  };
}

async function countShard(stack: Stack, shard: number): Promise<Undelivered> {
  const { name, partitionKey, sortKey } = ORDERS_TABLE.undelivered;
  const late = new Date(Date.now() - LONGEST_EXECUTION_MS).toISOString();
  let count = 0;
  let overdue = 0;
  let oldestPlacedAt: string | undefined;
  let start: Item | undefined;
  for (let page = 0; page < PAGES_PER_SHARD; page++) {
    const answer = await stack.client(DynamoDBClient).send(
      new QueryCommand({
        TableName: stack.outputs.ordersTableName,
        IndexName: name,
        KeyConditionExpression: `${partitionKey} = :shard`,
        ExpressionAttributeValues: { ":shard": { N: String(shard) } },
        ProjectionExpression: sortKey,
        ExclusiveStartKey: start,
      }),
    );
    count += answer.Count ?? 0;
    overdue += (answer.Items ?? []).filter((item) => (item[sortKey]?.S ?? late) < late).length;
    oldestPlacedAt ??= answer.Items?.[0]?.[sortKey]?.S;
    start = answer.LastEvaluatedKey;
    if (start === undefined) break;
  }
  return { count, more: start !== undefined, overdue, oldestPlacedAt };
}

/** How big the table is; free of charge. */
export async function readTableSize(stack: Stack): Promise<TableSize> {
  const { Table } = await stack
    .client(DynamoDBClient)
    .send(new DescribeTableCommand({ TableName: stack.outputs.ordersTableName }));
  return { approximateOrders: Table?.ItemCount ?? 0, approximateBytes: Table?.TableSizeBytes ?? 0 };
}

/**
 * Counts the orders by how they stand. Scans the table, which AWS charges by what it reads.
 *
 * @param limit how many orders to look at
 */
export async function countOrders(stack: Stack, limit: number, signal: AbortSignal): Promise<OrderCounts> {
  const counts = new Map<string, number>();
  let scanned = 0;
  let start: Item | undefined;
  do {
    signal.throwIfAborted();
    const page = await stack.client(DynamoDBClient).send(
      new ScanCommand({
        TableName: stack.outputs.ordersTableName,
        ProjectionExpression: "#status, delivery.#status",
        ExpressionAttributeNames: { "#status": "status" },
        Limit: Math.min(limit - scanned, 5_000),
        ExclusiveStartKey: start,
      }),
    );
    for (const { status, delivery } of page.Items ?? []) {
      const standing = delivery?.M?.["status"]?.S ?? status?.S ?? "";
      counts.set(standing, (counts.get(standing) ?? 0) + 1);
    }
    scanned += page.ScannedCount ?? 0;
    start = page.LastEvaluatedKey;
  } while (start !== undefined && scanned < limit);
  return { byStanding: Object.fromEntries(counts), scanned, more: start !== undefined };
}

/** What is in each queue now. */
export function readDepths(stack: Stack): Promise<QueueDepth[]> {
  return Promise.all(queuesOf(stack).map((queue) => readDepth(stack, queue)));
}

/**
 * The age of the oldest message of each queue, in seconds, by its URL. Only CloudWatch knows it, a few minutes late; a
 * queue that has been idle has no figure.
 */
export async function readOldestAges(stack: Stack): Promise<ReadonlyMap<string, number>> {
  const queues = queuesOf(stack);
  const now = Date.now();
  const { MetricDataResults = [] } = await stack.client(CloudWatchClient).send(
    new GetMetricDataCommand({
      StartTime: new Date(now - METRIC_WINDOW_MS),
      EndTime: new Date(now),
      ScanBy: "TimestampDescending",
      MetricDataQueries: queues.map(({ url }, index) => ({
        Id: `q${index}`,
        MetricStat: {
          Metric: {
            Namespace: "AWS/SQS",
            MetricName: "ApproximateAgeOfOldestMessage",
            Dimensions: [{ Name: "QueueName", Value: url.slice(url.lastIndexOf("/") + 1) }],
          },
          Period: 60,
          Stat: "Maximum",
        },
      })),
    }),
  );
  const ages = new Map<string, number>();
  for (const { Id, Values = [] } of MetricDataResults) {
    const queue = queues[Number(Id?.slice(1))];
    if (queue && Values[0] !== undefined) ages.set(queue.url, Values[0]);
  }
  return ages;
}

/** The alarms that are on: those that notify the stack's topic, or of the whole account where the stack has none. */
export async function readAlarms(stack: Stack): Promise<Alarm[]> {
  const { alarmTopicArn } = stack.outputs;
  const alarms: Alarm[] = [];
  let NextToken: string | undefined;
  do {
    const page = await stack
      .client(CloudWatchClient)
      .send(new DescribeAlarmsCommand({ StateValue: "ALARM", NextToken }));
    for (const alarm of page.MetricAlarms ?? [])
      if (alarmTopicArn === undefined || alarm.AlarmActions?.includes(alarmTopicArn))
        alarms.push({
          name: alarm.AlarmName ?? "",
          description: alarm.AlarmDescription,
          reason: alarm.StateReason ?? "",
          sinceAt: alarm.StateTransitionedTimestamp?.getTime() ?? alarm.StateUpdatedTimestamp?.getTime() ?? 0,
          namespace: alarm.Namespace,
          dimensions: Object.fromEntries(
            (alarm.Dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]),
          ),
        });
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return alarms.sort((a, b) => a.sinceAt - b.sinceAt);
}
