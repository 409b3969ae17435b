import { DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record,
  type Shard,
} from "@aws-sdk/client-dynamodb-streams";
import { setTimeout as sleep } from "node:timers/promises";
import { fromItem, type OrderRecord } from "../contracts/orderRecord";
import type { Stack } from "./target";

/** An order that has changed: as it is now. */
export interface OrderChange {
  /** Whether it was stored just now; otherwise its delivery has moved on. */
  readonly isNew: boolean;
  readonly record: OrderRecord;
  /** Milliseconds since the epoch, to the second. */
  readonly changedAt: number;
}

/** Between two readings of a shard: a shard takes five a second from all of its readers together. */
const PAUSE_MS = 500;

/** After so many rounds the stream is asked for new shards. */
const ROUNDS_PER_LISTING = 30;

/**
 * Follows the orders as they change, by the table's stream, from the moment on in which this resolves. AWS wants at
 * most two readers of a stream's shard (DynamoDB Developer Guide, "DynamoDB Streams"): the function that starts
 * deliveries is one, so only one operator at a time should follow a stack.
 *
 * @param signal ends it
 */
export async function followOrders(stack: Stack, signal: AbortSignal): Promise<AsyncGenerator<OrderChange>> {
  const streamArn = await streamOf(stack);
  const iterators: Iterators = new Map();
  await openShards(stack, streamArn, iterators);
  return changesOf(stack, streamArn, iterators, signal);
}

/** Where the next reading of each shard begins, by its id; undefined at the end of a closed one. */
type Iterators = Map<string, string | undefined>;

async function* changesOf(
  stack: Stack,
  streamArn: string,
  iterators: Iterators,
  signal: AbortSignal,
): AsyncGenerator<OrderChange> {
  for (let round = 1; ; round++) {
    for (const [shardId, iterator] of iterators) {
      if (signal.aborted) return;
      if (iterator === undefined) continue;
      const { records, next } = await readShard(stack, streamArn, shardId, iterator);
      iterators.set(shardId, next);
      for (const record of records) yield* changeOf(record);
    }
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    if (round % ROUNDS_PER_LISTING === 0) await openShards(stack, streamArn, iterators);
  }
}

async function streamOf(stack: Stack): Promise<string> {
  const { ordersTableName: TableName } = stack.outputs;
  const { Table } = await stack.client(DynamoDBClient).send(new DescribeTableCommand({ TableName }));
  if (Table?.LatestStreamArn === undefined) throw new Error(`The table ${TableName} has no stream.`);
  return Table.LatestStreamArn;
}

/** The first time from the end of each shard; a shard that comes later, from its beginning. */
async function openShards(stack: Stack, streamArn: string, iterators: Iterators): Promise<void> {
  const type = iterators.size === 0 ? "LATEST" : "TRIM_HORIZON";
  const shards = await listShards(stack, streamArn);
  for (const { ShardId = "", SequenceNumberRange } of shards) {
    if (iterators.has(ShardId)) continue;
    const isClosed = type === "LATEST" && SequenceNumberRange?.EndingSequenceNumber !== undefined;
    iterators.set(ShardId, isClosed ? undefined : await iteratorOf(stack, streamArn, ShardId, type));
  }
}

async function listShards(stack: Stack, StreamArn: string): Promise<Shard[]> {
  const shards: Shard[] = [];
  let ExclusiveStartShardId: string | undefined;
  do {
    const { StreamDescription } = await stack
      .client(DynamoDBStreamsClient)
      .send(new DescribeStreamCommand({ StreamArn, ExclusiveStartShardId }));
    shards.push(...(StreamDescription?.Shards ?? []));
    ExclusiveStartShardId = StreamDescription?.LastEvaluatedShardId;
  } while (ExclusiveStartShardId !== undefined);
  return shards;
}

async function iteratorOf(
  stack: Stack,
  StreamArn: string,
  ShardId: string,
  ShardIteratorType: "LATEST" | "TRIM_HORIZON",
): Promise<string | undefined> {
  const answer = await stack
    .client(DynamoDBStreamsClient)
    .send(new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType }));
  return answer.ShardIterator;
}

/** An iterator lives for 15 minutes: one that was held up, by a sleeping laptop, is replaced. */
async function readShard(
  stack: Stack,
  streamArn: string,
  shardId: string,
  iterator: string,
): Promise<{ records: _Record[]; next: string | undefined }> {
  try {
    const { Records = [], NextShardIterator } = await stack
      .client(DynamoDBStreamsClient)
      .send(new GetRecordsCommand({ ShardIterator: iterator }));
    return { records: Records, next: NextShardIterator };
  } catch (error) {
    if (!(error instanceof Error && error.name === "ExpiredIteratorException")) throw error;
    return { records: [], next: await iteratorOf(stack, streamArn, shardId, "LATEST") };
  }
}

function* changeOf({ eventName, dynamodb }: _Record): Generator<OrderChange> {
  const image = dynamodb?.NewImage;
  if (!image) return;
  yield {
    isNew: eventName === "INSERT",
    record: fromItem(image as Parameters<typeof fromItem>[0]),
    changedAt: dynamodb.ApproximateCreationDateTime?.getTime() ?? Date.now(),
  };
}
