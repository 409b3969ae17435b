import { createHash } from "node:crypto";
import type { Store } from "../store";
import { itemSize } from "./attributeValue";
import type { ItemChange } from "./itemStore";
import { keyItem, type ItemKey } from "./keys";
import { Statements } from "./statements";
import type { StreamViewType } from "./tableDefinition";

/** "All data in DynamoDB Streams is subject to a 24-hour lifetime." */
export const RETENTION_MS = 24 * 60 * 60 * 1000;

const SHARDS_PER_STREAM = 4;

/** One shard of a stream: open for ever, and the records of one partition key are all in the same one. */
export interface Shard {
  /** Its number in the store. */
  readonly number: number;
  /** Such as `shardId-00000001414576573621-f55eea83`. */
  readonly id: string;
  /** No record has a lower sequence. */
  readonly start: number;
  /** The sequence of its newest record, if it has ever had one. */
  newest: number | undefined;
  /** The sequence of the newest record that is gone. */
  trimmed: number | undefined;
  /** When its oldest record has to go, in milliseconds since the epoch. */
  trimDue: number;
}

/** The stream of a table. */
export interface Stream {
  readonly arn: string;
  /** The last part of its ARN. */
  readonly label: string;
  readonly tableName: string;
  readonly viewType: StreamViewType;
  readonly createdAt: number;
  readonly shards: readonly Shard[];
}

