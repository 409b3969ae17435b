import { compileReference } from "./reference";
import { parseTemplate, TemplateError, type Expression, type Reference, type Statement } from "./syntax";
import { isList, isMap, toJavaString, type VtlValue } from "./values";

/** What a rendering has set so far. */
export interface Scope {
  readonly variables: Record<string, VtlValue>;
  /** Set by `#break` until the loop that it ends has seen it. */
  breaking: boolean;
}

export type Evaluate = (scope: Scope) => VtlValue;

/** @throws TemplateError for what is not supported */
export function compileExpression(expression: Expression): Evaluate {
  switch (expression.type) {
    case "references":
      return compileReference(expression).evaluate;
    case "string":
      return expression.isEval && /[$#]/.test(expression.value)
        ? compileInterpolation(expression.value)
        : constant(expression.value);
    case "integer":
    case "decimal":
      return constant(Number(expression.value));
    case "bool":
      return constant(expression.value === "null" ? null : expression.value === "true");
    case "array":
      return expression.isRange ? compileRange(expression.value) : compileList(expression.value);
    case "map":
      return compileMap(expression.value);
    case "math":
      return compileOperation(expression.operator, expression.expression.map(compileExpression));
    default:
      throw new TemplateError(`the expression ${JSON.stringify(expression)} is not supported`);
  }
}

/**
 * Whether a condition holds: everything but null and false does.
 *
 * @throws TemplateError for an empty string and for 0, which Velocity 1 takes as true and Velocity 2 as false
 */
export function isTrue(value: VtlValue): boolean {
  if (value === "" || value === 0)
    throw new TemplateError(
      `the condition is ${JSON.stringify(value)}, which is true to Velocity 1 and false to Velocity 2: compare it`,
    );
  return value !== null && value !== undefined && value !== false;
}

function constant(value: VtlValue): Evaluate {
  return () => value;
}

/** `"a $b c"`: only references may stand in a string, not directives. */
function compileInterpolation(text: string): Evaluate {
  const parts = parseTemplate(text).map((statement) => {
    if (typeof statement === "string") return () => statement;
    if (!isReference(statement))
      throw new TemplateError(`a directive in the string "${text}" is not supported`);
    return compileReference(statement).print;
  });
  return (scope) => parts.map((part) => part(scope)).join("");
}

function isReference(statement: Exclude<Statement, string>): statement is Reference {
  return "type" in statement && statement.type === "references";
}

function compileList(items: readonly Expression[]): Evaluate {
  const compiled = items.map(compileExpression);
  return (scope) => compiled.map((item) => item(scope));
}

/** `[1..5]`, from either end. */
function compileRange(ends: readonly (Expression | string)[]): Evaluate {
  const [first, last] = ends.map((end) =>
    typeof end === "string" ? constant(Number(end)) : compileExpression(end),
  );
  if (!first || !last) throw new TemplateError("a range needs two ends");
  return (scope) => {
    const [from, to] = [Number(first(scope)), Number(last(scope))];
    const length = Math.min(Math.abs(to - from) + 1, 1_000_000);
    return Array.from({ length }, (_, index) => (from <= to ? from + index : from - index));
  };
}

function compileMap(members: Readonly<Record<string, Expression>>): Evaluate {
  const compiled = Object.entries(members).map(([key, value]) => [key, compileExpression(value)] as const);
  return (scope) => Object.fromEntries(compiled.map(([key, value]) => [key, value(scope)]));
}

function compileOperation(operator: string, [left, right]: readonly Evaluate[]): Evaluate {
  if (!left) throw new TemplateError(`the operator ${operator} needs an operand`);
  if (operator === "parenthesis") return left;
  if (operator === "not") return (scope) => !isTrue(left(scope));
  if (operator === "minus") return (scope) => -Number(left(scope));
  if (!right) throw new TemplateError(`the operator ${operator} needs two operands`);
  if (operator === "&&") return (scope) => isTrue(left(scope)) && isTrue(right(scope));
  if (operator === "||") return (scope) => isTrue(left(scope)) || isTrue(right(scope));
  if (operator === "==") return (scope) => isEqual(left(scope), right(scope));
  if (operator === "!=") return (scope) => !isEqual(left(scope), right(scope));
  const compute = Object.hasOwn(ARITHMETIC, operator) ? ARITHMETIC[operator] : undefined;
  if (!compute) throw new TemplateError(`the operator ${operator} is not supported`);
  return (scope) => compute(left(scope), right(scope));
}

/**
 * Numbers by value, anything else by its text when the types differ (Velocity User Guide, relational operators).
 *
 * @throws TemplateError for null against a value: Velocity's versions differ
 */
function isEqual(left: VtlValue, right: VtlValue): boolean {
  const [a, b] = [left ?? null, right ?? null];
  if (a === b) return true;
  if (a === null || b === null)
    throw new TemplateError(
      'null is compared with a value, which Velocity\'s versions answer differently: use "$!x"',
    );
  if (typeof a === typeof b && !isList(a) && !isMap(a)) return false;
  return toJavaString(a) === toJavaString(b);
}

const ARITHMETIC: Readonly<Record<string, (left: VtlValue, right: VtlValue) => VtlValue>> = {
  "+": (left, right) =>
    typeof left === "string" || typeof right === "string"
      ? toJavaString(left) + toJavaString(right)
      : operand(left) + operand(right),
  "-": (left, right) => operand(left) - operand(right),
  "*": (left, right) => operand(left) * operand(right),
  "/": (left, right) => {
    const quotient = operand(left) / nonZero(right);
    return Number.isInteger(left) && Number.isInteger(right) ? Math.trunc(quotient) : quotient;
  },
  "%": (left, right) => operand(left) % nonZero(right),
  ">": (left, right) => operand(left) > operand(right),
  ">=": (left, right) => operand(left) >= operand(right),
  "<": (left, right) => operand(left) < operand(right),
  "<=": (left, right) => operand(left) <= operand(right),
};

function operand(value: VtlValue): number {
  if (typeof value !== "number") throw new TemplateError(`${toJavaString(value)} is no number`);
  return value;
}

function nonZero(value: VtlValue): number {
  const divisor = operand(value);
  if (divisor === 0) throw new TemplateError("division by zero");
  return divisor;
}
