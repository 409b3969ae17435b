import { areEqual, compareValues, typeOf, type AttributeValue, type Item } from "./attributeValue";
import { valueAt, type DocumentPath } from "./documentPath";

export type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** Where a condition takes a value from: the item, the request, or the size of either. */
export type Operand =
  | { readonly kind: "path"; readonly path: DocumentPath }
  | { readonly kind: "value"; readonly name: string }
  | { readonly kind: "size"; readonly operand: Operand };

/** A condition or filter expression. */
export type Condition =
  | { readonly kind: "and" | "or"; readonly left: Condition; readonly right: Condition }
  | { readonly kind: "not"; readonly condition: Condition }
  | {
      readonly kind: "comparison";
      readonly comparator: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly kind: "between"; readonly operand: Operand; readonly lower: Operand; readonly upper: Operand }
  | { readonly kind: "in"; readonly operand: Operand; readonly candidates: readonly Operand[] }
  | { readonly kind: "function"; readonly name: string; readonly operands: readonly Operand[] };

type Maybe = AttributeValue | undefined;

/**
 * Whether the condition holds for an item (Developer Guide, "Condition and filter expressions, operators, and
 * functions"). What the item lacks equals nothing, and a comparison of two types is false.
 *
 * @param values the request's expression attribute values
 */
export function holds(condition: Condition, item: Item, values: Item): boolean {
  const resolve = (operand: Operand): Maybe => resolveOperand(operand, item, values);
  switch (condition.kind) {
    case "and":
      return holds(condition.left, item, values) && holds(condition.right, item, values);
    case "or":
      return holds(condition.left, item, values) || holds(condition.right, item, values);
    case "not":
      return !holds(condition.condition, item, values);
    case "comparison":
      return compares(condition.comparator, resolve(condition.left), resolve(condition.right));
    case "between": {
      const operand = resolve(condition.operand);
      return (
        compares(">=", operand, resolve(condition.lower)) && compares("<=", operand, resolve(condition.upper))
      );
    }
    case "in": {
      const operand = resolve(condition.operand);
      return condition.candidates.some((candidate) => compares("=", operand, resolve(candidate)));
    }
    case "function":
      return applies(condition.name, condition.operands.map(resolve));
  }
}

function resolveOperand(operand: Operand, item: Item, values: Item): Maybe {
  switch (operand.kind) {
    case "path":
      return valueAt(item, operand.path);
    case "value":
      return values[operand.name];
    case "size":
      return sizeOf(resolveOperand(operand.operand, item, values));
  }
}

/** Of a string its length, of binary its bytes, of a set, list or map its members; of anything else nothing. */
function sizeOf(value: Maybe): Maybe {
  const size = value && memberCount(value);
  return size === undefined ? undefined : { N: String(size) };
}

function memberCount(value: AttributeValue): number | undefined {
  if ("S" in value) return value.S.length;
  if ("B" in value) return Buffer.byteLength(value.B, "base64");
  if ("M" in value) return Object.keys(value.M).length;
  if ("L" in value) return value.L.length;
  if ("SS" in value) return value.SS.length;
  if ("NS" in value) return value.NS.length;
  return "BS" in value ? value.BS.length : undefined;
}

function compares(comparator: Comparator, left: Maybe, right: Maybe): boolean {
  if (left === undefined || right === undefined) return comparator === "<>" && left !== right;
  if (comparator === "=") return areEqual(left, right);
  if (comparator === "<>") return !areEqual(left, right);
  const order = compareValues(left, right);
  if (order === undefined) return false;
  if (comparator === "<") return order < 0;
  if (comparator === "<=") return order <= 0;
  return comparator === ">" ? order > 0 : order >= 0;
}

function applies(name: string, [first, second]: readonly Maybe[]): boolean {
  if (name === "attribute_exists") return first !== undefined;
  if (name === "attribute_not_exists") return first === undefined;
  if (first === undefined || second === undefined) return false;
  if (name === "attribute_type") return "S" in second && typeOf(first) === second.S;
  if (name === "begins_with") return beginsWith(first, second);
  if (name === "contains") return contains(first, second);
  throw new Error(`The expression parser let an unknown function pass: ${name}`);
}

function beginsWith(value: AttributeValue, prefix: AttributeValue): boolean {
  if ("S" in value && "S" in prefix) return value.S.startsWith(prefix.S);
  if (!("B" in value && "B" in prefix)) return false;
  const start = Buffer.from(prefix.B, "base64");
  return Buffer.from(value.B, "base64").subarray(0, start.length).equals(start);
}

function contains(value: AttributeValue, part: AttributeValue): boolean {
  if ("L" in value) return value.L.some((element) => areEqual(element, part));
  if ("S" in part)
    return "S" in value ? value.S.includes(part.S) : "SS" in value && value.SS.includes(part.S);
  if ("N" in part) return "NS" in value && value.NS.includes(part.N);
  if (!("B" in part)) return false;
  if ("BS" in value) return value.BS.includes(part.B);
  return "B" in value && Buffer.from(value.B, "base64").includes(Buffer.from(part.B, "base64"));
}
