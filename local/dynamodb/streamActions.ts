import * as z from "zod";
import type { AwsDocument } from "../aws/api";
import type { Authorizer } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import { AwsError } from "../aws/error";
import type { Clock } from "../clock";
import { validationError } from "./errors";
import {
  MAX_READ_RECORDS,
  parseSequenceNumber,
  sequenceNumber,
  type StreamRecord,
  type Streams,
} from "./streams";
import type { Shard } from "./streamStore";
import { describeKey } from "./tableActions";
import type { Tables } from "./tables";

/** "A shard iterator expires 15 minutes after it is retrieved." */
const ITERATOR_LIFETIME_MS = 15 * 60 * 1000;
const MAX_LISTED = 100;

const listStreamsInput = z.strictObject({
  TableName: z.string().optional(),
  ExclusiveStartStreamArn: z.string().optional(),
  Limit: z.int().min(1).max(MAX_LISTED).default(MAX_LISTED),
});
const describeStreamInput = z.strictObject({
  StreamArn: z.string(),
  ExclusiveStartShardId: z.string().optional(),
  Limit: z.int().min(1).max(MAX_LISTED).default(MAX_LISTED),
});
const getShardIteratorInput = z.strictObject({
  StreamArn: z.string(),
  ShardId: z.string(),
  ShardIteratorType: z.enum(["TRIM_HORIZON", "LATEST", "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"]),
  SequenceNumber: z.string().optional(),
});
const getRecordsInput = z.strictObject({
  ShardIterator: z.string(),
  Limit: z.int().min(1).max(MAX_READ_RECORDS).default(MAX_READ_RECORDS),
});

/** What a shard iterator says, once it is decoded. */
const iteratorSchema = z.strictObject({
  streamArn: z.string(),
  shardId: z.string(),
  /** The sequence number to read after; the oldest record comes first without one. */
  after: z.string().optional(),
  issuedAt: z.number(),
});
type ShardIterator = z.infer<typeof iteratorSchema>;

/** The API of DynamoDB Streams. */
export class StreamActions {
  constructor(
    private readonly dependencies: {
      readonly streams: Streams;
      readonly tables: Tables;
      readonly iam: Authorizer;
      readonly clock: Clock;
    },
  ) {}

  listStreams(input: AwsDocument, caller: Caller): AwsDocument {
    const { TableName, ExclusiveStartStreamArn, Limit } = parse(listStreamsInput, input);
    const { iam, streams } = this.dependencies;
    iam.authorize(caller, "dynamodb:ListStreams", "*");
    const all = streams
      .all()
      .filter(({ tableName }) => TableName === undefined || tableName === TableName)
      .map(({ stream, tableName }) => ({
        StreamArn: stream.arn,
        StreamLabel: stream.label,
        TableName: tableName,
      }));
    const page = pageAfter(all, ({ StreamArn }) => StreamArn, ExclusiveStartStreamArn, Limit);
    return { Streams: page.members, ...(page.last && { LastEvaluatedStreamArn: page.last }) };
  }

  describeStream(input: AwsDocument, caller: Caller): AwsDocument {
    const { StreamArn, ExclusiveStartShardId, Limit } = parse(describeStreamInput, input);
    const { iam, streams, tables } = this.dependencies;
    iam.authorize(caller, "dynamodb:DescribeStream", StreamArn);
    const { stream, tableName } = streams.stream(StreamArn);
    const table = tables.all().find(({ definition }) => definition.name === tableName);
    const page = pageAfter(stream.shards, ({ id }) => id, ExclusiveStartShardId, Limit);
    return {
      StreamDescription: {
        StreamArn,
        StreamLabel: stream.label,
        StreamStatus: "ENABLED",
        StreamViewType: stream.viewType,
        CreationRequestDateTime: stream.createdAt / 1000,
        TableName: tableName,
        ...(table && { KeySchema: describeKey(table.definition.key) }),
        Shards: page.members.map(({ id, start }) => ({
          ShardId: id,
          SequenceNumberRange: { StartingSequenceNumber: sequenceNumber(start) },
        })),
        ...(page.last && { LastEvaluatedShardId: page.last }),
      },
    };
  }

