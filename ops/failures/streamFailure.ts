import {
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record,
} from "@aws-sdk/client-dynamodb-streams";
import * as z from "zod";
import { fromItem, ORDER_STATUS, type PlacedOrder } from "../../contracts/orderRecord";
import { parseJson } from "../json";
import type { Stack } from "../target";

/** Where in the table's stream the records of a failed batch are. */
export interface StreamBatch {
  readonly streamArn: string;
  readonly shardId: string;
  readonly startSequenceNumber: string;
  readonly endSequenceNumber: string;
  /** How many records. */
  readonly size: number;
}

/** What Lambda sends to the on-failure destination of a DynamoDB stream (Lambda Developer Guide, DynamoDB, on-failure). */
const streamFailure = z.object({
  requestContext: z.object({ condition: z.string(), approximateInvokeCount: z.number().optional() }),
  responseContext: z.object({ functionError: z.string().optional() }).optional(),
  DDBStreamBatchInfo: z.object({
    shardId: z.string(),
    startSequenceNumber: z.string().regex(/^\d+$/),
    endSequenceNumber: z.string().regex(/^\d+$/),
    batchSize: z.number(),
    streamArn: z.string(),
  }),
});

/** A stream's records are read in pages of at most 1 MB; a batch spans few. */
const PAGES_MAX = 100;

/** Reads the message of a failed stream batch; undefined when it is none. */
export function parseStreamFailure(body: string): { batch: StreamBatch; reason: string } | undefined {
  const parsed = streamFailure.safeParse(parseJson(body));
  if (!parsed.success) return undefined;
  const { requestContext, responseContext, DDBStreamBatchInfo: info } = parsed.data;
  const error = responseContext?.functionError;
  const invocations = requestContext.approximateInvokeCount ?? 0;
  return {
    batch: {
      streamArn: info.streamArn,
      shardId: info.shardId,
      startSequenceNumber: info.startSequenceNumber,
      endSequenceNumber: info.endSequenceNumber,
      size: info.batchSize,
    },
    reason: `deliveries not started: ${requestContext.condition} after ${invocations} invocations${error === undefined ? "" : ` (${error})`}`,
  };
}

/**
 * The placed orders of a failed batch, from the stream.
 *
 * @returns undefined when the records are no longer there: a stream keeps them for 24 hours
 */
export async function readBatchOrders(stack: Stack, batch: StreamBatch): Promise<PlacedOrder[] | undefined> {
  const records = await readBatch(stack, batch).catch((error: unknown) => {
    if (error instanceof Error && GONE.has(error.name)) return undefined;
    throw error;
  });
  return records?.flatMap(({ eventName, dynamodb }) => {
    // Between them are records that the mapping's filter holds back.
    if (eventName !== "INSERT" || dynamodb?.NewImage?.["status"]?.S !== ORDER_STATUS.placed) return [];
    const record = fromItem(dynamodb.NewImage as Parameters<typeof fromItem>[0]);
    return record.status === ORDER_STATUS.placed ? [record] : [];
  });
}

/** Of a shard, or of a part of it (DynamoDB API reference, GetShardIterator). */
const GONE = new Set(["TrimmedDataAccessException", "ResourceNotFoundException"]);

async function readBatch(stack: Stack, batch: StreamBatch): Promise<_Record[]> {
  const streams = stack.client(DynamoDBStreamsClient);
  const end = BigInt(batch.endSequenceNumber);
  const sequenceOf = (record: _Record) => BigInt(record.dynamodb?.SequenceNumber ?? 0);
  const records: _Record[] = [];
  let { ShardIterator: iterator } = await streams.send(
    new GetShardIteratorCommand({
      StreamArn: batch.streamArn,
      ShardId: batch.shardId,
      ShardIteratorType: "AT_SEQUENCE_NUMBER",
      SequenceNumber: batch.startSequenceNumber,
    }),
  );
  for (let page = 0; page < PAGES_MAX && iterator !== undefined; page++) {
    const answer = await streams.send(new GetRecordsCommand({ ShardIterator: iterator }));
    const found = answer.Records ?? [];
    records.push(...found.filter((record) => sequenceOf(record) <= end));
    const last = found.at(-1);
    if (last && sequenceOf(last) >= end) break;
    iterator = answer.NextShardIterator;
  }
  return records;
}
