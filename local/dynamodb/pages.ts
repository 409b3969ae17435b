import { validateExpressionParams } from "dynalite/validations";
import type { AwsDocument } from "../aws/api";
import { itemSize, type Item } from "./attributeValue";
import { consumedCapacity, readUnits } from "./capacity";
import { holds } from "./condition";
import { project } from "./documentPath";
import { refuseIf, validationError } from "./errors";
import type { Expressions } from "./expressions";
import type { StoredIndex, StoredTable } from "./itemStore";
import { keyAttributes, keyItem, readKey, type ItemKey } from "./keys";
import type { KeyRange, PageRow } from "./pageStore";
import type { PageInput } from "./requests";
import type { IndexDefinition, KeySchema } from "./tableDefinition";
import { checkNestedAttributes, checkValues } from "./writes";

/** "If the total size of items processed exceeds the maximum dataset size limit of 1 MB, the operation stops." */
const MAX_PAGE_BYTES = 1024 * 1024;

/** The table or index that a query or scan reads. */
export interface PageSource {
  readonly table: StoredTable;
  readonly index: StoredIndex | undefined;
  /** The table's key, or the index's. */
  readonly key: KeySchema;
}

export function sourceOf(table: StoredTable, { IndexName, ConsistentRead }: PageInput): PageSource {
  if (IndexName === undefined) return { table, index: undefined, key: table.definition.key };
  const index = table.indexes.find(({ definition }) => definition.name === IndexName);
  if (!index) throw validationError(`The table does not have the specified index: ${IndexName}`);
  if (ConsistentRead) throw validationError("Consistent reads are not supported on global secondary indexes");
  return { table, index, key: index.definition.key };
}

/** Checks what a query and a scan have in common. */
export function checkPageRequest(
  request: PageInput,
  { table, index }: PageSource,
  expressions: Expressions,
): void {
  checkSelect(request, index?.definition);
  checkNestedAttributes(expressions.nestedAttributes, table.definition);
  if (index && expressions.projection) checkProjected(expressions.projection, table, index.definition);
}

function checkSelect({ Select, ProjectionExpression }: PageInput, index: IndexDefinition | undefined): void {
  if (Select === "ALL_PROJECTED_ATTRIBUTES" && !index)
    throw validationError("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
  if (Select === "SPECIFIC_ATTRIBUTES" && ProjectionExpression === undefined)
    throw validationError(
      "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
    );
  if (Select !== undefined && Select !== "SPECIFIC_ATTRIBUTES" && ProjectionExpression !== undefined)
    throw validationError(`Cannot specify the ProjectionExpression when choosing to get ${Select}`);
  if (Select === "ALL_ATTRIBUTES" && index && index.projection !== "ALL")
    throw validationError(
      `One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    );
}

/** "You can only request attributes that are projected into the index." */
function checkProjected(
  paths: NonNullable<Expressions["projection"]>,
  table: StoredTable,
  index: IndexDefinition,
): void {
  const projected = projectedNames(table, index);
  if (!projected) return;
  const missing = new Set(paths.map(([name]) => String(name)).filter((name) => !projected.has(name)));
  if (missing.size > 0)
    throw validationError(
      `One or more parameter values were invalid: Global secondary index ${index.name} does not project [${[...missing].join(", ")}]`,
    );
}

/** @returns `undefined` when the index projects everything */
function projectedNames(
  { definition }: StoredTable,
  index: IndexDefinition,
): ReadonlySet<string> | undefined {
  if (index.projection === "ALL") return undefined;
  const keys = [...keyAttributes(definition.key), ...keyAttributes(index.key)].map(({ name }) => name);
  return new Set([...keys, ...index.nonKeyAttributes]);
}

/** Reads an `ExclusiveStartKey`: the table's key, and in an index the index's as well. */
export function readStartKey(start: Item, { table, index, key }: PageSource): NonNullable<KeyRange["after"]> {
  checkValues(start);
  const names = new Set(
    [...keyAttributes(table.definition.key), ...keyAttributes(key)].map(({ name }) => name),
  );
  if (Object.keys(start).length !== names.size) throw validationError("The provided starting key is invalid");
  const itemKey = startKey(start, table.definition.key);
  return index ? { item: itemKey, index: startKey(start, key) } : { item: itemKey };
}

function startKey(start: Item, schema: KeySchema): ItemKey {
  try {
    return readKey(keyItem(start, schema), schema);
  } catch (error) {
    throw error instanceof Error
      ? validationError(`The provided starting key is invalid: ${error.message}`)
      : error;
  }
}

/** What a page is made of. */
export interface Page {
  readonly request: PageInput;
  readonly source: PageSource;
  readonly expressions: Expressions;
  readonly rows: Iterable<PageRow>;
}

/** Reads rows until the page is full; what the filter drops counts as read. */
export function readPage({ request, source, expressions, rows }: Page): AwsDocument {
  const { table, index } = source;
  const names = index && projectedNames(table, index.definition);
  const found: Item[] = [];
  let [scanned, bytes] = [0, 0];
  let last: Item | undefined;
  for (const row of rows) {
    const whole = JSON.parse(row.text) as Item;
    const item = names ? pick(whole, names) : whole;
    scanned++;
    bytes += names ? itemSize(item) : row.sizeBytes;
    const { filter, projection } = expressions;
    if (!filter || holds(filter, item, request.ExpressionAttributeValues ?? {}))
      found.push(projection ? project(item, projection) : item);
    if (scanned === request.Limit || bytes >= MAX_PAGE_BYTES) {
      last = whole;
      break;
    }
  }
  return {
    ...(request.Select !== "COUNT" && { Items: found }),
    Count: found.length,
    ScannedCount: scanned,
    ...(last && {
      LastEvaluatedKey: { ...keyItem(last, table.definition.key), ...keyItem(last, source.key) },
    }),
    ...consumedCapacity(request, request.TableName, readUnits(bytes, request.ConsistentRead)),
  };
}

function pick(item: Item, names: ReadonlySet<string>): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

/** Refuses names and values that no expression of the request could use. */
export function checkExpressionParams(request: PageInput, ...members: readonly string[]): void {
  refuseIf(validateExpressionParams(request, members, []));
}
