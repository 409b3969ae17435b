import type { Store } from "../../store";

/** How far each mapping has read each shard. Survives the run as far as the store does. */
export class Checkpoints {
  private readonly select;
  private readonly upsert;

  constructor(store: Store) {
    store.db.exec(
      `CREATE TABLE IF NOT EXISTS lambda_checkpoints (
         mapping TEXT NOT NULL, shard TEXT NOT NULL, sequence TEXT NOT NULL, PRIMARY KEY (mapping, shard)
       ) WITHOUT ROWID`,
    );
    this.select = store.db.prepare("SELECT sequence FROM lambda_checkpoints WHERE mapping = ? AND shard = ?");
    this.upsert = store.db.prepare(
      `INSERT INTO lambda_checkpoints (mapping, shard, sequence) VALUES (?, ?, ?)
       ON CONFLICT (mapping, shard) DO UPDATE SET sequence = excluded.sequence`,
    );
  }

  /** The sequence number up to which everything is done; `undefined` before the first. */
  get(mappingId: string, shardId: string): string | undefined {
    return (this.select.get(mappingId, shardId) as { readonly sequence: string } | undefined)?.sequence;
  }

  set(mappingId: string, shardId: string, sequenceNumber: string): void {
    this.upsert.run(mappingId, shardId, sequenceNumber);
  }
}
