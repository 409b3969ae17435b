import type Database from "libsql";
import type { Store } from "../store";

type Value = string | number | null;

/**
 * Prepared statements, each prepared once and found again by its text. Parameters come as one array, which libsql binds
 * in half the time that it takes over single ones.
 */
export class Statements {
  private readonly prepared = new Map<string, Database.Statement>();

  constructor(private readonly store: Store) {}

  /** @returns the number of the row, where one was inserted */
  run(sql: string, parameters: readonly Value[]): number {
    return Number(this.prepare(sql).run(parameters).lastInsertRowid);
  }

  get<Row>(sql: string, parameters: readonly Value[] = []): Row | undefined {
    return this.prepare(sql).get(parameters) as Row | undefined;
  }

  all<Row>(sql: string, parameters: readonly Value[]): Row[] {
    return this.prepare(sql).all(parameters) as Row[];
  }

  /** Reads rows one after another, until the caller has enough. */
  iterate<Row>(sql: string, parameters: readonly Value[]): IterableIterator<Row> {
    return this.prepare(sql).iterate(parameters) as IterableIterator<Row>;
  }

  private prepare(sql: string): Database.Statement {
    const known = this.prepared.get(sql);
    if (known) return known;
    const statement = this.store.db.prepare(sql);
    this.prepared.set(sql, statement);
    return statement;
  }
}
