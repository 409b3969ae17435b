import { isPlainText } from "../patternText";
import { malformed } from "./malformed";
import type { FieldValue, LogRecord } from "./record";
import type { TokenReader } from "./tokenReader";
import type { Token } from "./tokens";

/** A parsed condition of a `filter` command. */
export interface Condition {
  readonly test: (record: LogRecord) => boolean;
  /** Texts that every matching message contains; they let a search skip most of the others. */
  readonly terms: readonly string[];
}

type Operand = (record: LogRecord) => FieldValue;

/**
 * Parses `=`, `!=`, `<`, `<=`, `>`, `>=`, `like`, `=~`, `in`, `ispresent`, `and`, `or`, `not` and parentheses
 * (CloudWatch Logs User Guide, "filter").
 *
 * @throws AwsError `MalformedQueryException` that names what is not understood
 */
export function parseCondition(reader: TokenReader): Condition {
  const parts = [parseAll(reader)];
  while (reader.takeWord("or")) parts.push(parseAll(reader));
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  return { test: (record) => parts.some(({ test }) => test(record)), terms: [] };
}

function parseAll(reader: TokenReader): Condition {
  const parts = [parseOne(reader)];
  while (reader.takeWord("and")) parts.push(parseOne(reader));
  return {
    test: (record) => parts.every(({ test }) => test(record)),
    terms: parts.flatMap(({ terms }) => terms),
  };
}

function parseOne(reader: TokenReader): Condition {
  if (reader.takeWord("not")) return negate(parseOne(reader));
  if (reader.takeSymbol("(")) {
    const condition = parseCondition(reader);
    reader.expectSymbol(")");
    return condition;
  }
  const token = reader.next();
  if (token?.kind === "word" && reader.takeSymbol("(")) return parseFunction(reader, token.text);
  const operand = operandOf(token);
  const negated = reader.takeWord("not");
  const condition = parseComparison(reader, operand, fieldName(token), negated);
  return negated ? negate(condition) : condition;
}

function parseFunction(reader: TokenReader, name: string): Condition {
  if (name.toLowerCase() !== "ispresent") throw malformed(`the function ${name} is not supported here`);
  const field = operandOf(reader.next());
  reader.expectSymbol(")");
  return { test: (record) => field(record) !== undefined, terms: [] };
}

function parseComparison(
  reader: TokenReader,
  left: Operand,
  field: string | undefined,
  negated: boolean,
): Condition {
  if (reader.takeWord("in")) return parseIn(reader, left);
  if (reader.takeWord("like") || reader.takeSymbol("=~")) return parseLike(reader, left, field);
  const operator = reader.next();
  const compare = operator?.kind === "symbol" && !negated ? COMPARISONS[operator.text] : undefined;
  if (compare === undefined) throw reader.unexpected(operator, "a comparison");
  const token = reader.next();
  const right = operandOf(token);
  const isEquality = operator?.kind === "symbol" && operator.text === "=";
  return {
    test: (record) => compare(left(record), right(record)),
    terms: isEquality && token?.kind === "string" ? termsOf(field, token.text) : [],
  };
}

function parseIn(reader: TokenReader, left: Operand): Condition {
  reader.expectSymbol("[");
  const values: Operand[] = [];
  do values.push(operandOf(reader.next()));
  while (reader.takeSymbol(","));
  reader.expectSymbol("]");
  return { test: (record) => values.some((value) => equal(left(record), value(record))), terms: [] };
}

function parseLike(reader: TokenReader, left: Operand, field: string | undefined): Condition {
  const token = reader.next();
  if (token?.kind === "regex")
    return { test: (record) => token.regex.test(String(left(record) ?? "")), terms: [] };
  if (token?.kind !== "string") throw reader.unexpected(token, "a text or a regular expression after like");
  return {
    test: (record) => String(left(record) ?? "").includes(token.text),
    terms: termsOf(field, token.text),
  };
}

/** What the raw message must contain when the field contains the text. */
function termsOf(field: string | undefined, text: string): string[] {
  if (field === "@message") return [text];
  return field !== undefined && !field.startsWith("@") && isPlainText(text) ? [text] : [];
}

function negate(condition: Condition): Condition {
  return { test: (record) => !condition.test(record), terms: [] };
}

function operandOf(token: Token | undefined): Operand {
  if (token?.kind === "string") return () => token.text;
  if (token?.kind === "field") return (record) => record.get(token.text);
  if (token?.kind !== "word") throw malformed("a field, a text or a number is missing");
  const number = Number(token.text);
  if (!Number.isNaN(number)) return () => number;
  if (token.text === "true" || token.text === "false") return () => Number(token.text === "true");
  return (record) => record.get(token.text);
}

function fieldName(token: Token | undefined): string | undefined {
  return token?.kind === "word" || token?.kind === "field" ? token.text : undefined;
}

const COMPARISONS: Readonly<Record<string, (left: FieldValue, right: FieldValue) => boolean>> = {
  "=": equal,
  "!=": (left, right) => !equal(left, right),
  "<": (left, right) => inOrder(left, right, (a, b) => a < b),
  "<=": (left, right) => inOrder(left, right, (a, b) => a <= b),
  ">": (left, right) => inOrder(left, right, (a, b) => a > b),
  ">=": (left, right) => inOrder(left, right, (a, b) => a >= b),
};

function equal(left: FieldValue, right: FieldValue): boolean {
  if (typeof left === "number" || typeof right === "number") return Number(left) === Number(right);
  return left !== undefined && left === right;
}

function inOrder(left: FieldValue, right: FieldValue, test: (a: number, b: number) => boolean): boolean {
  return left !== undefined && right !== undefined && test(Number(left), Number(right));
}
