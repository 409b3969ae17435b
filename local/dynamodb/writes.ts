import { validateAttributeValue, validateExpressionParams } from "dynalite/validations";
import { AwsError } from "../aws/error";
import type { Item } from "./attributeValue";
import { holds } from "./condition";
import type { DocumentPath } from "./documentPath";
import { refuseIf, validationError } from "./errors";
import { parseExpressions, type ExpressionInput, type Expressions } from "./expressions";
import { newImage, type ItemChange, type ItemStore, type StoredTable } from "./itemStore";
import { checkItemKeys, keyAttributes, keyOf, readKey } from "./keys";
import type { ConditionFailureInput } from "./requests";
import type { TableDefinition } from "./tableDefinition";
import { applyUpdate } from "./update";

/** "The maximum item size in DynamoDB is 400 KB, which includes both attribute name and attribute value lengths." */
const MAX_ITEM_BYTES = 400 * 1024;

/** A write that may have a condition. */
type ConditionalInput = ExpressionInput & ConditionFailureInput;

/** The change that a put makes, once its condition holds. */
export function planPut(
  items: ItemStore,
  table: StoredTable,
  request: ConditionalInput & { readonly Item: Item },
): ItemChange {
  refuseIf(validateExpressionParams(request, ["ConditionExpression"], []));
  checkValues(request.Item);
  const expressions = parseExpressions(request);
  const after = checkedImage(
    request.Item,
    table.definition,
    "Item size has exceeded the maximum allowed size",
  );
  const key = keyOf(request.Item, table.definition.key);
  const before = existing(items, table, key);
  checkCondition(expressions, before?.item, request);
  return { table, key, before, after };
}

/** The change that a deletion makes, once its condition holds. */
export function planDelete(
  items: ItemStore,
  table: StoredTable,
  request: ConditionalInput & { readonly Key: Item },
): ItemChange {
  const { key, before } = planCheck(items, table, request);
  return { table, key, before, after: undefined };
}

/** Checks a condition alone. */
export function planCheck(
  items: ItemStore,
  table: StoredTable,
  request: ConditionalInput & { readonly Key: Item },
): Pick<ItemChange, "key" | "before"> {
  refuseIf(validateExpressionParams(request, ["ConditionExpression"], []));
  checkValues(request.Key);
  const expressions = parseExpressions(request);
  const key = readKey(request.Key, table.definition.key);
  const before = existing(items, table, key);
  checkCondition(expressions, before?.item, request);
  return { key, before };
}

/** The change that an update makes, once its condition holds, and the attributes that it touches. */
export function planUpdate(
  items: ItemStore,
  table: StoredTable,
  request: ConditionalInput & { readonly Key: Item },
): { change: ItemChange; paths: readonly DocumentPath[] } {
  refuseIf(validateExpressionParams(request, ["UpdateExpression", "ConditionExpression"], []));
  checkValues(request.Key);
  const expressions = parseExpressions(request);
  const actions = expressions.update ?? [];
  const key = readKey(request.Key, table.definition.key);
  checkNestedAttributes(expressions.nestedAttributes, table.definition);
  for (const { name } of keyAttributes(table.definition.key))
    if (actions.some(({ path }) => path[0] === name))
      throw validationError(
        `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
      );
  const before = existing(items, table, key);
  checkCondition(expressions, before?.item, request);
  const after = checkedImage(
    applyUpdate(actions, before?.item ?? request.Key, request.ExpressionAttributeValues ?? {}),
    table.definition,
    "Item size to update has exceeded the maximum allowed size",
  );
  return { change: { table, key, before, after }, paths: actions.map(({ path }) => path) };
}

function existing(items: ItemStore, table: StoredTable, key: ItemChange["key"]): ItemChange["before"] {
  const stored = items.get(table, key);
  return stored && { ...stored, item: JSON.parse(stored.text) as Item };
}

/** Checks the values of an item or key, and writes their numbers in their plain form. */
export function checkValues(item: Item): void {
  for (const name in item) {
    const value = item[name];
    if (value) refuseIf(validateAttributeValue(value));
  }
}

function checkedImage(item: Item, table: TableDefinition, tooLarge: string) {
  checkItemKeys(item, table);
  const image = newImage(item);
  if (image.sizeBytes > MAX_ITEM_BYTES) throw validationError(tooLarge);
  return image;
}

/** @throws AwsError ConditionalCheckFailedException, with the item as it is if the request asks for it */
function checkCondition({ condition }: Expressions, item: Item | undefined, request: ConditionalInput): void {
  if (!condition || holds(condition, item ?? {}, request.ExpressionAttributeValues ?? {})) return;
  const wantsItem = request.ReturnValuesOnConditionCheckFailure === "ALL_OLD";
  throw new AwsError(
    "ConditionalCheckFailedException",
    "The conditional request failed",
    400,
    wantsItem && item ? { Item: item } : {},
  );
}

/** A key attribute is a scalar: nothing lies within it. */
export function checkNestedAttributes(nested: readonly string[], table: TableDefinition): void {
  if (nested.length === 0) return;
  const refuse = (kind: "Key" | "IndexKey", schema: TableDefinition["key"]) => {
    const attribute = keyAttributes(schema).find(({ name }) => nested.includes(name));
    if (attribute)
      throw validationError(
        `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ${kind}: ${attribute.name}`,
      );
  };
  refuse("Key", table.key);
  for (const index of table.indexes) refuse("IndexKey", index.key);
}
