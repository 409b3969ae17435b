import type { AwsDocument } from "../aws/api";
import type { Caller } from "../aws/caller";
import { typeOf, type AttributeValue, type Item } from "./attributeValue";
import { validationError } from "./errors";
import { parseExpressions, type Expressions, type KeyCondition } from "./expressions";
import type { ItemServices } from "./itemActions";
import { checkKeyValue, encodeKeyValue, endOfPrefix, keyAttributes } from "./keys";
import {
  checkExpressionParams,
  checkPageRequest,
  readPage,
  readStartKey,
  sourceOf,
  type PageSource,
} from "./pages";
import type { Bound, KeyRange } from "./pageStore";
import { REQUESTS, type QueryInput } from "./requests";
import type { KeyAttribute, KeySchema } from "./tableDefinition";

/** Items of one partition, in the order of their sort keys. */
export function query(services: ItemServices, input: AwsDocument, caller: Caller): AwsDocument {
  const request = REQUESTS.Query(input);
  const { TableName: tableName, IndexName: indexName } = request;
  checkExpressionParams(request, "ProjectionExpression", "FilterExpression", "KeyConditionExpression");
  if (request.KeyConditionExpression === undefined)
    throw validationError(
      "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
    );
  const expressions = parseExpressions(request);
  const key = leadingKey(expressions, request);
  const table = services.tables.open({
    caller,
    action: "dynamodb:Query",
    tableName,
    indexName,
    key,
    data: true,
  });
  const source = sourceOf(table, request);
  checkPageRequest(request, source, expressions);
  checkFilter(expressions, source.key);
  const range = keyRange(request, source, expressions);
  return readPage({ request, source, expressions, rows: services.items.rows(table, source.index, range) });
}

/** The attributes that the query fixes, among which is the partition key if the query is well-formed. */
function leadingKey({ keyConditions }: Expressions, { ExpressionAttributeValues: values }: QueryInput): Item {
  const key: Item = {};
  for (const [attribute, condition] of keyConditions ?? []) {
    const value = condition.operator === "EQ" ? values?.[condition.values[0] ?? ""] : undefined;
    if (value) key[attribute] = value;
  }
  return key;
}

function checkFilter({ filterAttributes }: Expressions, key: KeySchema): void {
  const attribute = keyAttributes(key).find(({ name }) => filterAttributes.includes(name));
  if (attribute)
    throw validationError(
      `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${attribute.name}`,
    );
}

function keyRange(request: QueryInput, source: PageSource, { keyConditions }: Expressions): KeyRange {
  const conditions = keyConditions ?? new Map<string, KeyCondition>();
  const { partition, sort } = source.key;
  if (conditions.size > 2) throw validationError("Conditions can be of length 1 or 2 only");
  if (conditions.size > 1 && !sort) throw validationError("Query key condition not supported");
  const partitionCondition = conditions.get(partition.name);
  if (!partitionCondition) throw missedKey(partition);
  if (partitionCondition.operator !== "EQ") throw validationError("Query key condition not supported");
  const sortCondition = sort && conditions.get(sort.name);
  if (sort && conditions.size > 1 && !sortCondition) throw missedKey(sort);
  const values = request.ExpressionAttributeValues ?? {};
  const encoded = (attribute: KeyAttribute, condition: KeyCondition) =>
    condition.values.map((name) => encodeKeyValue(checkedValue(values[name], attribute, source.key)));
  const range: KeyRange = {
    partition: encoded(partition, partitionCondition)[0] ?? "",
    ...(sort && sortCondition && bounds(sortCondition.operator, encoded(sort, sortCondition))),
    forward: request.ScanIndexForward ?? true,
  };
  if (!request.ExclusiveStartKey) return range;
  const after = readStartKey(request.ExclusiveStartKey, source);
  checkWithin(range, after.index ?? after.item);
  return { ...range, after };
}

function missedKey({ name }: KeyAttribute) {
  return validationError(`Query condition missed key schema element: ${name}`);
}

function checkedValue(
  value: AttributeValue | undefined,
  attribute: KeyAttribute,
  key: KeySchema,
): AttributeValue {
  if (value === undefined || typeOf(value) !== attribute.type)
    throw validationError(
      "One or more parameter values were invalid: Condition parameter type does not match schema type",
    );
  checkKeyValue(value, attribute.name, key);
  return value;
}

function bounds(
  operator: KeyCondition["operator"],
  [first = "", second = ""]: readonly string[],
): { lower?: Bound; upper?: Bound } {
  const [inclusive, exclusive] = [
    { value: first, inclusive: true },
    { value: first, inclusive: false },
  ];
  switch (operator) {
    case "EQ":
      return { lower: inclusive, upper: inclusive };
    case "LT":
      return { upper: exclusive };
    case "LE":
      return { upper: inclusive };
    case "GT":
      return { lower: exclusive };
    case "GE":
      return { lower: inclusive };
    case "BETWEEN":
      return { lower: inclusive, upper: { value: second, inclusive: true } };
    case "BEGINS_WITH": {
      const end = endOfPrefix(first);
      return { lower: inclusive, ...(end !== undefined && { upper: { value: end, inclusive: false } }) };
    }
  }
}

function checkWithin(
  { partition, lower, upper }: KeyRange,
  start: { partition: string; sort: string },
): void {
  if (start.partition !== partition)
    throw validationError(
      "The provided starting key is outside query boundaries based on provided conditions",
    );
  const beyond = (bound: Bound | undefined, order: number) =>
    bound && (order < 0 || (order === 0 && !bound.inclusive));
  if (
    beyond(lower, lower ? compareBytes(start.sort, lower.value) : 0) ||
    beyond(upper, upper ? compareBytes(upper.value, start.sort) : 0)
  )
    throw validationError("The provided starting key does not match the range key predicate");
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
