import { BlockList, isIP } from "node:net";
import { isDocument } from "../aws/document";

/** A value that a filter policy can compare. */
export type Scalar = string | number | boolean | null;

/** One entry of a policy's list: asks whether the property is there, or compares its values one by one. */
export type Condition =
  | { readonly kind: "presence"; readonly present: boolean }
  | { readonly kind: "value"; readonly matches: (value: Scalar) => boolean };

/** Names of operators; a `$or` whose alternatives use one as a key is no `$or` (SNS Developer Guide, "AND/OR logic"). */
export const OPERATORS = [
  "anything-but",
  "cidr",
  "equals-ignore-case",
  "exists",
  "numeric",
  "prefix",
  "suffix",
  "wildcard",
];

const LARGEST_NUMBER = 1e9;
/** Five digits after the decimal point count. */
const PRECISION = 1e5;

export function isScalar(value: unknown): value is Scalar {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

/**
 * Reads one entry of a policy's list.
 *
 * @throws Error with SNS's reason when it is no condition
 */
export function parseCondition(entry: unknown): Condition {
  if (isScalar(entry)) return value(equalTo(entry));
  if (!isDocument(entry)) throw new Error("Match value must be String, number, true, false, or null");
  const [operator, operand] = onlyMember(entry);
  switch (operator) {
    case "exists":
      if (typeof operand !== "boolean") throw new Error("exists match pattern must be either true or false.");
      return { kind: "presence", present: operand };
    case "anything-but":
      return value(parseAnythingBut(operand));
    case "numeric":
      return value(parseNumeric(operand));
    case "cidr":
      return value(parseCidr(operand));
    default:
      return value(parseTextOperator(operator, operand));
  }
}

function value(matches: (value: Scalar) => boolean): Condition {
  return { kind: "value", matches };
}

function onlyMember(entry: Readonly<Record<string, unknown>>): [string, unknown] {
  const [first, ...others] = Object.entries(entry);
  if (first === undefined || others.length > 0) throw new Error("Only one key allowed in match expression");
  return first;
}

function equalTo(wanted: Scalar): (value: Scalar) => boolean {
  return typeof wanted === "number" ? comparison("=", wanted) : (found) => found === wanted;
}

function parseTextOperator(operator: string, operand: unknown): (value: Scalar) => boolean {
  if (!["equals-ignore-case", "prefix", "suffix", "wildcard"].includes(operator))
    throw new Error(`Unrecognized match type ${operator}`);
  if (typeof operand !== "string") throw new Error(`${operator} match pattern must be a string`);
  const test = textTest(operator, operand);
  return (found) => typeof found === "string" && test(found);
}

function textTest(operator: string, operand: string): (text: string) => boolean {
  switch (operator) {
    case "prefix":
      return (text) => text.startsWith(operand);
    case "suffix":
      return (text) => text.endsWith(operand);
    case "equals-ignore-case":
      return (text) => text.toLowerCase() === operand.toLowerCase();
    default: {
      const pattern = wildcardPattern(operand);
      return (text) => pattern.test(text);
    }
  }
}

/** `*` stands for any characters; `\*` and `\\` for themselves. */
function wildcardPattern(operand: string): RegExp {
  let pattern = "";
  for (const [part] of operand.matchAll(/\\[*\\]|\\|\*+|[^\\*]+/g)) {
    if (part === "\\") throw new Error("Invalid escape character in wildcard match pattern");
    if (part.startsWith("**")) throw new Error("Consecutive wildcard characters in wildcard match pattern");
    const literal = part.startsWith("\\") ? part.slice(1) : part;
    pattern += part === "*" ? "[^]*" : literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  }
  return new RegExp(`^${pattern}$`);
}

/**
 * Matches every value that the operand does not. A property with several values matches when one of them does: the
 * guide's examples say so (`["rugby","baseball"]` against anything but rugby and tennis).
 */
function parseAnythingBut(operand: unknown): (value: Scalar) => boolean {
  if (isDocument(operand)) {
    const [operator, text] = onlyMember(operand);
    if (!["prefix", "suffix", "wildcard"].includes(operator))
      throw new Error(`Unsupported anything-but pattern: ${operator}`);
    const denied = parseTextOperator(operator, text);
    return (found) => !denied(found);
  }
  const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0 || !values.every((item) => typeof item === "string" || typeof item === "number"))
    throw new Error("Inside anything but list, either all values are number or string");
  const denied = values.map(equalTo);
  return (found) => !denied.some((equals) => equals(found));
}

function parseNumeric(operand: unknown): (value: Scalar) => boolean {
  const parts = Array.isArray(operand) ? (operand as readonly unknown[]) : [];
  const [operator, bound, second, top] = parts;
  if (typeof operator !== "string")
    throw new Error(`Invalid member in numeric match: ${parts.length === 0 ? "]" : String(operator)}`);
  const first = comparison(operator, bound);
  if (parts.length <= 2) return first;
  if (!operator.startsWith(">")) throw new Error("Too many elements in numeric expression");
  if (typeof second !== "string") throw new Error(`Bad value in numeric range: ${String(second)}`);
  if (!second.startsWith("<")) throw new Error(`Bad numeric range operator: ${second}`);
  const last = comparison(second, top);
  if (parts.length > 4) throw new Error("Too many terms in numeric range expression");
  if (Number(bound) >= Number(top)) throw new Error("Bottom must be less than top");
  return (found) => first(found) && last(found);
}

const COMPARISONS: Readonly<Record<string, (found: number, bound: number) => boolean>> = {
  "=": (found, bound) => found === bound,
  "<": (found, bound) => found < bound,
  "<=": (found, bound) => found <= bound,
  ">": (found, bound) => found > bound,
  ">=": (found, bound) => found >= bound,
};

function comparison(operator: string, bound: unknown): (value: Scalar) => boolean {
  const compare = Object.hasOwn(COMPARISONS, operator) ? COMPARISONS[operator] : undefined;
  if (compare === undefined) throw new Error(`Unrecognized numeric range operator: ${operator}`);
  if (typeof bound !== "number")
    throw new Error(`Value of ${operator === "=" ? "equals" : operator} must be numeric`);
  if (!isComparable(bound))
    throw new Error(`Value ${bound} must be between -${LARGEST_NUMBER} and ${LARGEST_NUMBER}`);
  const limit = round(bound);
  return (found) => typeof found === "number" && isComparable(found) && compare(round(found), limit);
}

function round(number: number): number {
  return Math.round(number * PRECISION);
}

function isComparable(number: number): boolean {
  return Math.abs(number) <= LARGEST_NUMBER;
}

function parseCidr(operand: unknown): (value: Scalar) => boolean {
  const [address = "", bits = "", ...rest] = typeof operand === "string" ? operand.split("/") : [];
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    throw new Error(`Malformed CIDR, one '/' required: ${String(operand)}`);
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family === 4 ? "ipv4" : "ipv6");
  return (found) =>
    typeof found === "string" && isIP(found) === family && block.check(found, family === 4 ? "ipv4" : "ipv6");
}
