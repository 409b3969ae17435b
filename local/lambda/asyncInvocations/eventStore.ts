import type { Store } from "../../store";
import type { InvocationResult } from "../lambdaFunction";

/** An event that was accepted for a function and is not done yet. */
export interface QueuedEvent {
  readonly id: number;
  /** The same for each invocation with it. */
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  /** In milliseconds since the epoch, as all times here. */
  readonly acceptedAt: number;
  readonly dueAt: number;
  /** Invocations that ended in an error of the function. */
  readonly failures: number;
  /** Invocations that were throttled or that Lambda itself failed to make. */
  readonly refusals: number;
  /** What the function answered last. */
  readonly last: InvocationResult | undefined;
}

interface Row {
  readonly id: number;
  readonly request_id: string;
  readonly payload: string;
  readonly accepted_at: number;
  readonly due_at: number;
  readonly failures: number;
  readonly refusals: number;
  readonly last: string | null;
}

/** The events that one function has yet to process, in the store: they outlive a killed run. */
export class EventStore {
  private readonly statements;

  constructor(
    { db }: Store,
    private readonly functionName: string,
  ) {
    db.exec(`CREATE TABLE IF NOT EXISTS lambda_events (
      id INTEGER PRIMARY KEY, function TEXT NOT NULL, request_id TEXT NOT NULL, payload TEXT NOT NULL,
      accepted_at INTEGER NOT NULL, due_at INTEGER NOT NULL, failures INTEGER NOT NULL, refusals INTEGER NOT NULL,
      last TEXT)`);
    this.statements = {
      add: db.prepare(`INSERT INTO lambda_events
        (function, request_id, payload, accepted_at, due_at, failures, refusals) VALUES (?, ?, ?, ?, ?, 0, 0)`),
      get: db.prepare("SELECT * FROM lambda_events WHERE id = ?"),
      update: db.prepare(
        "UPDATE lambda_events SET due_at = ?, failures = ?, refusals = ?, last = ? WHERE id = ?",
      ),
      remove: db.prepare("DELETE FROM lambda_events WHERE id = ?"),
      due: db.prepare("SELECT id, due_at FROM lambda_events WHERE function = ? ORDER BY id"),
    };
  }

  /** @returns the event's id */
  add(requestId: string, payload: string, now: number): number {
    const added = this.statements.add.run(this.functionName, requestId, payload, now, now);
    return Number(added.lastInsertRowid);
  }

  get(id: number): QueuedEvent {
    const row = this.statements.get.get(id) as Row;
    return {
      id,
      requestId: row.request_id,
      payload: row.payload,
      acceptedAt: row.accepted_at,
      dueAt: row.due_at,
      failures: row.failures,
      refusals: row.refusals,
      last: row.last === null ? undefined : (JSON.parse(row.last) as InvocationResult),
    };
  }

  update({ id, dueAt, failures, refusals, last }: QueuedEvent): void {
    this.statements.update.run(dueAt, failures, refusals, last ? JSON.stringify(last) : null, id);
  }

  remove(id: number): void {
    this.statements.remove.run(id);
  }

  /** Which events there are, and when each is due. */
  due(): readonly { readonly id: number; readonly dueAt: number }[] {
    const rows = this.statements.due.all(this.functionName) as { id: number; due_at: number }[];
    return rows.map((row) => ({ id: row.id, dueAt: row.due_at }));
  }
}
