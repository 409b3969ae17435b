import type Database from "libsql";
import type { Store } from "../store";
import type { Receipt } from "./receiptHandle";

/** A message as it lies in the store; times are milliseconds since the epoch. */
export interface StoredMessage {
  readonly seq: number;
  readonly message_id: string;
  readonly body: string;
  readonly md5_of_body: string;
  /** JSON of the message's attributes. */
  readonly attributes: string | null;
  readonly md5_of_attributes: string | null;
  readonly trace_header: string | null;
  readonly sender_id: string;
  readonly sent_at: number;
  readonly receives: number;
  /** Receives before the message came to its present queue: they do not count towards that queue's limit. */
  readonly earlier_receives: number;
  readonly first_received_at: number;
  /** ARN of the queue from which the message was dead-lettered. */
  readonly source: string | null;
}

export type NewMessage = Pick<
  StoredMessage,
  "message_id" | "body" | "md5_of_body" | "attributes" | "md5_of_attributes" | "trace_header" | "sender_id"
> & { readonly queue: string; readonly sent_at: number; readonly visible_at: number };

/** Messages of a queue by what a receiver may see. */
export interface MessageCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sqs_messages (
    seq INTEGER PRIMARY KEY,
    queue TEXT NOT NULL,
    message_id TEXT NOT NULL,
    body TEXT NOT NULL,
    md5_of_body TEXT NOT NULL,
    attributes TEXT,
    md5_of_attributes TEXT,
    trace_header TEXT,
    sender_id TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    receives INTEGER NOT NULL DEFAULT 0,
    earlier_receives INTEGER NOT NULL DEFAULT 0,
    first_received_at INTEGER,
    received_at INTEGER,
    source TEXT
  );
  CREATE INDEX IF NOT EXISTS sqs_messages_by_visibility ON sqs_messages (queue, visible_at, sent_at);
