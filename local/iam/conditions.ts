import { BlockList, isIP } from "node:net";
import { isKnownKey, type RequestContext } from "./context";
import { compilePattern, variableNames, type Matcher, type PatternOptions } from "./pattern";

/** Whether a statement's whole `Condition` holds for a request. */
export type Condition = (context: RequestContext) => boolean;

/** Compiles the text of one condition value; throws where the operator cannot compare with it. */
type Comparison = (expected: string, options: PatternOptions) => Matcher;

const equal: Comparison = (text, options) => compilePattern(text, { ...options, wildcards: false });
const equalIgnoringCase: Comparison = (text, options) =>
  compilePattern(text, { ...options, wildcards: false, ignoreCase: true });
const like: Comparison = (text, options) => compilePattern(text, options);
const arnLike: Comparison = (text, options) => compilePattern(text, { ...options, arn: true });

/** The operators without negation, in the order of the IAM User Guide; `Not` before the comparison negates. */
const COMPARISONS: Readonly<Record<string, Comparison>> = {
  StringEquals: equal,
  StringEqualsIgnoreCase: equalIgnoringCase,
  StringLike: like,
  NumericEquals: ordered(readNumber, (value, expected) => value === expected),
  NumericLessThan: ordered(readNumber, (value, expected) => value < expected),
  NumericLessThanEquals: ordered(readNumber, (value, expected) => value <= expected),
  NumericGreaterThan: ordered(readNumber, (value, expected) => value > expected),
  NumericGreaterThanEquals: ordered(readNumber, (value, expected) => value >= expected),
  DateEquals: ordered(readDate, (value, expected) => value === expected),
  DateLessThan: ordered(readDate, (value, expected) => value < expected),
  DateLessThanEquals: ordered(readDate, (value, expected) => value <= expected),
  DateGreaterThan: ordered(readDate, (value, expected) => value > expected),
  DateGreaterThanEquals: ordered(readDate, (value, expected) => value >= expected),
  Bool: bool,
  IpAddress: ipAddress,
  ArnEquals: arnLike,
  ArnLike: arnLike,
};

const NEGATIONS: Readonly<Record<string, string>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  NumericNotEquals: "NumericEquals",
  DateNotEquals: "DateEquals",
  NotIpAddress: "IpAddress",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
};

const OPERATOR = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/;

interface Operator {
  readonly name: string;
  readonly set: string | undefined;
  readonly ifExists: boolean;
}

/**
 * Compiles one entry of a statement's `Condition`: an operator, a condition key and the values it is compared with.
 * Several values are alternatives; for a negated operator none of them may match (IAM User Guide, "Conditions with
 * multiple context keys or values").
 *
 * @param variables whether the policy's version has policy variables
 * @throws Error that names an operator, key or value that the local run cannot decide
 */
export function compileCondition(
  operatorText: string,
  key: string,
  expected: readonly string[],
  variables: boolean,
): Condition {
  for (const name of [key, ...(variables ? expected.flatMap(variableNames) : [])])
    if (!isKnownKey(name))
      throw new Error(`the condition key "${name}", which the local run does not supply`);
  const [, set, name = "", ifExists] = OPERATOR.exec(operatorText) ?? [];
  const operator = { name, set, ifExists: ifExists !== undefined };
  const lowerCaseKey = key.toLowerCase();
  if (operatorText === "Null") return nullCondition(lowerCaseKey, expected);

  const negated = Object.hasOwn(NEGATIONS, name);
  const positive = negated ? NEGATIONS[name] : name;
  const comparison = positive !== undefined && Object.hasOwn(COMPARISONS, positive) && COMPARISONS[positive];
  if (!comparison) throw new Error(`the condition operator "${operatorText}"`);

  const matchers = expected.map((text) => comparison(text, { variables }));
  const test: Matcher = (value, context) => matchers.some((matches) => matches(value, context)) !== negated;
  const whenAbsent = operator.ifExists || set === "ForAllValues" || (negated && set !== "ForAnyValue");
  return (context) => decide(operator, context, context.values(lowerCaseKey), test, whenAbsent);
}

function decide(
  operator: Operator,
  context: RequestContext,
  values: readonly string[] | undefined,
  test: Matcher,
  whenAbsent: boolean,
): boolean {
  if (values === undefined) return whenAbsent;
  return operator.set === "ForAllValues"
    ? values.every((value) => test(value, context))
    : values.some((value) => test(value, context));
}

function nullCondition(key: string, expected: readonly string[]): Condition {
  const wanted = expected.map(readBool);
  return (context) => wanted.includes(context.values(key) === undefined);
}

function ordered(
  read: (text: string) => number,
  compare: (value: number, expected: number) => boolean,
): Comparison {
  return (text) => {
    const expected = read(text);
    if (Number.isNaN(expected)) throw new Error(`the condition value "${text}"`);
    return (value) => compare(read(value), expected);
  };
}

function readNumber(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}

/** ISO 8601, or seconds since the epoch. */
function readDate(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function bool(text: string): Matcher {
  const expected = readBool(text);
  return (value) => (value.toLowerCase() === "true") === expected;
}

function readBool(text: string): boolean {
  const lower = text.toLowerCase();
  if (lower !== "true" && lower !== "false") throw new Error(`the condition value "${text}"`);
  return lower === "true";
}

function ipAddress(text: string): Matcher {
  const [address = "", prefix] = text.split("/");
  const version = isIP(address);
  if (version === 0) throw new Error(`the condition value "${text}"`);
  const family = version === 4 ? "ipv4" : "ipv6";
  const range = new BlockList();
  range.addSubnet(address, prefix === undefined ? (version === 4 ? 32 : 128) : Number(prefix), family);
  return (value) => isIP(value) !== 0 && range.check(value, isIP(value) === 4 ? "ipv4" : "ipv6");
}
