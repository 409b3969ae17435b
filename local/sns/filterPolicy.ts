import type { AwsDocument } from "../aws/api";
import { isDocument } from "../aws/document";
import type { MessageAttributes } from "../aws/messageAttributes";
import { type Condition, OPERATORS, parseCondition, type Scalar } from "./filterConditions";
import { invalidParameter } from "./errors";

export type FilterPolicyScope = "MessageAttributes" | "MessageBody";

/** Whether a message passes. */
export type Filter = (message: string, attributes: MessageAttributes) => boolean;

/** All parts must hold. */
type Rule = readonly Part[];
type Part =
  | { readonly kind: "property"; readonly name: string; readonly conditions: readonly Condition[] }
  | { readonly kind: "nested"; readonly name: string; readonly rule: Rule }
  | { readonly kind: "or"; readonly alternatives: readonly Rule[] };

interface Measured {
  readonly rule: Rule;
  readonly keys: number;
  /** Combinations of values, multiplied up to here. */
  readonly combinations: number;
}

const MOST_KEYS = 5;
const MOST_COMBINATIONS = 150;
const LARGEST_POLICY_BYTES = 262_144;

/**
 * Compiles a subscription's filter policy (SNS Developer Guide, "Amazon SNS subscription filter policies").
 *
 * Written here because no npm package does SNS's: the EventBridge matchers there are have neither its attributes, nor
 * its limits, nor its refusals.
 *
 * @throws AwsError `InvalidParameter` with SNS's reason when SNS would refuse the policy
 */
export function compileFilterPolicy(text: string, scope: FilterPolicyScope): Filter {
  const { rule, keys, combinations } = measure(parseJson(text), scope, 1, 1);
  if (keys > MOST_KEYS) throw refuse(`Filter policy can not have more than ${MOST_KEYS} keys`);
  if (combinations > MOST_COMBINATIONS) throw refuse("Filter policy is too complex");
  return scope === "MessageAttributes"
    ? (_message, attributes) => matches(rule, (name) => valuesOfAttribute(attributes, name))
    : (message) => matchesBody(rule, message);
}

const refuse = (reason: string) => invalidParameter(`FilterPolicy: ${reason}`);

function parseJson(text: string): AwsDocument {
  if (Buffer.byteLength(text) > LARGEST_POLICY_BYTES) throw refuse("Filter policy is larger than 256 KB");
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch (error) {
    throw refuse(`failed to parse JSON. ${(error as Error).message}`);
  }
  if (!isDocument(policy)) throw refuse("Filter policy must be a JSON object");
  return policy;
}

/**
 * Reads a policy, and counts: each list multiplies the combinations by its length times the depth of its key; the
 * alternatives of `$or` are added up (SNS Developer Guide, "Filter policy constraints").
 */
function measure(
  policy: AwsDocument,
  scope: FilterPolicyScope,
  depth: number,
  combinationsBefore: number,
): Measured {
  const rule: Part[] = [];
  let keys = 0;
  let combinations = combinationsBefore;
  for (const [name, value] of Object.entries(policy)) {
    if (name === "$or" && isOr(value)) {
      const alternatives = value.map((one) => measure(one, scope, depth, combinations));
      rule.push({ kind: "or", alternatives: alternatives.map((one) => one.rule) });
      keys += alternatives.reduce((sum, one) => sum + one.keys, 0);
      combinations = alternatives.reduce((sum, one) => sum + one.combinations, 0);
    } else if (Array.isArray(value)) {
      rule.push({ kind: "property", name, conditions: parseConditions(value, scope) });
      keys++;
      combinations *= value.length * depth;
    } else if (isDocument(value)) {
      const nested = measure(value, scope, depth + 1, combinations);
      if (scope === "MessageAttributes")
        throw invalidParameter("Filter policy scope MessageAttributes does not support nested filter policy");
      rule.push({ kind: "nested", name, rule: nested.rule });
      keys += nested.keys;
      combinations = nested.combinations;
    } else throw refuse(`"${name}" must be an object or an array`);
  }
  return { rule, keys, combinations };
}

/** When `$or` means "or" and is not a property's name (SNS Developer Guide, "AND/OR logic"). */
function isOr(value: unknown): value is readonly AwsDocument[] {
  return (
    Array.isArray(value) &&
    value.length >= 2 &&
    value.every((one) => isDocument(one) && !Object.keys(one).some((name) => OPERATORS.includes(name)))
  );
}

function parseConditions(list: readonly unknown[], scope: FilterPolicyScope): readonly Condition[] {
  if (list.length === 0) throw refuse("Empty arrays are not allowed");
  try {
    const conditions = list.map(parseCondition);
    // An attribute has no null: there the keyword stands for its absence.
    if (scope === "MessageAttributes" && list.includes(null))
      conditions.push({ kind: "presence", present: false });
    return conditions;
  } catch (error) {
    throw refuse((error as Error).message);
  }
}

type ValuesOf = (name: string) => readonly Scalar[] | undefined;
type MatchNested = (name: string, rule: Rule) => boolean;

const matchNoNested: MatchNested = () => false;

function matches(rule: Rule, valuesOf: ValuesOf, matchNested: MatchNested = matchNoNested): boolean {
  return rule.every((part) => {
    switch (part.kind) {
      case "property":
        return matchesAny(part.conditions, valuesOf(part.name));
      case "nested":
        return matchNested(part.name, part.rule);
      case "or":
        return part.alternatives.some((alternative) => matches(alternative, valuesOf, matchNested));
    }
  });
}

function matchesAny(conditions: readonly Condition[], values: readonly Scalar[] | undefined): boolean {
  return conditions.some((condition) =>
    condition.kind === "presence"
      ? condition.present === (values !== undefined)
      : (values?.some(condition.matches) ?? false),
  );
}

/** SNS compares attributes of the types String, String.Array and Number, and ignores the others. */
function valuesOfAttribute(attributes: MessageAttributes, name: string): readonly Scalar[] | undefined {
  if (!Object.hasOwn(attributes, name)) return undefined;
  const { DataType, StringValue = "" } = attributes[name] ?? { DataType: "" };
  switch (DataType) {
    case "String":
      return [StringValue];
    case "Number":
      return [Number(StringValue)];
    case "String.Array":
      return scalarsOf(parseOrUndefined(StringValue)) ?? [];
    default:
      return undefined;
  }
}

function matchesBody(rule: Rule, message: string): boolean {
  const body = parseOrUndefined(message);
  return isDocument(body) && matchesObject(rule, body);
}

function matchesObject(rule: Rule, object: AwsDocument): boolean {
  const member = (name: string) => (Object.hasOwn(object, name) ? object[name] : undefined);
  return matches(
    rule,
    (name) => scalarsOf(member(name)),
    (name, nested) => {
      const value = member(name);
      if (Array.isArray(value)) return value.some((item) => isDocument(item) && matchesObject(nested, item));
      return matchesObject(nested, isDocument(value) ? value : {});
    },
  );
}

/** The comparable values of a property, those of a list one by one; `undefined` when it has none of its own. */
function scalarsOf(value: unknown): readonly Scalar[] | undefined {
  if (value === undefined || isDocument(value)) return undefined;
  if (!Array.isArray(value)) return [value as Scalar];
  return value.flat(Infinity).filter((item): item is Scalar => !isDocument(item));
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
