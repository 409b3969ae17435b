import {
  convertKeyCondition,
  validateAttributeValue,
  validateExpressions,
  type ConditionNode,
  type ExpressionData,
  type KeyCondition as ParsedKeyCondition,
  type OperandNode,
  type ParsedCondition,
} from "dynalite/validations";
import { typeOf, type Item } from "./attributeValue";
import type { Comparator, Condition, Operand } from "./condition";
import type { DocumentPath } from "./documentPath";
import { refuseIf, validationError } from "./errors";
import type { UpdateAction, UpdateOperand } from "./update";

/** The members of a request that hold expressions. */
export interface ExpressionInput {
  readonly ConditionExpression?: string;
  readonly FilterExpression?: string;
  readonly KeyConditionExpression?: string;
  readonly ProjectionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
}

/** What a query asks of one key attribute; the values are names of expression attribute values. */
export interface KeyCondition {
  readonly operator: ParsedKeyCondition["ComparisonOperator"];
  readonly values: readonly string[];
}

/** The expressions of a request, ready to be evaluated with its values. */
export interface Expressions {
  readonly condition?: Condition;
  readonly filter?: Condition;
  /** The top-level attributes that the filter names. */
  readonly filterAttributes: readonly string[];
  readonly keyConditions?: ReadonlyMap<string, KeyCondition>;
  readonly projection?: readonly DocumentPath[];
  readonly update?: readonly UpdateAction[];
  /** The top-level attributes of which some expression addresses a part. */
  readonly nestedAttributes: readonly string[];
}

const NONE: Expressions = { filterAttributes: [], nestedAttributes: [] };
const PARTS = ["Condition", "Filter", "KeyCondition", "Projection", "Update"] as const;
const MAX_EXPRESSION_BYTES = 4096;
/** The parser's time doubles with every level of parentheses. */
const MAX_PARENTHESES = 8;
/** Whether these are well-formed depends on the values, so what one request passed says nothing of the next. */
const CHECKS_VALUES = /between|attribute_type/i;
const MAX_CACHED = 1000;

const cache = new Map<string, Expressions>();

/**
 * Parses the expressions of a request. Programs send the same few texts over and over, and parsing takes longer than
 * writing the item: what was parsed is kept, by the texts, the names and the types of the values.
 *
 * Writes the numbers among the values in their plain form.
 *
 * @throws AwsError ValidationException for a syntax error, a reserved word, an unused name or value, and so on
 */
export function parseExpressions(input: ExpressionInput): Expressions {
  const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
  const texts = PARTS.map((part) => input[`${part}Expression`]);
  if (texts.every((text) => text === undefined) && !names && !values) return NONE;
  const types = values && Object.entries(values).map(([name, value]) => [name, checkedType(name, value)]);
  const key = JSON.stringify([texts, names, types]);
  const known = cache.get(key);
  if (known) return known;
  const parsed = parse(input, texts);
  if (texts.some((text) => text !== undefined && CHECKS_VALUES.test(text))) return parsed;
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(key, parsed);
  return parsed;
}

function checkedType(name: string, value: Item[string]): string {
  const problem = validateAttributeValue(value);
  if (problem)
    throw validationError(`ExpressionAttributeValues contains invalid value: ${problem} for key ${name}`);
  return typeOf(value);
}

function parse(input: ExpressionInput, texts: readonly (string | undefined)[]): Expressions {
  texts.forEach((text, index) => text !== undefined && checkExpression(text, `${PARTS[index]}Expression`));
  const data: ExpressionData = { ...input };
  refuseIf(validateExpressions(data));
  const { _condition, _filter, _keyCondition, _projection, _updates } = data;
  // The parser puts the value's own object where an expression names it.
  const valueNames = new Map<object, string>();
  for (const [name, value] of Object.entries(input.ExpressionAttributeValues ?? {}))
    valueNames.set(value, name);
  const compiler = new Compiler(valueNames);
  const nested = [_condition, _filter, _keyCondition, _projection, _updates].flatMap((part) =>
    Object.keys(part?.nestedPaths ?? {}),
  );
  return {
    ...(_condition && { condition: compiler.condition(_condition.expression) }),
    ...(_filter && { filter: compiler.condition(_filter.expression) }),
    filterAttributes: Object.keys(_filter?.pathHeads ?? {}),
    ...(_keyCondition && { keyConditions: compiler.keyConditions(_keyCondition) }),
    ...(_projection && { projection: _projection.paths }),
    ...(_updates && { update: _updates.sections.map((section) => compiler.updateAction(section)) }),
    nestedAttributes: nested,
  };
}

