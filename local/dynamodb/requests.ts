import { checkValidations, type MemberType, type MemberTypes } from "dynalite/validations";
import { types as batchGetItem } from "dynalite/validations/batchGetItem";
import { types as batchWriteItem } from "dynalite/validations/batchWriteItem";
import { types as deleteItem } from "dynalite/validations/deleteItem";
import { types as describeTable } from "dynalite/validations/describeTable";
import { types as getItem } from "dynalite/validations/getItem";
import { types as listTables } from "dynalite/validations/listTables";
import { types as putItem } from "dynalite/validations/putItem";
import { types as query } from "dynalite/validations/query";
import { types as scan } from "dynalite/validations/scan";
import { types as updateItem } from "dynalite/validations/updateItem";
import type { AwsDocument } from "../aws/api";
import type { Item } from "./attributeValue";
import type { CapacityRequest } from "./capacity";
import { validationError } from "./errors";
import type { ExpressionInput } from "./expressions";
import { compileTypes } from "./requestTypes";

export interface TableInput {
  readonly TableName: string;
}

/** What a write with a condition may ask for, should the condition fail. */
export interface ConditionFailureInput {
  readonly ReturnValuesOnConditionCheckFailure?: "ALL_OLD" | "NONE";
}

export interface GetItemInput extends TableInput, ExpressionInput, CapacityRequest {
  readonly Key: Item;
  readonly ConsistentRead?: boolean;
}

export type ReturnValues = "NONE" | "ALL_OLD" | "UPDATED_OLD" | "ALL_NEW" | "UPDATED_NEW";

interface WriteInput extends TableInput, ExpressionInput, ConditionFailureInput, CapacityRequest {
  readonly ReturnValues?: ReturnValues;
}

export interface PutItemInput extends WriteInput {
  readonly Item: Item;
}

export interface DeleteItemInput extends WriteInput {
  readonly Key: Item;
}

export type UpdateItemInput = DeleteItemInput;

/** What a query and a scan have in common. */
export interface PageInput extends TableInput, ExpressionInput, CapacityRequest {
  readonly IndexName?: string;
  readonly Select?: "ALL_ATTRIBUTES" | "ALL_PROJECTED_ATTRIBUTES" | "SPECIFIC_ATTRIBUTES" | "COUNT";
  readonly Limit?: number;
  readonly ExclusiveStartKey?: Item;
  readonly ConsistentRead?: boolean;
}

export interface QueryInput extends PageInput {
  readonly ScanIndexForward?: boolean;
}

export interface ScanInput extends PageInput {
  readonly Segment?: number;
  readonly TotalSegments?: number;
}

export interface KeysAndAttributes extends ExpressionInput {
  readonly Keys: readonly Item[];
  readonly ConsistentRead?: boolean;
}

export interface BatchGetItemInput extends CapacityRequest {
  readonly RequestItems: Readonly<Record<string, KeysAndAttributes>>;
}

export interface WriteRequest {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}

export interface BatchWriteItemInput extends CapacityRequest {
  readonly RequestItems: Readonly<Record<string, readonly WriteRequest[]>>;
}

export interface ListTablesInput {
  readonly ExclusiveStartTableName?: string;
  readonly Limit?: number;
}

/** Put, Update, Delete or ConditionCheck of a transaction; what each must have is checked in its place. */
export interface TransactAction extends TableInput, ExpressionInput, ConditionFailureInput {
  readonly Key?: Item;
  readonly Item?: Item;
}

export type TransactKind = "Put" | "Update" | "Delete" | "ConditionCheck";

export interface TransactWriteItemsInput extends CapacityRequest {
  readonly TransactItems: readonly Readonly<Partial<Record<TransactKind, TransactAction>>>[];
  readonly ClientRequestToken?: string;
}

export interface TransactGetItemsInput extends CapacityRequest {
  readonly TransactItems: readonly { readonly Get: GetItemInput }[];
}

/** The parameters from before there were expressions, each with what stands in its place today. */
const LEGACY: Readonly<Record<string, string>> = {
  AttributesToGet: "ProjectionExpression",
  AttributeUpdates: "UpdateExpression",
  ConditionalOperator: "ConditionExpression or FilterExpression",
  Expected: "ConditionExpression",
  KeyConditions: "KeyConditionExpression",
  QueryFilter: "FilterExpression",
  ScanFilter: "FilterExpression",
};

const CONDITION_FAILURE: MemberTypes = {
  ReturnValuesOnConditionCheckFailure: { type: "String", enum: ["ALL_OLD", "NONE"] },
};

function member(types: MemberTypes, name: string): MemberType {
  const type = types[name];
  if (type === undefined) throw new Error(`dynalite no longer describes ${name}.`);
  return type;
}

function members(types: MemberTypes, ...names: readonly string[]): MemberTypes {
  return Object.fromEntries(names.map((name) => [name, member(types, name)]));
}

