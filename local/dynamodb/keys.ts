import { toLexiStr } from "dynalite/db";
import { typeOf, type AttributeValue, type Item } from "./attributeValue";
import { validationError } from "./errors";
import type { IndexDefinition, KeyAttribute, KeySchema, TableDefinition } from "./tableDefinition";

/** A primary key as the store keeps it: text whose UTF-8 bytes sort as DynamoDB sorts the values. */
export interface ItemKey {
  readonly partition: string;
  /** Empty when the table or index has no sort key. */
  readonly sort: string;
}

const MAX_PARTITION_KEY_BYTES = 2048;
const MAX_SORT_KEY_BYTES = 1024;
const LAST_CODE_POINT = 0x10ffff;

const MAX_REMEMBERED_NUMBERS = 1000;
/** Numbers in their sortable form, which takes longer to make than the row takes to write. */
const sortableNumbers = new Map<string, string>();

function sortableNumber(text: string): string {
  const known = sortableNumbers.get(text);
  if (known !== undefined) return known;
  const sortable = toLexiStr(text, "N");
  if (sortableNumbers.size >= MAX_REMEMBERED_NUMBERS) sortableNumbers.clear();
  sortableNumbers.set(text, sortable);
  return sortable;
}

/** A key value as text that sorts as the value does: numbers in a sortable form, binary in hexadecimal. */
export function encodeKeyValue(value: AttributeValue): string {
  if ("S" in value) return value.S;
  if ("N" in value) return sortableNumber(value.N);
  if ("B" in value) return Buffer.from(value.B, "base64").toString("hex");
  throw validationError("The provided key element does not match the schema");
}

/** The key of an item that has been checked. */
export function keyOf(item: Item, { partition, sort }: KeySchema): ItemKey {
  const encode = (attribute: KeyAttribute | undefined): string => {
    const value = attribute && item[attribute.name];
    return value === undefined ? "" : encodeKeyValue(value);
  };
  return { partition: encode(partition), sort: encode(sort) };
}

/** The item's key in an index; `undefined` when it lacks a key attribute and so does not stand in the index. */
export function indexKeyOf(item: Item, index: IndexDefinition): ItemKey | undefined {
  const { partition, sort } = index.key;
  if (item[partition.name] === undefined || (sort && item[sort.name] === undefined)) return undefined;
  return keyOf(item, index.key);
}

export function keyAttributes({ partition, sort }: KeySchema): readonly KeyAttribute[] {
  return sort ? [partition, sort] : [partition];
}

/** The key attributes of an item alone. */
export function keyItem(item: Item, schema: KeySchema): Item {
  const key: Item = {};
  for (const { name } of keyAttributes(schema)) {
    const value = item[name];
    if (value !== undefined) key[name] = value;
  }
  return key;
}

/** Reads the `Key` of a request. @throws AwsError ValidationException unless it is exactly the table's key */
export function readKey(key: Item, schema: KeySchema): ItemKey {
  const attributes = keyAttributes(schema);
  if (Object.keys(key).length !== attributes.length) throw keyMismatch();
  for (const attribute of attributes) checkKeyAttribute(key, attribute, schema);
  return keyOf(key, schema);
}

function checkKeyAttribute(key: Item, { name, type }: KeyAttribute, schema: KeySchema): void {
  const value = Object.hasOwn(key, name) ? key[name] : undefined;
  if (value === undefined || typeOf(value) !== type) throw keyMismatch();
  checkKeyValue(value, name, schema);
}

function keyMismatch() {
  return validationError("The provided key element does not match the schema");
}

/**
 * Checks the keys of an item that is to be stored: the table's, and those of each index that it stands in.
 *
 * @throws AwsError ValidationException for a missing key, a wrong type, an empty or an overlong one
 */
export function checkItemKeys(item: Item, table: TableDefinition): void {
  for (const { name, type } of keyAttributes(table.key)) {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    if (value === undefined)
      throw validationError(`One or more parameter values were invalid: Missing the key ${name} in the item`);
    if (typeOf(value) !== type)
      throw validationError(
        `One or more parameter values were invalid: Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`,
      );
    checkKeyValue(value, name, table.key);
  }
  for (const index of table.indexes) checkIndexKeys(item, index);
}

function checkIndexKeys(item: Item, index: IndexDefinition): void {
  for (const { name, type } of keyAttributes(index.key)) {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    if (value === undefined) continue;
    if (typeOf(value) !== type)
      throw validationError(
        `One or more parameter values were invalid: Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index.name}`,
      );
    if (isEmpty(value))
      throw validationError(
        `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${type === "S" ? "string" : "binary"} value. IndexName: ${index.name}, IndexKey: ${name}`,
      );
    checkKeySize(value, name === index.key.partition.name);
  }
}

/** Checks the value of a key attribute: not empty, not too long. */
export function checkKeyValue(value: AttributeValue, name: string, schema: KeySchema): void {
  if (isEmpty(value))
    throw validationError(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${"S" in value ? "string" : "binary"} value. Key: ${name}`,
    );
  checkKeySize(value, name === schema.partition.name);
}

function isEmpty(value: AttributeValue): boolean {
  return ("S" in value && value.S === "") || ("B" in value && value.B === "");
}

function checkKeySize(value: AttributeValue, isPartitionKey: boolean): void {
  if ("S" in value && /\p{Surrogate}/u.test(value.S))
    throw validationError("One or more parameter values were invalid: a key must be valid Unicode");
  const bytes =
    "S" in value ? Buffer.byteLength(value.S) : "B" in value ? Buffer.byteLength(value.B, "base64") : 0;
  if (isPartitionKey && bytes > MAX_PARTITION_KEY_BYTES)
    throw validationError(
      "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes",
    );
  if (!isPartitionKey && bytes > MAX_SORT_KEY_BYTES)
    throw validationError(
      "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
    );
}

/**
 * The least text that sorts after every text with the prefix: UTF-8 bytes sort as code points do, so the last code
 * point that can be raised is.
 *
 * @returns `undefined` when nothing sorts after them
 */
export function endOfPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === LAST_CODE_POINT) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  // No character has a code point from 0xD800 to 0xDFFF (surrogates).
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}
