import type { InsightsQuery } from "./query";
import type { FieldValue, LogRecord } from "./record";

/** Keeps the rows of a result that come first in the query's order, whatever order they are found in. */
export class TopRows {
  private rows: LogRecord[] = [];

  constructor(private readonly query: Pick<InsightsQuery, "order" | "limit">) {}

  add(row: LogRecord): void {
    this.rows.push(row);
    if (this.rows.length > 2 * this.query.limit + 100) this.trim();
  }

  sorted(): readonly LogRecord[] {
    this.trim();
    return this.rows;
  }

  private trim(): void {
    this.rows = this.rows.sort((a, b) => this.compare(a, b)).slice(0, this.query.limit);
  }

  private compare(a: LogRecord, b: LogRecord): number {
    for (const { field, descending } of this.query.order) {
      const order = compareValues(a.get(field), b.get(field));
      if (order !== 0) return descending ? -order : order;
    }
    // Rows that the query does not tell apart stand in the order in which they were written.
    const written = a.event.batch - b.event.batch || a.event.index - b.event.index;
    return this.query.order[0]?.descending ? -written : written;
  }
}

/** Numbers by size, texts by their characters; what is not there comes first. */
function compareValues(a: FieldValue, b: FieldValue): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a) < String(b) ? -1 : 1;
}
