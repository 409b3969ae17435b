import type Database from "libsql";
import type { Store } from "../store";

/** A row: one write to one stream. */
export interface BatchRow {
  readonly id: number;
  readonly stream: string;
  /** When the write came in, milliseconds since the epoch. */
  readonly ingested: number;
  readonly layout: string;
  readonly text: string;
}

/** The rows of one step of a search. */
export interface BatchStep {
  readonly rows: readonly BatchRow[];
  /** The time of the first event of the next row; undefined when there is none. */
  readonly nextFirst: number | undefined;
}

/** Which rows a search has to look at. Times are milliseconds since the epoch. */
export interface BatchBounds {
  readonly groupId: number;
  /** Bounds of the time of a row's first event. */
  readonly from: number;
  readonly to: number;
  /** The earliest time of a row's last event. */
  readonly until: number;
  /** Texts that a row must contain. */
  readonly terms: readonly string[];
  readonly descending: boolean;
}

/**
 * How many rows one step covers: few where all of them are decoded; ever more in a search, where most may be skipped,
 * unless enough is found in the first.
 */
const ROWS_PER_STEP = { least: 100, most: 1000 };

/**
 * Reads rows step by step, by the time of their first event, so that a search over many rows does not hold up the
 * process. A term is cut at its quotation marks and backslashes: what lies between two of them stands in a row as it does
 * in the message, where a quoted piece is kept without its escapes. `LIKE` ignores the case of ASCII letters, so it finds
 * too much rather than too little.
 */
export class BatchReader {
  private readonly selectEdge: Database.Statement;
  private readonly selectRows: Database.Statement;
  private readonly within: readonly number[];
  private readonly patterns: readonly string[];
  private rowsPerStep = ROWS_PER_STEP.least;
  private edge: readonly [first: number, id: number];
  private readonly end: readonly [first: number, id: number];

  constructor(
    store: Store,
    private readonly bounds: BatchBounds,
  ) {
    const { descending, groupId, from, to } = bounds;
    this.patterns = likePatterns(bounds.terms);
    this.within = [groupId, safe(from), safe(to)];
    this.edge = [descending ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER, 0];
    this.end = [-this.edge[0], 0];
    const [order, behind, upTo] = descending ? ["DESC", "<", ">="] : ["ASC", ">", "<="];
    const where = `b.group_id = ? AND b.first >= ? AND b.first <= ? AND (b.first, b.id) ${behind} (?, ?)`;
    this.selectEdge = store.db.prepare(`
      SELECT b.first AS first, b.id AS id FROM logs_batches b WHERE ${where}
      ORDER BY b.first ${order}, b.id ${order} LIMIT 2 OFFSET ?`);
    this.selectRows = store.db.prepare(`
      SELECT b.id AS id, s.name AS stream, b.ingested AS ingested, b.layout AS layout, b.text AS text
      FROM logs_batches b JOIN logs_streams s ON s.id = b.stream_id
      WHERE ${where} AND (b.first, b.id) ${upTo} (?, ?) AND b.last >= ?
        ${this.patterns.map(() => "AND b.text LIKE ? ESCAPE '\\'").join(" ")}`);
  }

  next(): BatchStep {
    const start = [...this.within, ...this.edge];
    const [edge, following] = this.selectEdge.all(...start, this.rowsPerStep - 1) as {
      first: number;
      id: number;
    }[];
    if (this.patterns.length > 0) this.rowsPerStep = Math.min(this.rowsPerStep * 2, ROWS_PER_STEP.most);
    this.edge = edge === undefined ? this.end : [edge.first, edge.id];
    const rows = this.selectRows.all(...start, ...this.edge, safe(this.bounds.until), ...this.patterns);
    return { rows: rows as BatchRow[], nextFirst: following?.first };
  }
}

function likePatterns(terms: readonly string[]): string[] {
  const parts = terms.flatMap((term) => term.split(/["\\]/)).filter((part) => part !== "");
  return parts.map((part) => `%${part.replace(/[\\%_]/g, "\\$&")}%`);
}

function safe(time: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, time));
}