/** "The maximum length of any expression string is 4 KB" (Developer Guide, quotas). */
function checkExpression(text: string, member: string): void {
  const problem = (reason: string) => validationError(`Invalid ${member}: ${reason}`);
  if (Buffer.byteLength(text) > MAX_EXPRESSION_BYTES)
    throw problem("Expression size has exceeded the maximum allowed size;");
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth > MAX_PARENTHESES)
      throw problem("The local table takes at most 8 parentheses within one another;");
  }
}

/** Turns the parser's trees into ours, with names in the place of values. */
class Compiler {
  constructor(private readonly valueNames: ReadonlyMap<object, string>) {}

  condition(node: ConditionNode): Condition {
    const [first, second, third] = node.args;
    switch (node.type) {
      case "and":
      case "or":
        return { kind: node.type, left: this.nestedCondition(first), right: this.nestedCondition(second) };
      case "not":
        return { kind: "not", condition: this.nestedCondition(first) };
      case "between":
        return {
          kind: "between",
          operand: this.operand(first),
          lower: this.operand(second),
          upper: this.operand(third),
        };
      case "in":
        return {
          kind: "in",
          operand: this.operand(first),
          candidates: node.args.slice(1).map((candidate) => this.operand(candidate)),
        };
      case "function":
        return {
          kind: "function",
          name: node.name ?? "",
          operands: node.args.map((operand) => this.operand(operand)),
        };
      default:
        return {
          kind: "comparison",
          comparator: comparatorOf(node.type),
          left: this.operand(first),
          right: this.operand(second),
        };
    }
  }

  keyConditions({ expression }: ParsedCondition): ReadonlyMap<string, KeyCondition> {
    const conditions = convertKeyCondition(expression);
    if (typeof conditions === "string") throw validationError(conditions);
    return new Map(
      Object.entries(conditions).map(([attribute, { ComparisonOperator, AttributeValueList }]) => [
        attribute,
        { operator: ComparisonOperator, values: AttributeValueList.map((value) => this.valueName(value)) },
      ]),
    );
  }

  updateAction(node: { type: UpdateAction["kind"]; path: DocumentPath; val?: OperandNode }): UpdateAction {
    const { type, path } = node;
    if (type === "remove") return { kind: type, path };
    if (type === "set") return { kind: type, path, operand: this.updateOperand(node.val) };
    return { kind: type, path, value: this.valueName(node.val) };
  }

  private nestedCondition(node: ConditionNode["args"][number] | undefined): Condition {
    if (!isCondition(node))
      throw new Error("The expression parser gave an operand where a condition stands.");
    return this.condition(node);
  }

  private operand(node: OperandNode | undefined): Operand {
    if (Array.isArray(node)) return { kind: "path", path: node };
    if (node !== undefined && isCall(node)) return { kind: "size", operand: this.operand(node.args[0]) };
    return { kind: "value", name: this.valueName(node) };
  }

  private updateOperand(node: OperandNode | undefined): UpdateOperand {
    if (Array.isArray(node)) return { kind: "path", path: node };
    if (node === undefined || !isCall(node)) return { kind: "value", name: this.valueName(node) };
    const [left, right] = [this.updateOperand(node.args[0]), this.updateOperand(node.args[1])];
    if (node.type !== "function") return { kind: node.type, left, right };
    if (node.name === "list_append") return { kind: "list_append", left, right };
    if (left.kind !== "path") throw new Error("The expression parser gave if_not_exists no path.");
    return { kind: "if_not_exists", path: left.path, fallback: right };
  }

  private valueName(node: OperandNode | undefined): string {
    const name = node && this.valueNames.get(node);
    if (name === undefined)
      throw new Error("The expression parser gave a value that the request does not have.");
    return name;
  }
}

function isCondition(node: ConditionNode["args"][number] | undefined): node is ConditionNode {
  return node !== undefined && !Array.isArray(node) && "args" in node;
}

function isCall(
  node: OperandNode,
): node is { type: "function" | "add" | "subtract"; name: string; args: readonly OperandNode[] } {
  return "args" in node;
}

function comparatorOf(type: string): Comparator {
  switch (type) {
    case "=":
    case "<>":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return type;
    default:
      throw new Error(`The expression parser gave an unknown comparator: ${type}`);
  }
}