  getShardIterator(input: AwsDocument, caller: Caller): AwsDocument {
    const request = parse(getShardIteratorInput, input);
    const { StreamArn: streamArn, ShardId: shardId } = request;
    const { iam, streams } = this.dependencies;
    iam.authorize(caller, "dynamodb:GetShardIterator", streamArn);
    const shard = streams.shard(streamArn, shardId);
    return { ShardIterator: this.iterator({ streamArn, shardId, after: this.startOf(request, shard) }) };
  }

  getRecords(input: AwsDocument, caller: Caller): AwsDocument {
    const { ShardIterator, Limit } = parse(getRecordsInput, input);
    const { streamArn, shardId, after, issuedAt } = decodeIterator(ShardIterator);
    const { streams, clock } = this.dependencies;
    if (clock.now() - issuedAt > ITERATOR_LIFETIME_MS)
      throw new AwsError("ExpiredIteratorException", "The provided iterator is expired.");
    const records = streams.read(streamArn, shardId, after, Limit, caller);
    const next = records.at(-1)?.dynamodb.SequenceNumber ?? after;
    return {
      Records: records.map(toApiRecord),
      NextShardIterator: this.iterator({ streamArn, shardId, after: next }),
    };
  }

  private startOf(request: z.infer<typeof getShardIteratorInput>, shard: Shard): string | undefined {
    const { ShardIteratorType: type, SequenceNumber: text, StreamArn, ShardId } = request;
    if (type === "TRIM_HORIZON") return undefined;
    if (type === "LATEST") return this.dependencies.streams.latest(StreamArn, ShardId);
    if (text === undefined) throw validationError(`SequenceNumber is required with ${type}`);
    const sequence = parseSequenceNumber(text);
    this.dependencies.streams.refuseTrimmed(shard, sequence);
    return type === "AT_SEQUENCE_NUMBER" ? sequenceNumber(sequence - 1) : text;
  }

  private iterator({
    after,
    ...place
  }: {
    streamArn: string;
    shardId: string;
    after: string | undefined;
  }): string {
    const iterator: ShardIterator = {
      ...place,
      ...(after !== undefined && { after }),
      issuedAt: this.dependencies.clock.now(),
    };
    return `${place.streamArn}|1|${Buffer.from(JSON.stringify(iterator)).toString("base64")}`;
  }
}

function decodeIterator(text: string): ShardIterator {
  try {
    const encoded = text.slice(text.lastIndexOf("|") + 1);
    return iteratorSchema.parse(JSON.parse(Buffer.from(encoded, "base64").toString()));
  } catch {
    throw validationError("Invalid ShardIterator");
  }
}

/** The API writes the members of `userIdentity` with a capital, a Lambda event does not. */
function toApiRecord({ userIdentity, ...record }: StreamRecord): AwsDocument {
  if (!userIdentity) return record;
  return { ...record, userIdentity: { Type: userIdentity.type, PrincipalId: userIdentity.principalId } };
}

function pageAfter<T>(
  members: readonly T[],
  idOf: (member: T) => string,
  after: string | undefined,
  limit: number,
): { members: readonly T[]; last?: string } {
  const start = after === undefined ? 0 : members.findIndex((member) => idOf(member) === after) + 1;
  const page = members.slice(start, start + limit);
  const last = page.at(-1);
  return { members: page, ...(last && start + limit < members.length && { last: idOf(last) }) };
}

function parse<T>(schema: z.ZodType<T>, input: AwsDocument): T {
  const result = schema.safeParse(input);
  if (!result.success) throw validationError(`1 validation error detected: ${z.prettifyError(result.error)}`);
  return result.data;
}