const CONDITION_MEMBERS = [
  "ConditionExpression",
  "ExpressionAttributeNames",
  "ExpressionAttributeValues",
] as const;

function structure(name: string, children: MemberTypes): MemberType {
  return { type: `FieldStruct<${name}>`, children };
}

const checkedWrite = {
  ...members(updateItem, "TableName", "Key", ...CONDITION_MEMBERS),
  ...CONDITION_FAILURE,
};

const transactWriteItems: MemberTypes = {
  ...members(putItem, "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"),
  ClientRequestToken: { type: "String", lengthGreaterThanOrEqual: 1, lengthLessThanOrEqual: 36 },
  TransactItems: {
    type: "List",
    notNull: true,
    lengthGreaterThanOrEqual: 1,
    lengthLessThanOrEqual: 100,
    children: {
      type: "ValueStruct<TransactWriteItem>",
      children: {
        ConditionCheck: structure("ConditionCheck", checkedWrite),
        Delete: structure("Delete", checkedWrite),
        Put: structure("Put", {
          ...members(putItem, "TableName", "Item", ...CONDITION_MEMBERS),
          ...CONDITION_FAILURE,
        }),
        Update: structure("Update", { ...checkedWrite, ...members(updateItem, "UpdateExpression") }),
      },
    },
  },
};

const transactGetItems: MemberTypes = {
  ...members(getItem, "ReturnConsumedCapacity"),
  TransactItems: {
    type: "List",
    notNull: true,
    lengthGreaterThanOrEqual: 1,
    lengthLessThanOrEqual: 100,
    children: {
      type: "ValueStruct<TransactGetItem>",
      children: {
        Get: {
          type: "FieldStruct<Get>",
          notNull: true,
          children: members(getItem, "TableName", "Key", "ProjectionExpression", "ExpressionAttributeNames"),
        },
      },
    },
  },
};

/** The readers of the requests, by action. */
export const REQUESTS = {
  GetItem: reader<GetItemInput>("GetItem", getItem),
  PutItem: reader<PutItemInput>("PutItem", { ...putItem, ...CONDITION_FAILURE }),
  UpdateItem: reader<UpdateItemInput>("UpdateItem", { ...updateItem, ...CONDITION_FAILURE }),
  DeleteItem: reader<DeleteItemInput>("DeleteItem", { ...deleteItem, ...CONDITION_FAILURE }),
  Query: reader<QueryInput>("Query", query),
  Scan: reader<ScanInput>("Scan", { ...scan, ConsistentRead: "Boolean" }),
  BatchGetItem: reader<BatchGetItemInput>("BatchGetItem", batchGetItem),
  BatchWriteItem: reader<BatchWriteItemInput>("BatchWriteItem", batchWriteItem),
  TransactGetItems: reader<TransactGetItemsInput>("TransactGetItems", transactGetItems),
  TransactWriteItems: reader<TransactWriteItemsInput>("TransactWriteItems", transactWriteItems),
  DescribeTable: reader<TableInput>("DescribeTable", describeTable),
  DescribeTimeToLive: reader<TableInput>("DescribeTimeToLive", describeTable),
  DescribeContinuousBackups: reader<TableInput>("DescribeContinuousBackups", describeTable),
  ListTables: reader<ListTablesInput>("ListTables", listTables),
};

/**
 * @returns a reader that gives the request's members once their types and constraints have been checked
 * @throws (the reader) an error of dynalite's, or AwsError for a member of a wrong type or one that is not supported
 */
function reader<T>(action: string, types: MemberTypes): (input: AwsDocument) => T {
  const supported = Object.fromEntries(
    Object.entries(types).filter(([name]) => !Object.hasOwn(LEGACY, name)),
  );
  const read = compileTypes<T & object>(supported);
  const constraints = withoutPlainChildren(supported);
  return (input) => {
    for (const name in input) if (!Object.hasOwn(supported, name)) throw unsupported(action, name);
    const request = read(input);
    checkValidations(request, constraints);
    return request;
  };
}

/**
 * The types without those of scalars and attribute values in maps and lists: they have no constraints, but dynalite
 * would look for one on every attribute of an item.
 */
function withoutPlainChildren(types: MemberTypes): MemberTypes {
  return Object.fromEntries(
    Object.entries(types).map(([name, type]) => {
      if (typeof type === "string" || typeof type.children !== "string") return [name, type];
      const { children: _children, ...constraints } = type;
      return [name, constraints];
    }),
  );
}

/** Of a member that is nested in a request: `RequestItems` of BatchGetItem has legacy ones too. */
export function unsupported(action: string, name: string) {
  const instead = Object.hasOwn(LEGACY, name) ? LEGACY[name] : undefined;
  return validationError(
    instead
      ? `${action}: the legacy parameter ${name} is not supported here; use ${instead}`
      : `${action}: the parameter ${name} is not known here`,
  );
}
