import type { AwsDocument } from "../../aws/api";
import { isDocument } from "../../aws/document";
import { isScalar, OPERATORS, parseCondition, type Condition } from "../../sns/filterConditions";

/** Whether a record is for the function. */
export type Filter = (record: AwsDocument) => boolean;

/** Whether a part of a record, `undefined` where it has none, matches a part of a pattern. */
type Rule = (value: unknown) => boolean;

/** What EventBridge and SNS have, and Lambda does not document for its filters. */
const OTHER_OPERATORS = ["cidr", "wildcard"];
const MOST_FILTERS = 5;

/**
 * Compiles a mapping's filters, of which one has to match (Lambda Developer Guide, "Control which events Lambda sends
 * to your function"). The conditions are those of SNS's filter policies, which have the same grammar.
 *
 * @param patterns each one JSON text, at least one
 * @throws Error that quotes the pattern which Lambda would refuse
 */
export function compileFilters(patterns: readonly string[]): Filter {
  if (patterns.length > MOST_FILTERS) throw new Error(`it has more than ${MOST_FILTERS} filters`);
  const rules = patterns.map(compilePattern);
  return (record) => rules.some((matches) => matches(record));
}

function compilePattern(text: string): Rule {
  try {
    const pattern: unknown = JSON.parse(text);
    if (!isDocument(pattern)) throw new Error("it is no object");
    return compileObject(pattern);
  } catch (error) {
    throw new Error(`its filter ${text} is refused: ${(error as Error).message}`, { cause: error });
  }
}

/** Every key of a pattern has to match. */
function compileObject(pattern: AwsDocument): Rule {
  const rules = Object.entries(pattern).map(([name, value]): Rule => {
    if (name === "$or" && isAlternatives(value)) {
      const alternatives = value.map(compileObject);
      return (record) => alternatives.some((matches) => matches(record));
    }
    const rule = compileValue(name, value);
    return (record) => rule(isDocument(record) ? record[name] : undefined);
  });
  return (record) => rules.every((matches) => matches(record));
}

function compileValue(name: string, value: unknown): Rule {
  if (isDocument(value)) return compileObject(value);
  if (!Array.isArray(value) || value.length === 0)
    throw new Error(`"${name}" must be an object or a list of conditions`);
  const conditions = value.map(readCondition);
  return (found) => conditions.some((condition) => holds(condition, found));
}

function readCondition(entry: unknown): Condition {
  const unsupported = isDocument(entry) && Object.keys(entry).find((name) => OTHER_OPERATORS.includes(name));
  if (unsupported) throw new Error(`Unrecognized match type ${unsupported}`);
  return parseCondition(entry);
}

/** A list in the record matches when one of its values does. */
function holds(condition: Condition, found: unknown): boolean {
  const values = (Array.isArray(found) ? found : [found]).filter(isScalar);
  if (condition.kind === "presence") return condition.present === values.length > 0;
  return values.some(condition.matches);
}

/** A `$or` whose alternatives use an operator as a key is a field of that name. */
function isAlternatives(value: unknown): value is AwsDocument[] {
  return (
    Array.isArray(value) &&
    value.length > 1 &&
    value.every((entry) => isDocument(entry) && !Object.keys(entry).some((name) => OPERATORS.includes(name)))
  );
}
