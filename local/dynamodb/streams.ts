import { AwsError } from "../aws/error";
import type { KeyAuthorizer, Authorizer } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import type { Clock } from "../clock";
import type { Item } from "./attributeValue";
import { resourceNotFound, validationError } from "./errors";
import type { Shard, StoredRecord, Stream, StreamStore } from "./streamStore";
import type { StreamViewType } from "./tableDefinition";

/** A record of a stream, as a Lambda function gets it but for `eventSourceARN`. */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: "INSERT" | "MODIFY" | "REMOVE";
  readonly eventVersion: "1.1";
  readonly eventSource: "aws:dynamodb";
  readonly awsRegion: string;
  readonly dynamodb: {
    /** Seconds since the epoch. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly NewImage?: Item;
    readonly OldImage?: Item;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: StreamViewType;
  };
  /** Only of an item that Time to Live deleted. */
  readonly userIdentity?: { readonly type: "Service"; readonly principalId: "dynamodb.amazonaws.com" };
}

/** Reads the streams in process, as an event source mapping does. Sequence numbers are decimal text of one length. */
export interface StreamReader {
  /** The ids of the stream's open shards. @throws AwsError ResourceNotFoundException */
  shards(streamArn: string): readonly string[];
  /**
   * Records of the shard after the sequence number, oldest first: at most `limit`, and about 1 MB. The caller needs
   * `dynamodb:GetRecords` on the stream, and `kms:Decrypt` on the key of an encrypted table.
   *
   * @param after exclusive; `undefined` starts with the oldest record that there is (TRIM_HORIZON)
   * @throws AwsError ResourceNotFoundException; AccessDeniedException; TrimmedDataAccessException when records after
   *   `after` have passed their 24 hours unread: only TRIM_HORIZON leads on then
   */
  read(
    streamArn: string,
    shardId: string,
    after: string | undefined,
    limit: number,
    caller: Caller,
  ): StreamRecord[] | Promise<StreamRecord[]>;
  /** The sequence number of the shard's newest record, for LATEST; `undefined` when it has never had one. */
  latest(streamArn: string, shardId: string): string | undefined;
  /** Resolves as soon as the shard holds a record after the given one, or the signal is aborted. */
  wait(streamArn: string, shardId: string, after: string | undefined, signal: AbortSignal): Promise<void>;
}

/** "GetRecords can retrieve a maximum of 1 MB of data or 1000 stream records, whichever comes first." */
const MAX_READ_BYTES = 1024 * 1024;
export const MAX_READ_RECORDS = 1000;

/** AWS documents 21 to 40 digits. */
const SEQUENCE_NUMBER = /^100000(\d{16})$/;

/** A sequence as clients see it: of one length, so that it sorts as text too. */
export function sequenceNumber(sequence: number): string {
  return `100000${String(sequence).padStart(16, "0")}`;
}

/** @throws AwsError ValidationException for what no stream ever gave out */
export function parseSequenceNumber(text: string): number {
  const digits = SEQUENCE_NUMBER.exec(text)?.[1];
  if (digits === undefined) throw validationError(`Invalid SequenceNumber: ${text}`);
  return Number(digits);
}

/** A stream together with what its table's encryption asks of a reader. */
export interface HostedStream {
  readonly stream: Stream;
  readonly tableName: string;
  readonly keyArn: string | undefined;
}

/** The streams of all tables. */
export class Streams implements StreamReader {
  private readonly byArn = new Map<string, HostedStream>();
  private readonly waiting = new Map<Shard, Set<() => void>>();

  constructor(
    private readonly store: StreamStore,
    private readonly dependencies: {
      readonly clock: Clock;
      readonly iam: Authorizer;
      readonly keys: KeyAuthorizer;
      readonly region: string;
    },
  ) {}

  host(hosted: HostedStream): void {
    this.byArn.set(hosted.stream.arn, hosted);
  }

  all(): readonly HostedStream[] {
    return [...this.byArn.values()];
  }

  shards(streamArn: string): readonly string[] {
    return this.stream(streamArn).stream.shards.map((shard) => shard.id);
  }

  latest(streamArn: string, shardId: string): string | undefined {
    const { newest } = this.shard(streamArn, shardId);
    return newest === undefined ? undefined : sequenceNumber(newest);
  }

