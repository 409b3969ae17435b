import type { Store } from "../store";
import { itemSize, type Item } from "./attributeValue";
import { indexKeyOf, keyOf, type ItemKey } from "./keys";
import { pageRows, type KeyRange, type PageRow } from "./pageStore";
import { Statements } from "./statements";
import type { IndexDefinition, TableDefinition } from "./tableDefinition";
import { expiryOf, OLDEST_EXPIRY_SECONDS } from "./timeToLive";

/** An index with its number in the store. */
export interface StoredIndex {
  readonly id: number;
  readonly definition: IndexDefinition;
}

/** A table with its number in the store. */
export interface StoredTable {
  readonly id: number;
  readonly definition: TableDefinition;
  readonly indexes: readonly StoredIndex[];
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** An item as it is stored: its JSON text is parsed only when somebody looks. */
export interface StoredItem {
  readonly rowId: number;
  readonly sizeBytes: number;
  readonly text: string;
}

/** A change of one item that has been decided on: from `before` to `after`. */
export interface ItemChange {
  readonly table: StoredTable;
  readonly key: ItemKey;
  readonly before: (StoredItem & { readonly item: Item }) | undefined;
  readonly after: { readonly item: Item; readonly text: string; readonly sizeBytes: number } | undefined;
}

/** A new image, measured and written out once for the item's row and the stream. */
export function newImage(item: Item): NonNullable<ItemChange["after"]> {
  return { item, text: JSON.stringify(item), sizeBytes: itemSize(item) };
}

interface TableSize {
  items: number;
  bytes: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS dynamodb_tables (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, key_schema TEXT NOT NULL, created_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS dynamodb_indexes (
    id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, name TEXT NOT NULL, key_schema TEXT NOT NULL,
    UNIQUE (table_id, name));
  CREATE TABLE IF NOT EXISTS dynamodb_items (
    id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, partition_key TEXT NOT NULL, sort_key TEXT NOT NULL,
    size_bytes INTEGER NOT NULL, expires_at INTEGER, item TEXT NOT NULL,
    UNIQUE (table_id, partition_key, sort_key));
  CREATE INDEX IF NOT EXISTS dynamodb_items_by_expiry
    ON dynamodb_items (table_id, expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS dynamodb_index_entries (
    index_id INTEGER NOT NULL, partition_key TEXT NOT NULL, sort_key TEXT NOT NULL,
    item_partition_key TEXT NOT NULL, item_sort_key TEXT NOT NULL,
    PRIMARY KEY (index_id, partition_key, sort_key, item_partition_key, item_sort_key)) WITHOUT ROWID;
`;

/**
 * The items of all tables. An index entry holds keys only: what the index projects is taken from the item when it is
 * read, so an update that leaves the keys alone leaves the index alone.
 */
export class ItemStore {
  private readonly statements: Statements;
  /** Kept up with every write: summing up a large table takes a quarter of a second. */
  private readonly sizes = new Map<number, TableSize>();

  constructor(private readonly store: Store) {
    store.db.exec(SCHEMA);
    this.statements = new Statements(store);
  }

  /**
   * Opens a table, with its data of an earlier run. A table with another primary key than then starts empty, as the
   * provider would replace it; an index that is new or has another key is filled from the items.
   */
  open(definition: TableDefinition, now: number): StoredTable {
    return this.store.transaction(() => {
      const keySchema = JSON.stringify(definition.key);
      const known = this.statements.get<{ id: number; keySchema: string; createdAt: number }>(
        "SELECT id, key_schema AS keySchema, created_at AS createdAt FROM dynamodb_tables WHERE name = ?",
        [definition.name],
      );
      if (known?.keySchema === keySchema) return this.withIndexes(known.id, definition, known.createdAt);
      if (known) this.drop(known.id);
      const id = this.statements.run(
        "INSERT INTO dynamodb_tables (name, key_schema, created_at) VALUES (?, ?, ?)",
        [definition.name, keySchema, now],
      );
      return this.withIndexes(id, definition, now);
    });
  }

  get(table: StoredTable, key: ItemKey): StoredItem | undefined {
    return this.statements.get<StoredItem>(
      `SELECT id AS rowId, size_bytes AS sizeBytes, item AS text FROM dynamodb_items
         WHERE table_id = ? AND partition_key = ? AND sort_key = ?`,
      [table.id, key.partition, key.sort],
    );
  }

  /** Writes a change: the item's row and its index entries. Call it in a transaction. */
  write(change: ItemChange): void {
    const { table, key, before, after } = change;
    const expiresAt = after ? expiryOf(after.item, table.definition) : null;
    if (!before && after)
      this.statements.run(
        `INSERT INTO dynamodb_items (table_id, partition_key, sort_key, size_bytes, expires_at, item)
           VALUES (?, ?, ?, ?, ?, ?)`,
        [table.id, key.partition, key.sort, after.sizeBytes, expiresAt, after.text],
      );
    else if (before && after)
      this.statements.run("UPDATE dynamodb_items SET size_bytes = ?, expires_at = ?, item = ? WHERE id = ?", [
        after.sizeBytes,
        expiresAt,
        after.text,
        before.rowId,
      ]);
    else if (before) this.statements.run("DELETE FROM dynamodb_items WHERE id = ?", [before.rowId]);
    this.writeIndexEntries(table.indexes, change);
    const size = this.sizeOf(table);
    size.items += Number(after !== undefined) - Number(before !== undefined);
    size.bytes += (after?.sizeBytes ?? 0) - (before?.sizeBytes ?? 0);
  }

  /** Reads the items of a range one after another, until the caller has enough. */
  rows(table: StoredTable, index: StoredIndex | undefined, range: KeyRange): Iterable<PageRow> {
    return pageRows(this.statements, table, index, range);
  }

  /** Items that had expired at the given time, in seconds since the epoch. */
  expired(table: StoredTable, now: number, limit: number): StoredItem[] {
    return this.statements.all<StoredItem>(
      `SELECT id AS rowId, size_bytes AS sizeBytes, item AS text FROM dynamodb_items
         WHERE table_id = ? AND expires_at BETWEEN ? AND ? LIMIT ?`,
      [table.id, now - OLDEST_EXPIRY_SECONDS, now - 1, limit],
    );
  }

  /** How many items the table holds, and their bytes. */
  sizeOf(table: StoredTable): TableSize {
    const size = this.sizes.get(table.id);
    if (!size) throw new Error(`The table ${table.definition.name} has not been opened.`);
    return size;
  }

  entriesOf(index: StoredIndex): number {
    const row = this.statements.get<{ entries: number }>(
      "SELECT COUNT(*) AS entries FROM dynamodb_index_entries WHERE index_id = ?",
      [index.id],
    );
    return row?.entries ?? 0;
  }

  /** New entries go into one statement, whichever of the indexes they are in. */
  private writeIndexEntries(indexes: readonly StoredIndex[], { key, before, after }: ItemChange): void {
    const added: (string | number)[] = [];
    for (const { id, definition } of indexes) {
      const from = before && indexKeyOf(before.item, definition);
      const to = after && indexKeyOf(after.item, definition);
      if (from?.partition === to?.partition && from?.sort === to?.sort) continue;
      if (from)
        this.statements.run(
          `DELETE FROM dynamodb_index_entries WHERE index_id = ? AND partition_key = ? AND sort_key = ?
             AND item_partition_key = ? AND item_sort_key = ?`,
          [id, from.partition, from.sort, key.partition, key.sort],
        );
      if (to) added.push(id, to.partition, to.sort, key.partition, key.sort);
    }
    if (added.length === 0) return;
    const rows = new Array(added.length / 5).fill("(?, ?, ?, ?, ?)").join(", ");
    this.statements.run(`INSERT INTO dynamodb_index_entries VALUES ${rows}`, added);
  }

  private withIndexes(id: number, definition: TableDefinition, createdAt: number): StoredTable {
    this.forgetIndexesExcept(id, definition.indexes);
    const size = this.statements.get<TableSize>(
      "SELECT COUNT(*) AS items, IFNULL(SUM(size_bytes), 0) AS bytes FROM dynamodb_items WHERE table_id = ?",
      [id],
    );
    this.sizes.set(id, { items: size?.items ?? 0, bytes: size?.bytes ?? 0 });
    const table = { id, definition, createdAt, indexes: [] };
    return { ...table, indexes: definition.indexes.map((index) => this.openIndex(table, index)) };
  }

  private forgetIndexesExcept(tableId: number, indexes: readonly IndexDefinition[]): void {
    const wanted = new Set(indexes.map((index) => `${index.name} ${JSON.stringify(index.key)}`));
    const known = this.statements.all<{ id: number; text: string }>(
      "SELECT id, name || ' ' || key_schema AS text FROM dynamodb_indexes WHERE table_id = ?",
      [tableId],
    );
    for (const { id, text } of known) if (!wanted.has(text)) this.dropIndex(id);
  }

  private openIndex(table: StoredTable, definition: IndexDefinition): StoredIndex {
    const known = this.statements.get<{ id: number }>(
      "SELECT id FROM dynamodb_indexes WHERE table_id = ? AND name = ?",
      [table.id, definition.name],
    );
    if (known) return { id: known.id, definition };
    const id = this.statements.run(
      "INSERT INTO dynamodb_indexes (table_id, name, key_schema) VALUES (?, ?, ?)",
      [table.id, definition.name, JSON.stringify(definition.key)],
    );
    const index = { id, definition };
    this.fillIndex(table, index);
    return index;
  }

  private fillIndex(table: StoredTable, index: StoredIndex): void {
    const rows = this.statements.all<{ text: string }>(
      "SELECT item AS text FROM dynamodb_items WHERE table_id = ?",
      [table.id],
    );
    for (const { text } of rows) {
      const item = JSON.parse(text) as Item;
      const after = { item, text, sizeBytes: 0 };
      this.writeIndexEntries([index], {
        table,
        key: keyOf(item, table.definition.key),
        before: undefined,
        after,
      });
    }
  }

  private drop(tableId: number): void {
    this.forgetIndexesExcept(tableId, []);
    this.statements.run("DELETE FROM dynamodb_items WHERE table_id = ?", [tableId]);
    this.statements.run("DELETE FROM dynamodb_tables WHERE id = ?", [tableId]);
  }

  private dropIndex(indexId: number): void {
    this.statements.run("DELETE FROM dynamodb_index_entries WHERE index_id = ?", [indexId]);
    this.statements.run("DELETE FROM dynamodb_indexes WHERE id = ?", [indexId]);
  }
}
