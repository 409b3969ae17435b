import type Database from "libsql";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Store } from "../store";
import { decodeBatch, encodeBatch } from "./batchCodec";
import { BatchReader, type BatchRow } from "./batchReader";
import { comparePositions, type LogEvent, type LogPosition, type StoredLogEvent } from "./logEvent";

/** Which events of a group a reader wants. Times are inclusive, milliseconds since the epoch. */
export interface LogQuery {
  readonly group: string;
  readonly from: number;
  readonly to: number;
  /** Only these streams; every stream when left out. */
  readonly streams?: ReadonlySet<string> | undefined;
  /** Texts that a message must contain: they only narrow the search, `matches` decides. */
  readonly terms?: readonly string[] | undefined;
  readonly matches?: ((message: string) => boolean) | undefined;
  readonly descending?: boolean | undefined;
  /** Only events behind this position, in the direction of reading. */
  readonly after?: LogPosition | undefined;
}

/** How much one answer may hold. */
export interface PageSize {
  readonly events: number;
  /** UTF-8 bytes of the messages, each with `EVENT_OVERHEAD_BYTES`. */
  readonly bytes: number;
}

export interface LogPage {
  readonly events: readonly StoredLogEvent[];
  /** Whether more follow behind the last event. */
  readonly more: boolean;
}

/** Times are milliseconds since the epoch, null for a stream without events. */
export interface StreamSummary {
  readonly name: string;
  readonly createdAt: number;
  readonly firstEventAt: number | null;
  readonly lastEventAt: number | null;
}

