import { validateExpressionParams } from "dynalite/validations";
import type { AwsDocument } from "../aws/api";
import type { Caller } from "../aws/caller";
import type { Item } from "./attributeValue";
import { consumedCapacity, readUnits, writeUnits, type CapacityRequest } from "./capacity";
import type { Changes } from "./changes";
import { project, type DocumentPath } from "./documentPath";
import { refuseIf, validationError } from "./errors";
import { parseExpressions, type ExpressionInput } from "./expressions";
import type { ItemChange, ItemStore, StoredTable } from "./itemStore";
import { readKey } from "./keys";
import { REQUESTS, type GetItemInput, type ReturnValues, type TableInput } from "./requests";
import type { Tables } from "./tables";
import { checkNestedAttributes, checkValues, planDelete, planPut, planUpdate } from "./writes";

/** The parts of the service that actions on items work with. */
export interface ItemServices {
  readonly tables: Tables;
  readonly items: ItemStore;
  readonly changes: Changes;
}

export function getItem(services: ItemServices, input: AwsDocument, caller: Caller): AwsDocument {
  const request = REQUESTS.GetItem(input);
  const table = services.tables.open({
    caller,
    action: "dynamodb:GetItem",
    tableName: request.TableName,
    key: request.Key,
    data: true,
  });
  const { item, sizeBytes } = read(services.items, table, request);
  return {
    ...(item && { Item: item }),
    ...consumedCapacity(request, request.TableName, readUnits(sizeBytes, request.ConsistentRead)),
  };
}

/** Reads one item, or the parts of it that the request projects. */
export function read(
  items: ItemStore,
  table: StoredTable,
  request: Pick<GetItemInput, "Key"> & ExpressionInput,
): { item: Item | undefined; sizeBytes: number } {
  refuseIf(validateExpressionParams(request, ["ProjectionExpression"], []));
  const { projection, nestedAttributes } = parseExpressions(request);
  checkValues(request.Key);
  const key = readKey(request.Key, table.definition.key);
  checkNestedAttributes(nestedAttributes, table.definition);
  const stored = items.get(table, key);
  if (!stored) return { item: undefined, sizeBytes: 0 };
  const item = JSON.parse(stored.text) as Item;
  return { item: projection ? project(item, projection) : item, sizeBytes: stored.sizeBytes };
}

export function putItem(services: ItemServices, input: AwsDocument, caller: Caller): AwsDocument {
  const request = REQUESTS.PutItem(input);
  const { TableName: tableName, Item: key, ReturnValues } = request;
  const table = services.tables.open({ caller, action: "dynamodb:PutItem", tableName, key, data: true });
  if (ReturnValues && ReturnValues !== "ALL_OLD" && ReturnValues !== "NONE")
    throw validationError("ReturnValues can only be ALL_OLD or NONE");
  const change = planPut(services.items, table, request);
  services.changes.commit([change]);
  return writeAnswer(request, change);
}

export function deleteItem(services: ItemServices, input: AwsDocument, caller: Caller): AwsDocument {
  const request = REQUESTS.DeleteItem(input);
  const { TableName: tableName, Key: key, ReturnValues } = request;
  const table = services.tables.open({ caller, action: "dynamodb:DeleteItem", tableName, key, data: true });
  if (ReturnValues && ReturnValues !== "ALL_OLD" && ReturnValues !== "NONE")
    throw validationError("ReturnValues can only be ALL_OLD or NONE");
  const change = planDelete(services.items, table, request);
  services.changes.commit([change]);
  return writeAnswer(request, change);
}

export function updateItem(services: ItemServices, input: AwsDocument, caller: Caller): AwsDocument {
  const request = REQUESTS.UpdateItem(input);
  const { TableName: tableName, Key: key, ReturnValues } = request;
  const table = services.tables.open({ caller, action: "dynamodb:UpdateItem", tableName, key, data: true });
  const { change, paths } = planUpdate(services.items, table, request);
  services.changes.commit([change]);
  const attributes = returnedAttributes(ReturnValues, change, paths);
  return {
    ...(attributes && { Attributes: attributes }),
    ...consumedCapacity(request, tableName, writeUnits(change.before?.sizeBytes, change.after?.sizeBytes)),
  };
}

function writeAnswer(
  request: TableInput & CapacityRequest & { readonly ReturnValues?: ReturnValues },
  { before, after }: ItemChange,
): AwsDocument {
  return {
    ...(request.ReturnValues === "ALL_OLD" && before && { Attributes: before.item }),
    ...consumedCapacity(request, request.TableName, writeUnits(before?.sizeBytes, after?.sizeBytes)),
  };
}

function returnedAttributes(
  returnValues: ReturnValues | undefined,
  { before, after }: ItemChange,
  paths: readonly DocumentPath[],
): Item | undefined {
  switch (returnValues) {
    case "ALL_OLD":
      return before?.item;
    case "ALL_NEW":
      return after?.item;
    case "UPDATED_OLD":
      return before && nonEmpty(project(before.item, paths));
    case "UPDATED_NEW":
      return after && nonEmpty(project(after.item, paths));
    default:
      return undefined;
  }
}

function nonEmpty(item: Item): Item | undefined {
  return Object.keys(item).length > 0 ? item : undefined;
}
