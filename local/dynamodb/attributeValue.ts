import { toLexiStr } from "dynalite/db";
import { validationError } from "./errors";

/** A value as DynamoDB's JSON writes it: exactly one member, named after its type. Binary is base64. */
export type AttributeValue =
  | { S: string }
  | { N: string }
  | { B: string }
  | { BOOL: boolean }
  | { NULL: true }
  | { SS: string[] }
  | { NS: string[] }
  | { BS: string[] }
  | { L: AttributeValue[] }
  | { M: Item };

/** The attributes of an item, or the members of a map. */
export interface Item {
  [attribute: string]: AttributeValue;
}

export type AttributeType = "S" | "N" | "B" | "BOOL" | "NULL" | "SS" | "NS" | "BS" | "L" | "M";

/** "Nested attributes up to 32 levels deep" (Developer Guide, quotas). */
const MAX_NESTING = 32;

export function typeOf(value: AttributeValue): AttributeType {
  for (const type in value) return type as AttributeType;
  throw validationError(
    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
  );
}

/** Equal in type and content; the order of a set's members and of a map's does not count. */
export function areEqual(left: AttributeValue, right: AttributeValue): boolean {
  if ("S" in left) return "S" in right && left.S === right.S;
  if ("N" in left) return "N" in right && left.N === right.N;
  if ("M" in left) return "M" in right && itemsAreEqual(left.M, right.M);
  if ("L" in left) return "L" in right && listsAreEqual(left.L, right.L);
  if ("BOOL" in left) return "BOOL" in right && left.BOOL === right.BOOL;
  if ("NULL" in left) return "NULL" in right;
  if ("B" in left) return "B" in right && left.B === right.B;
  if ("SS" in left) return "SS" in right && setsAreEqual(left.SS, right.SS);
  if ("NS" in left) return "NS" in right && setsAreEqual(left.NS, right.NS);
  return "BS" in right && setsAreEqual(left.BS, right.BS);
}

export function itemsAreEqual(left: Item, right: Item): boolean {
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => {
    const [leftValue, rightValue] = [left[name], Object.hasOwn(right, name) ? right[name] : undefined];
    return leftValue !== undefined && rightValue !== undefined && areEqual(leftValue, rightValue);
  });
}

function listsAreEqual(left: readonly AttributeValue[], right: readonly AttributeValue[]): boolean {
  if (left.length !== right.length) return false;
  return left.every((element, index) => {
    const other = right[index];
    return other !== undefined && areEqual(element, other);
  });
}

function setsAreEqual(left: readonly string[], right: readonly string[]): boolean {
  if (left.length !== right.length) return false;
  const members = new Set(right);
  return left.every((member) => members.has(member));
}

/**
 * The order of two values: numbers by value, strings by their UTF-8 bytes, binary by its bytes.
 *
 * @returns negative, zero or positive; `undefined` when the two have no order (different types, or no scalars)
 */
export function compareValues(left: AttributeValue, right: AttributeValue): number | undefined {
  if ("N" in left && "N" in right) return compareNumbers(left.N, right.N);
  if ("S" in left && "S" in right) return Buffer.compare(Buffer.from(left.S), Buffer.from(right.S));
  if ("B" in left && "B" in right)
    return Buffer.compare(Buffer.from(left.B, "base64"), Buffer.from(right.B, "base64"));
  return undefined;
}

function compareNumbers(left: string, right: string): number {
  // Below 16 characters a double is exact enough to tell two decimals apart.
  if (left.length < 16 && right.length < 16) return Number(left) - Number(right);
  const [leftText, rightText] = [toLexiStr(left, "N"), toLexiStr(right, "N")];
  return leftText < rightText ? -1 : Number(leftText > rightText);
}

/**
 * The size of an item in bytes (Developer Guide, "DynamoDB item sizes and formats"). Items of up to 409,600 are kept.
 *
 * @throws AwsError ValidationException when it is nested deeper than DynamoDB allows
 */
export function itemSize(item: Item, depth = 0): number {
  let size = 0;
  for (const name in item) {
    const value = item[name];
    if (value !== undefined) size += Buffer.byteLength(name) + valueSize(value, depth);
  }
  return size;
}

function valueSize(value: AttributeValue, depth: number): number {
  if (depth > MAX_NESTING) throw validationError("Nesting Levels have exceeded supported limits");
  if ("S" in value) return Buffer.byteLength(value.S);
  if ("N" in value) return numberSize(value.N);
  if ("B" in value) return Buffer.byteLength(value.B, "base64");
  if ("M" in value) return 3 + Object.keys(value.M).length + itemSize(value.M, depth + 1);
  if ("L" in value) return value.L.reduce((sum, element) => sum + 1 + valueSize(element, depth + 1), 3);
  if ("SS" in value) return value.SS.reduce((sum, member) => sum + Buffer.byteLength(member), 0);
  if ("NS" in value) return value.NS.reduce((sum, member) => sum + numberSize(member), 0);
  if ("BS" in value) return value.BS.reduce((sum, member) => sum + Buffer.byteLength(member, "base64"), 0);
  return 1;
}

/** "1 byte per two significant digits, plus 1 byte"; a sign takes one more. */
function numberSize(text: string): number {
  const digits = text.replace(/^-|\./g, "").replace(/^0+|0+$/g, "").length;
  return 1 + Math.ceil(digits / 2) + (text.startsWith("-") ? 1 : 0);
}
