import type { AwsDocument } from "../aws/api";
import type { Store } from "../store";

/** A notification that a queue failed to take, to be tried again. */
export interface PendingDelivery {
  readonly id: number;
  readonly subscriptionArn: string;
  /** The members of SendMessage, but for the queue. */
  readonly notification: AwsDocument;
  /** Retries so far. */
  readonly retries: number;
  /** When it was last tried, in milliseconds since the epoch. */
  readonly triedAt: number;
}

interface Row {
  readonly id: number;
  readonly subscription_arn: string;
  readonly notification: string;
  readonly retries: number;
  readonly tried_at: number;
}

/** The deliveries that are yet to be made, in the store: they outlive a killed run. */
export class PendingDeliveries {
  private readonly statements;

  constructor({ db }: Store) {
    db.exec(`CREATE TABLE IF NOT EXISTS sns_deliveries (
      id INTEGER PRIMARY KEY, subscription_arn TEXT NOT NULL, notification TEXT NOT NULL, retries INTEGER NOT NULL,
      tried_at INTEGER NOT NULL)`);
    this.statements = {
      add: db.prepare(
        "INSERT INTO sns_deliveries (subscription_arn, notification, retries, tried_at) VALUES (?, ?, 0, ?)",
      ),
      update: db.prepare("UPDATE sns_deliveries SET retries = ?, tried_at = ? WHERE id = ?"),
      remove: db.prepare("DELETE FROM sns_deliveries WHERE id = ?"),
      all: db.prepare("SELECT * FROM sns_deliveries ORDER BY id"),
    };
  }

  add(subscriptionArn: string, notification: AwsDocument, triedAt: number): PendingDelivery {
    const added = this.statements.add.run(subscriptionArn, JSON.stringify(notification), triedAt);
    return { id: Number(added.lastInsertRowid), subscriptionArn, notification, retries: 0, triedAt };
  }

  /** Notes that one more retry has failed. */
  tryAgainLater(delivery: PendingDelivery, triedAt: number): PendingDelivery {
    const retries = delivery.retries + 1;
    this.statements.update.run(retries, triedAt, delivery.id);
    return { ...delivery, retries, triedAt };
  }

  remove(id: number): void {
    this.statements.remove.run(id);
  }

  all(): readonly PendingDelivery[] {
    return (this.statements.all.all() as Row[]).map((row) => ({
      id: row.id,
      subscriptionArn: row.subscription_arn,
      notification: JSON.parse(row.notification) as AwsDocument,
      retries: row.retries,
      triedAt: row.tried_at,
    }));
  }
}