/** A record as it is stored; keys and images are JSON text. */
export interface StoredRecord {
  readonly sequence: number;
  readonly createdAt: number;
  readonly eventName: "INSERT" | "MODIFY" | "REMOVE";
  readonly byTimeToLive: 0 | 1;
  readonly sizeBytes: number;
  readonly keys: string;
  readonly newImage: string | null;
  readonly oldImage: string | null;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS dynamodb_shards (
    number INTEGER PRIMARY KEY, stream_arn TEXT NOT NULL, id TEXT NOT NULL, start INTEGER NOT NULL,
    created_at INTEGER NOT NULL, trimmed INTEGER);
  CREATE TABLE IF NOT EXISTS dynamodb_stream_records (
    shard INTEGER NOT NULL, sequence INTEGER NOT NULL, created_at INTEGER NOT NULL, event_name TEXT NOT NULL,
    by_time_to_live INTEGER NOT NULL, size_bytes INTEGER NOT NULL, keys TEXT NOT NULL, new_image TEXT, old_image TEXT,
    PRIMARY KEY (shard, sequence));
`;

interface ShardRow {
  readonly number: number;
  readonly id: string;
  readonly start: number;
  readonly createdAt: number;
  readonly trimmed: number | null;
  readonly newest: number | null;
}

/** The records of all streams. */
export class StreamStore {
  private readonly statements: Statements;
  private lastSequence: number;

  constructor(private readonly store: Store) {
    store.db.exec(SCHEMA);
    this.statements = new Statements(store);
    const row = this.statements.get<{ newest: number | null }>(
      "SELECT MAX(sequence) AS newest FROM dynamodb_stream_records",
    );
    this.lastSequence = row?.newest ?? 0;
  }

  /** Opens a stream, with its records of an earlier run. */
  open(arn: string, tableName: string, viewType: StreamViewType, now: number): Stream {
    const rows = this.shardRows(arn);
    if (rows.length === 0) this.createShards(arn, now);
    const shards = rows.length === 0 ? this.shardRows(arn) : rows;
    return {
      arn,
      label: arn.slice(arn.lastIndexOf("/") + 1),
      tableName,
      viewType,
      createdAt: shards[0]?.createdAt ?? now,
      shards: shards.map(({ number, id, start, newest, trimmed }) => ({
        number,
        id,
        start,
        newest: newest ?? trimmed ?? undefined,
        trimmed: trimmed ?? undefined,
        trimDue: 0,
      })),
    };
  }

  /**
   * Adds the record of a change. Call it in the transaction that makes the change.
   *
   * @returns the shard that has it
   */
  append(stream: Stream, change: ItemChange, now: number, byTimeToLive: boolean): Shard {
    const { before, after, table } = change;
    const { viewType } = stream;
    const item = after?.item ?? before?.item ?? {};
    const keys = keyItem(item, table.definition.key);
    const wantsNew = viewType === "NEW_IMAGE" || viewType === "NEW_AND_OLD_IMAGES";
    const wantsOld = viewType === "OLD_IMAGE" || viewType === "NEW_AND_OLD_IMAGES";
    const newImage = wantsNew ? after : undefined;
    const oldImage = wantsOld ? before : undefined;
    const sizeBytes = itemSize(keys) + (newImage?.sizeBytes ?? 0) + (oldImage?.sizeBytes ?? 0);
    const eventName = !before ? "INSERT" : after ? "MODIFY" : "REMOVE";
    const shard = shardOf(stream, change.key);
    const sequence = this.nextSequence(now);
    this.statements.run("INSERT INTO dynamodb_stream_records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", [
      shard.number,
      sequence,
      now,
      eventName,
      byTimeToLive ? 1 : 0,
      sizeBytes,
      JSON.stringify(keys),
      newImage?.text ?? null,
      oldImage?.text ?? null,
    ]);
    shard.newest = sequence;
    return shard;
  }

  /** Records with a higher sequence than `after`, oldest first. */
  read(shard: Shard, after: number, limit: number): StoredRecord[] {
    return this.statements.all<StoredRecord>(
      `SELECT sequence, created_at AS createdAt, event_name AS eventName, by_time_to_live AS byTimeToLive,
           size_bytes AS sizeBytes, keys, new_image AS newImage, old_image AS oldImage
         FROM dynamodb_stream_records WHERE shard = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
      [shard.number, after, limit],
    );
  }

  /** Deletes the shard's records that are older than a day, when there can be any. */
  trim(shard: Shard, now: number): void {
    if (now < shard.trimDue) return;
    const horizon = now - RETENTION_MS;
    const row = this.statements.get<{ trimmed: number | null; oldest: number | null }>(
      `SELECT MAX(CASE WHEN created_at < ? THEN sequence END) AS trimmed,
           MIN(CASE WHEN created_at >= ? THEN created_at END) AS oldest
         FROM dynamodb_stream_records WHERE shard = ?`,
      [horizon, horizon, shard.number],
    );
    shard.trimDue = (row?.oldest ?? now) + RETENTION_MS + 1;
    const trimmed = row?.trimmed ?? null;
    if (trimmed === null) return;
    this.store.transaction(() => {
      this.statements.run("DELETE FROM dynamodb_stream_records WHERE shard = ? AND sequence <= ?", [
        shard.number,
        trimmed,
      ]);
      this.statements.run("UPDATE dynamodb_shards SET trimmed = ? WHERE number = ?", [trimmed, shard.number]);
    });
    shard.trimmed = trimmed;
  }

  /** Rises over all streams, also from one run to the next: microseconds of the clock, or one more than the last. */
  private nextSequence(now: number): number {
    this.lastSequence = Math.max(this.lastSequence + 1, now * 1000);
    return this.lastSequence;
  }

  private shardRows(arn: string): ShardRow[] {
    return this.statements.all<ShardRow>(
      `SELECT number, id, start, created_at AS createdAt, trimmed,
           (SELECT MAX(sequence) FROM dynamodb_stream_records WHERE shard = number) AS newest
         FROM dynamodb_shards WHERE stream_arn = ? ORDER BY number`,
      [arn],
    );
  }

  private createShards(arn: string, now: number): void {
    const start = this.nextSequence(now);
    this.store.transaction(() => {
      for (let ordinal = 0; ordinal < SHARDS_PER_STREAM; ordinal++) {
        const hash = createHash("md5").update(`${arn}/${ordinal}`).digest("hex").slice(0, 8);
        this.statements.run(
          "INSERT INTO dynamodb_shards (stream_arn, id, start, created_at) VALUES (?, ?, ?, ?)",
          [arn, `shardId-${String(now).padStart(20, "0")}-${hash}`, start, now],
        );
      }
    });
  }
}

/** The changes of one partition key go to one shard, so an item's records keep their order. */
function shardOf({ shards }: Stream, { partition }: ItemKey): Shard {
  const shard = shards[hash(partition) % shards.length];
  if (!shard) throw new Error("A stream without shards cannot take records.");
  return shard;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return value;
}