/** What CloudWatch Logs adds to each message when it measures a batch or an answer (API reference, PutLogEvents). */
export const EVENT_OVERHEAD_BYTES = 26;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS logs_groups (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS logs_streams (
    id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL,
    UNIQUE (group_id, name));
  CREATE TABLE IF NOT EXISTS logs_batches (
    id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL, stream_id INTEGER NOT NULL, first INTEGER NOT NULL,
    last INTEGER NOT NULL, ingested INTEGER NOT NULL, layout TEXT NOT NULL, text TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS logs_batches_by_time ON logs_batches (group_id, first);`;

interface Group {
  readonly id: number;
  readonly createdAt: number;
  readonly streams: Map<string, number>;
  /** Longest time between the first and the last event of one write, milliseconds. */
  longestWriteMs: number;
}

/** Keeps log events in SQLite: one row a write, so that keeping and searching cost little. */
export class LogStore {
  private readonly insertBatch: Database.Statement;
  private readonly insertStream: Database.Statement;
  private readonly groups = new Map<string, Group>();

  constructor(private readonly store: Store) {
    store.db.exec(SCHEMA);
    this.insertBatch = store.db.prepare(
      "INSERT INTO logs_batches (group_id, stream_id, first, last, ingested, layout, text) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.insertStream = store.db.prepare(
      "INSERT INTO logs_streams (group_id, name, created_at) VALUES (?, ?, ?)",
    );
  }

  /** Opens a group with whatever an earlier run left in it; returns when the group was first created. */
  openGroup(name: string, now: number): number {
    const { db } = this.store;
    db.prepare("INSERT OR IGNORE INTO logs_groups (name, created_at) VALUES (?, ?)").run(name, now);
    const { id, createdAt } = db
      .prepare("SELECT id, created_at AS createdAt FROM logs_groups WHERE name = ?")
      .get(name) as { id: number; createdAt: number };
    const streams = db.prepare("SELECT name, id FROM logs_streams WHERE group_id = ?").raw().all(id);
    const { span } = db
      .prepare("SELECT MAX(last - first) AS span FROM logs_batches WHERE group_id = ?")
      .get(id) as { span: number | null };
    this.groups.set(name, {
      id,
      createdAt,
      streams: new Map(streams as [string, number][]),
      longestWriteMs: span ?? 0,
    });
    return createdAt;
  }

  hasStream(group: string, stream: string): boolean {
    return this.group(group).streams.has(stream);
  }

  createStream(group: string, stream: string, now: number): void {
    const { id, streams } = this.group(group);
    streams.set(stream, Number(this.insertStream.run(id, stream, now).lastInsertRowid));
  }

  /** Keeps the events of one write; at least one, to a stream that is there. */
  append(groupName: string, stream: string, events: readonly LogEvent[], now: number): void {
    const group = this.group(groupName);
    const { firstTimestamp, lastTimestamp, layout, text } = encodeBatch(events);
    // As one array: libsql takes twice as long to bind single parameters.
    this.insertBatch.run([
      group.id,
      group.streams.get(stream),
      firstTimestamp,
      lastTimestamp,
      now,
      layout,
      text,
    ]);
    group.longestWriteMs = Math.max(group.longestWriteMs, lastTimestamp - firstTimestamp);
  }

  /** Removes the writes that hold nothing from `before` on, milliseconds since the epoch. */
  expire(group: string, before: number): void {
    this.store.db
      .prepare("DELETE FROM logs_batches WHERE group_id = ? AND last < ?")
      .run(this.group(group).id, before);
  }

  storedBytes(group: string): number {
    const { bytes } = this.store.db
      .prepare("SELECT SUM(LENGTH(text)) AS bytes FROM logs_batches WHERE group_id = ?")
      .get(this.group(group).id) as { bytes: number | null };
    return bytes ?? 0;
  }

  /** The group's streams by name. */
  streams(group: string): StreamSummary[] {
    return this.store.db
      .prepare(
        `SELECT s.name AS name, s.created_at AS createdAt, MIN(b.first) AS firstEventAt, MAX(b.last) AS lastEventAt
        FROM logs_streams s LEFT JOIN logs_batches b ON b.stream_id = s.id AND b.group_id = s.group_id
        WHERE s.group_id = ? GROUP BY s.id ORDER BY s.name`,
      )
      .all(this.group(group).id) as StreamSummary[];
  }

  /** The next events in order of time. */
  async page(query: LogQuery, size: PageSize): Promise<LogPage> {
    const { descending = false } = query;
    const span = descending ? this.group(query.group).longestWriteMs : 0;
    const page: StoredLogEvent[] = [];
    let waiting: StoredLogEvent[] = [];
    let bytes = 0;
    for await (const { events, nextFirst } of this.steps(query)) {
      waiting = [...waiting, ...events].sort((a, b) => comparePositions(a, b) * (descending ? -1 : 1));
      // An event that may still be preceded by one of a later row waits for that row.
      const open = waiting.findIndex(({ timestamp }) => {
        if (nextFirst === undefined) return false;
        return descending ? timestamp <= nextFirst + span : timestamp >= nextFirst;
      });
      const settled = waiting.splice(0, open === -1 ? waiting.length : open);
      for (const event of settled) {
        bytes += Buffer.byteLength(event.message) + EVENT_OVERHEAD_BYTES;
        if (page.length === size.events || (bytes > size.bytes && page.length > 0))
          return { events: page, more: true };
        page.push(event);
      }
    }
    return { events: page, more: false };
  }

  /** Calls `visit` for each event, in no particular order. */
  async scan(query: LogQuery, visit: (event: StoredLogEvent) => void): Promise<void> {
    for await (const { events } of this.steps(query)) events.forEach(visit);
  }

  private async *steps(
    query: LogQuery,
  ): AsyncGenerator<{ events: StoredLogEvent[]; nextFirst: number | undefined }> {
    const { after, descending = false } = query;
    const { id, longestWriteMs } = this.group(query.group);
    const from = descending || after === undefined ? query.from : Math.max(query.from, after.timestamp);
    const to = descending && after !== undefined ? Math.min(query.to, after.timestamp) : query.to;
    const reader = new BatchReader(this.store, {
      groupId: id,
      from: from - longestWriteMs,
      to,
      until: from,
      terms: query.terms ?? [],
      descending,
    });
    for (let done = false; !done;) {
      const { rows, nextFirst } = reader.next();
      yield { events: rows.flatMap((row) => eventsOf(row, query)), nextFirst };
      done = nextFirst === undefined;
      if (!done) await nextTurn();
    }
  }

  private group(name: string): Group {
    const group = this.groups.get(name);
    if (group === undefined) throw new Error(`The log group ${name} was not opened.`);
    return group;
  }
}

function eventsOf(row: BatchRow, query: LogQuery): StoredLogEvent[] {
  const { after, descending = false } = query;
  if (query.streams?.has(row.stream) === false) return [];
  return decodeBatch(row.text, row.layout)
    .map((event, index) => ({
      ...event,
      batch: row.id,
      index,
      stream: row.stream,
      ingestionTime: row.ingested,
    }))
    .filter((event) => {
      if (event.timestamp < query.from || event.timestamp > query.to) return false;
      if (after !== undefined && comparePositions(event, after) * (descending ? -1 : 1) <= 0) return false;
      return query.matches?.(event.message) ?? true;
    });
}
