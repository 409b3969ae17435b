import type { StoredIndex, StoredTable } from "./itemStore";
import type { ItemKey } from "./keys";
import type { Statements } from "./statements";

/** One end of a range of sort keys. */
export interface Bound {
  readonly value: string;
  readonly inclusive: boolean;
}

/** Which items of a table or index to read, in the order of their keys. */
export interface KeyRange {
  /** Of a query; a scan reads all partitions. */
  readonly partition?: string;
  readonly lower?: Bound;
  readonly upper?: Bound;
  readonly forward: boolean;
  /** Where the last page ended: the item's key, and in an index its key there. */
  readonly after?: { readonly item: ItemKey; readonly index?: ItemKey };
}

/** An item of a page. */
export interface PageRow {
  readonly text: string;
  readonly sizeBytes: number;
  readonly partitionKey: string;
}

/** Reads rows one after another, until the caller has enough. */
export function pageRows(
  statements: Statements,
  table: StoredTable,
  index: StoredIndex | undefined,
  range: KeyRange,
): IterableIterator<PageRow> {
  const query = new RangeQuery(range, index !== undefined);
  const sql = index
    ? `SELECT item AS text, size_bytes AS sizeBytes, k.partition_key AS partitionKey
       FROM dynamodb_index_entries AS k CROSS JOIN dynamodb_items AS i
         ON i.table_id = ? AND i.partition_key = k.item_partition_key AND i.sort_key = k.item_sort_key
       WHERE k.index_id = ? ${query.text}`
    : `SELECT item AS text, size_bytes AS sizeBytes, partition_key AS partitionKey
       FROM dynamodb_items AS k WHERE k.table_id = ? ${query.text}`;
  const owner = index ? [table.id, index.id] : [table.id];
  return statements.iterate<PageRow>(sql, [...owner, ...query.parameters]);
}

/** The conditions and the order of a range, as SQL on the key columns of `k`. */
class RangeQuery {
  readonly parameters: string[] = [];
  readonly text: string;

  constructor(range: KeyRange, onIndex: boolean) {
    const isQuery = range.partition !== undefined;
    const columns = [
      ...(isQuery ? [] : ["k.partition_key"]),
      "k.sort_key",
      ...(onIndex ? ["k.item_partition_key", "k.item_sort_key"] : []),
    ];
    const direction = range.forward ? "ASC" : "DESC";
    this.text = [
      isQuery ? this.condition("AND k.partition_key = ?", range.partition) : "",
      range.lower
        ? this.condition(`AND k.sort_key ${range.lower.inclusive ? ">=" : ">"} ?`, range.lower.value)
        : "",
      range.upper
        ? this.condition(`AND k.sort_key ${range.upper.inclusive ? "<=" : "<"} ?`, range.upper.value)
        : "",
      this.startAfter(range, columns, isQuery),
      `ORDER BY ${columns.map((column) => `${column} ${direction}`).join(", ")}`,
    ].join(" ");
  }

  private startAfter({ after, forward }: KeyRange, columns: readonly string[], isQuery: boolean): string {
    if (!after) return "";
    const { item, index } = after;
    const key = index ?? item;
    const values = [
      ...(isQuery ? [] : [key.partition]),
      key.sort,
      ...(index ? [item.partition, item.sort] : []),
    ];
    return this.condition(
      `AND (${columns.join(", ")}) ${forward ? ">" : "<"} (${values.map(() => "?").join(", ")})`,
      ...values,
    );
  }

  private condition(sql: string, ...values: readonly (string | undefined)[]): string {
    for (const value of values) if (value !== undefined) this.parameters.push(value);
    return sql;
  }
}
