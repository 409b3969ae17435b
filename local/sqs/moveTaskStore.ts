import type { Store } from "../store";

export type MoveTaskStatus = "RUNNING" | "COMPLETED" | "CANCELLED" | "FAILED";

/** A task that moves a dead-letter queue's messages; times are milliseconds since the epoch. */
export interface MoveTask {
  readonly id: string;
  readonly source_arn: string;
  /** Null: each message goes back to the queue it came from. */
  readonly destination_arn: string | null;
  readonly messages_per_second: number | null;
  readonly status: MoveTaskStatus;
  readonly moved: number;
  readonly to_move: number;
  readonly failure_reason: string | null;
  readonly started_at: number;
}

/** The move tasks, finished ones too: a killed run goes on with those that were running. */
export class MoveTaskStore {
  private readonly statements;

  constructor({ db }: Store) {
    db.exec(`CREATE TABLE IF NOT EXISTS sqs_move_tasks (
      id TEXT PRIMARY KEY, source_arn TEXT NOT NULL, destination_arn TEXT, messages_per_second INTEGER,
      status TEXT NOT NULL, moved INTEGER NOT NULL, to_move INTEGER NOT NULL, failure_reason TEXT,
      started_at INTEGER NOT NULL)`);
    this.statements = {
      add: db.prepare("INSERT INTO sqs_move_tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      update: db.prepare("UPDATE sqs_move_tasks SET status = ?, moved = ?, failure_reason = ? WHERE id = ?"),
      get: db.prepare("SELECT * FROM sqs_move_tasks WHERE id = ?"),
      running: db.prepare("SELECT * FROM sqs_move_tasks WHERE status = 'RUNNING'"),
      latest: db.prepare(
        "SELECT * FROM sqs_move_tasks WHERE source_arn = ? ORDER BY started_at DESC, rowid DESC LIMIT ?",
      ),
    };
  }

  add(task: MoveTask): void {
    this.statements.add.run(
      task.id,
      task.source_arn,
      task.destination_arn,
      task.messages_per_second,
      task.status,
      task.moved,
      task.to_move,
      task.failure_reason,
      task.started_at,
    );
  }

  update(id: string, status: MoveTaskStatus, moved: number, failureReason: string | null): void {
    this.statements.update.run(status, moved, failureReason, id);
  }

  get(id: string): MoveTask | undefined {
    return this.statements.get.get(id) as MoveTask | undefined;
  }

  running(): readonly MoveTask[] {
    return this.statements.running.all() as MoveTask[];
  }

  /** A queue's tasks, the latest first. */
  latest(sourceArn: string, atMost: number): readonly MoveTask[] {
    return this.statements.latest.all(sourceArn, atMost) as MoveTask[];
  }
}