`;

/** The messages of every queue. A queue is named by its name; `cutoff` is the enqueue time at which messages expire. */
export class MessageStore {
  private readonly statements;
  /** Statements that delete as many received messages as their index says. */
  private readonly removals: Database.Statement[] = [];

  constructor(private readonly store: Store) {
    store.db.exec(SCHEMA);
    this.statements = prepare(store.db);
  }

  transaction<T>(work: () => T): T {
    return this.store.transaction(work);
  }

  add(message: NewMessage): void {
    this.statements.add.run(
      message.queue,
      message.message_id,
      message.body,
      message.md5_of_body,
      message.attributes,
      message.md5_of_attributes,
      message.trace_header,
      message.sender_id,
      message.sent_at,
      message.visible_at,
    );
  }

  /** Receives up to `limit` visible messages: counts the receive and hides them until `visibleAt`. */
  take(
    queue: string,
    now: number,
    cutoff: number,
    limit: number,
    visibleAt: number,
  ): readonly StoredMessage[] {
    return this.statements.take.all(now, now, visibleAt, queue, now, cutoff, limit) as StoredMessage[];
  }

  /** Visible messages, without receiving them. */
  visible(queue: string, now: number, cutoff: number, limit: number): readonly StoredMessage[] {
    return this.statements.visible.all(queue, now, cutoff, limit) as StoredMessage[];
  }

  /** Moves a message to its dead-letter queue, as it was before the receive that was one too many. */
  deadLetter(message: StoredMessage, target: string, source: string, now: number): void {
    this.statements.deadLetter.run(target, now, source, message.seq);
  }

  /** Deletes those messages whose receipt is of their latest receive, in one statement. */
  removeReceived(queue: string, receipts: readonly Receipt[]): void {
    if (receipts.length === 0) return;
    const statement = (this.removals[receipts.length] ??= prepareRemoval(this.store.db, receipts.length));
    statement.run(queue, ...receipts.flatMap(({ seq, messageId, receives }) => [seq, messageId, receives]));
  }

  remove(seq: number): void {
    this.statements.remove.run(seq);
  }

  /** When the message was last received and becomes visible; `undefined` when the receipt is not of its latest receive. */
  received(
    queue: string,
    seq: number,
    messageId: string,
    receives: number,
  ): { readonly visible_at: number; readonly received_at: number } | undefined {
    return this.statements.received.get(seq, queue, messageId, receives) as
      { visible_at: number; received_at: number } | undefined;
  }

  hideUntil(seq: number, visibleAt: number): void {
    this.statements.hideUntil.run(visibleAt, seq);
  }

  /** When the next hidden message becomes visible. */
  nextVisibleAt(queue: string, now: number): number | undefined {
    const row = this.statements.nextVisibleAt.get(queue, now) as { visible_at: number } | undefined;
    return row?.visible_at;
  }

  /**
   * When the oldest message was sent. One that was received three times stands back (SQS Developer Guide, "Available
   * CloudWatch metrics", ApproximateAgeOfOldestMessage); behind a hundred of them no other is looked for.
   */
  oldestSentAt(queue: string, cutoff: number): number | undefined {
    return (this.statements.oldest.get(queue, cutoff) as { sent_at: number | null }).sent_at ?? undefined;
  }

  /** @param atMost counts no further; -1 counts all */
  countVisible(queue: string, now: number, cutoff: number, atMost: number): number {
    return (this.statements.countVisible.get(queue, now, cutoff, atMost) as { count: number }).count;
  }

  count(queue: string, now: number, cutoff: number): MessageCounts {
    const hidden = this.statements.countHidden.get(queue, now, cutoff) as Omit<MessageCounts, "visible">;
    const visible = this.countVisible(queue, now, cutoff, -1);
    return { visible, inFlight: hidden.inFlight, delayed: hidden.delayed };
  }

  purge(queue: string): void {
    this.statements.purge.run(queue);
  }

  removeExpired(queue: string, cutoff: number): void {
    this.statements.removeExpired.run(queue, cutoff);
  }
}

const COLUMNS = `seq, message_id, body, md5_of_body, attributes, md5_of_attributes, trace_header, sender_id, sent_at,
  receives, earlier_receives, first_received_at, source`;
const VISIBLE = "FROM sqs_messages WHERE queue = ? AND visible_at <= ? AND sent_at > ?";
const BY_RECEIPT = "WHERE seq = ? AND queue = ? AND message_id = ? AND receives = ?";

function prepare(db: Store["db"]) {
  return {
    add: db.prepare(`INSERT INTO sqs_messages (queue, message_id, body, md5_of_body, attributes, md5_of_attributes,
      trace_header, sender_id, sent_at, visible_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    take: db.prepare(`UPDATE sqs_messages SET receives = receives + 1, received_at = ?,
      first_received_at = coalesce(first_received_at, ?), visible_at = ?
      WHERE seq IN (SELECT seq ${VISIBLE} ORDER BY visible_at, seq LIMIT ?) RETURNING ${COLUMNS}`),
    visible: db.prepare(`SELECT ${COLUMNS} ${VISIBLE} ORDER BY visible_at, seq LIMIT ?`),
    deadLetter:
      db.prepare(`UPDATE sqs_messages SET queue = ?, visible_at = ?, source = ?, receives = receives - 1,
      earlier_receives = receives - 1 WHERE seq = ?`),
    remove: db.prepare("DELETE FROM sqs_messages WHERE seq = ?"),
    received: db.prepare(`SELECT visible_at, received_at FROM sqs_messages ${BY_RECEIPT}`),
    hideUntil: db.prepare("UPDATE sqs_messages SET visible_at = ? WHERE seq = ?"),
    nextVisibleAt: db.prepare(
      "SELECT visible_at FROM sqs_messages WHERE queue = ? AND visible_at > ? ORDER BY visible_at LIMIT 1",
    ),
    countVisible: db.prepare(`SELECT count(*) AS count FROM (SELECT 1 ${VISIBLE} LIMIT ?)`),
    // The index alone finds the oldest; the rest of a message lies behind its body.
    oldest: db.prepare(`SELECT min(sent_at) AS sent_at FROM sqs_messages WHERE receives - earlier_receives < 3
      AND seq IN (SELECT seq FROM sqs_messages WHERE queue = ? AND sent_at > ? ORDER BY sent_at LIMIT 100)`),
    // Apart from the visible ones, which are many and which the index alone counts.
    countHidden: db.prepare(`SELECT
      coalesce(sum(receives > earlier_receives), 0) AS inFlight,
      coalesce(sum(receives = earlier_receives), 0) AS delayed
      FROM sqs_messages WHERE queue = ? AND visible_at > ? AND sent_at > ?`),
    purge: db.prepare("DELETE FROM sqs_messages WHERE queue = ?"),
    removeExpired: db.prepare("DELETE FROM sqs_messages WHERE queue = ? AND sent_at <= ?"),
  };
}

/** The plus keeps SQLite off the index of the queue, with which it would read all its messages. */
function prepareRemoval(db: Store["db"], receipts: number): Database.Statement {
  const rows = Array.from({ length: receipts }, () => "(?, ?, ?)").join(", ");
  return db.prepare(
    `DELETE FROM sqs_messages WHERE +queue = ? AND (seq, message_id, receives) IN (VALUES ${rows})`,
  );
}
