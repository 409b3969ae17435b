import type { AwsDocument } from "../aws/api";
import type { Caller } from "../aws/caller";
import type { Item } from "./attributeValue";
import { consumedCapacities, readUnits, writeUnits } from "./capacity";
import { validationError } from "./errors";
import { read, type ItemServices } from "./itemActions";
import type { ItemChange, StoredTable } from "./itemStore";
import { readKey, type ItemKey } from "./keys";
import { REQUESTS, unsupported, type KeysAndAttributes, type WriteRequest } from "./requests";
import { checkValues, planDelete, planPut } from "./writes";

const MAX_READS = 100;
const MAX_WRITES = 25;
/** "BatchGetItem returns a partial result if the response size limit (16 MB) is exceeded." */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
const DUPLICATES = "Provided list of item keys contains duplicates";

/** Up to 100 items of several tables; what would pass 16 MB is named in `UnprocessedKeys`. */
export function batchGetItem(services: ItemServices, input: AwsDocument, caller: Caller): AwsDocument {
  refuseLegacy(input);
  const request = REQUESTS.BatchGetItem(input);
  const wanted = Object.entries(request.RequestItems);
  if (wanted.reduce((sum, [, { Keys }]) => sum + Keys.length, 0) > MAX_READS)
    throw validationError("Too many items requested for the BatchGetItem call");
  const tables = wanted.map(([tableName, { Keys }]) => openForKeys(services, caller, tableName, Keys));
  const [responses, unprocessed, units] = [new Map(), new Map(), new Map<string, number>()];
  let bytes = 0;
  wanted.forEach(([tableName, keys], index) => {
    const table = tables[index];
    if (!table) return;
    refuseDuplicates(keys.Keys.map((key) => readCheckedKey(key, table)));
    const [found, left]: [Item[], Item[]] = [[], []];
    for (const Key of keys.Keys) {
      const { item, sizeBytes } = readOne(services, table, keys, Key);
      bytes += sizeBytes;
      if (bytes > MAX_RESPONSE_BYTES) left.push(Key);
      else if (item) found.push(item);
      units.set(tableName, (units.get(tableName) ?? 0) + readUnits(sizeBytes, keys.ConsistentRead));
    }
    responses.set(tableName, found);
    if (left.length > 0) unprocessed.set(tableName, { ...keys, Keys: left });
  });
  return {
    Responses: Object.fromEntries(responses),
    UnprocessedKeys: Object.fromEntries(unprocessed),
    ...consumedCapacities(request, units),
  };
}

/** Up to 25 puts and deletions in several tables, without conditions. */
export function batchWriteItem(services: ItemServices, input: AwsDocument, caller: Caller): AwsDocument {
  const request = REQUESTS.BatchWriteItem(input);
  const wanted = Object.entries(request.RequestItems);
  if (wanted.reduce((sum, [, writes]) => sum + writes.length, 0) > MAX_WRITES)
    throw validationError("Too many items requested for the BatchWriteItem call");
  const changes = wanted.flatMap(([tableName, writes]) => planWrites(services, caller, tableName, writes));
  services.changes.commit(changes);
  const units = new Map<string, number>();
  for (const { table, before, after } of changes) {
    const { name } = table.definition;
    units.set(name, (units.get(name) ?? 0) + writeUnits(before?.sizeBytes, after?.sizeBytes));
  }
  return { UnprocessedItems: {}, ...consumedCapacities(request, units) };
}

function planWrites(
  services: ItemServices,
  caller: Caller,
  tableName: string,
  writes: readonly WriteRequest[],
): ItemChange[] {
  const targets = writes.map(({ PutRequest, DeleteRequest }) => {
    const target = PutRequest?.Item ?? DeleteRequest?.Key;
    if (!target || (PutRequest && DeleteRequest))
      throw validationError(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
      );
    return target;
  });
  const table = openForKeys(services, caller, tableName, targets, "dynamodb:BatchWriteItem");
  const changes = writes.map(({ PutRequest, DeleteRequest }) =>
    PutRequest
      ? planPut(services.items, table, PutRequest)
      : planDelete(services.items, table, DeleteRequest ?? { Key: {} }),
  );
  refuseDuplicates(changes.map(({ key }) => key));
  return changes;
}

/** The caller must be allowed each of the partition keys. */
function openForKeys(
  { tables }: ItemServices,
  caller: Caller,
  tableName: string,
  keys: readonly Item[],
  action = "dynamodb:BatchGetItem",
): StoredTable {
  const opened = keys.map((key) => tables.open({ caller, action, tableName, key, data: true }));
  const [table] = opened;
  if (!table) throw validationError("RequestItems must name at least one item of each table");
  return table;
}

function readOne({ items }: ItemServices, table: StoredTable, request: KeysAndAttributes, Key: Item) {
  const { ProjectionExpression, ExpressionAttributeNames } = request;
  return read(items, table, {
    Key,
    ...(ProjectionExpression !== undefined && { ProjectionExpression }),
    ...(ExpressionAttributeNames && { ExpressionAttributeNames }),
  });
}

function readCheckedKey(key: Item, table: StoredTable): ItemKey {
  checkValues(key);
  return readKey(key, table.definition.key);
}

function refuseDuplicates(keys: readonly ItemKey[]): void {
  const seen = new Set(keys.map(({ partition, sort }) => JSON.stringify([partition, sort])));
  if (seen.size < keys.length) throw validationError(DUPLICATES);
}

function refuseLegacy({ RequestItems }: AwsDocument): void {
  const requests: Record<string, unknown> = typeof RequestItems === "object" ? { ...RequestItems } : {};
  for (const request of Object.values(requests))
    if (typeof request === "object" && request !== null && "AttributesToGet" in request)
      throw unsupported("BatchGetItem", "AttributesToGet");
}