  read(
    streamArn: string,
    shardId: string,
    after: string | undefined,
    limit: number,
    caller: Caller,
  ): StreamRecord[] {
    this.dependencies.iam.authorize(caller, "dynamodb:GetRecords", streamArn);
    const { stream, tableName, keyArn } = this.stream(streamArn);
    if (keyArn !== undefined)
      this.dependencies.keys.authorizeKey(caller, "kms:Decrypt", keyArn, "dynamodb", tableContext(tableName));
    const shard = this.shard(streamArn, shardId);
    this.store.trim(shard, this.dependencies.clock.now());
    const position = after === undefined ? (shard.trimmed ?? 0) : parseSequenceNumber(after);
    this.refuseTrimmed(shard, position);
    if (shard.newest === undefined || position >= shard.newest) return [];
    const rows = this.store.read(shard, position, Math.min(limit, MAX_READ_RECORDS));
    return firstMegabyte(rows).map((row) => this.record(stream, row));
  }

  /** @throws AwsError TrimmedDataAccessException when a record after the position is gone */
  refuseTrimmed(shard: Shard, position: number): void {
    if (shard.trimmed !== undefined && position < shard.trimmed)
      throw new AwsError("TrimmedDataAccessException", "The data you are trying to access has been trimmed.");
  }

  wait(streamArn: string, shardId: string, after: string | undefined, signal: AbortSignal): Promise<void> {
    const shard = this.shard(streamArn, shardId);
    const position = after === undefined ? (shard.trimmed ?? 0) : parseSequenceNumber(after);
    if (signal.aborted || (shard.newest !== undefined && shard.newest > position)) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.waiting.get(shard) ?? new Set();
      this.waiting.set(shard, waiting);
      const done = () => {
        waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      waiting.add(done);
      signal.addEventListener("abort", done, { once: true });
    });
  }

  /** Tells who waits that the shard has new records. */
  announce(shard: Shard): void {
    for (const done of this.waiting.get(shard) ?? []) done();
  }

  /** Deletes what is older than a day, in every shard. */
  trim(): void {
    for (const { stream } of this.byArn.values())
      for (const shard of stream.shards) this.store.trim(shard, this.dependencies.clock.now());
  }

  stream(streamArn: string): HostedStream {
    const hosted = this.byArn.get(streamArn);
    if (!hosted) throw resourceNotFound(`Requested resource not found: Stream: ${streamArn} not found`);
    return hosted;
  }

  shard(streamArn: string, shardId: string): Shard {
    const shard = this.stream(streamArn).stream.shards.find((one) => one.id === shardId);
    if (!shard) throw resourceNotFound(`Requested resource not found: Shard does not exist`);
    return shard;
  }

  private record(stream: Stream, row: StoredRecord): StreamRecord {
    return {
      eventID: row.sequence.toString(16).padStart(32, "0"),
      eventName: row.eventName,
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: this.dependencies.region,
      dynamodb: streamData(stream, row),
      ...(row.byTimeToLive === 1 && {
        userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" } as const,
      }),
    };
  }
}

/** The images are parsed when somebody looks: most filters drop a record by its event's name. */
function streamData({ viewType }: Stream, row: StoredRecord): StreamRecord["dynamodb"] {
  const { newImage, oldImage } = row;
  const head = {
    ApproximateCreationDateTime: Math.floor(row.createdAt / 1000),
    Keys: JSON.parse(row.keys) as Item,
  };
  if (newImage !== null) defineParsed(head, "NewImage", newImage);
  if (oldImage !== null) defineParsed(head, "OldImage", oldImage);
  return Object.assign(head, {
    SequenceNumber: sequenceNumber(row.sequence),
    SizeBytes: row.sizeBytes,
    StreamViewType: viewType,
  });
}

function defineParsed(target: object, name: string, json: string): void {
  let item: Item | undefined;
  Object.defineProperty(target, name, {
    enumerable: true,
    get: () => (item ??= JSON.parse(json) as Item),
  });
}

/** The encryption context with which DynamoDB uses a table's key (Developer Guide, "How it works: encryption"). */
export function tableContext(tableName: string): Readonly<Record<string, string>> {
  return { "kms:EncryptionContext:aws:dynamodb:tableName": tableName };
}

function firstMegabyte(rows: readonly StoredRecord[]): readonly StoredRecord[] {
  let bytes = 0;
  const end = rows.findIndex((row) => (bytes += row.sizeBytes) > MAX_READ_BYTES);
  return end < 0 ? rows : rows.slice(0, Math.max(end, 1));
}
