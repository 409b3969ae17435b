/*
 * The parts of dynalite 4.0.0 (Apache-2.0, no types of its own) that the local DynamoDB uses: the description of each
 * request with the checks that read it, the parsers of expressions, and the sortable form of numbers.
 */

declare module "dynalite/validations" {
  /** A member of a request: the name of its type, or the type with its constraints. */
  export type MemberType =
    | string
    | {
        readonly type: string;
        readonly notNull?: boolean;
        readonly required?: boolean;
        readonly enum?: readonly string[];
        readonly regex?: string;
        readonly lengthGreaterThanOrEqual?: number;
        readonly lengthLessThanOrEqual?: number;
        readonly greaterThanOrEqual?: number;
        readonly lessThanOrEqual?: number;
        readonly children?: MemberType | MemberTypes;
      };

  /** The members of a request or of a structure in one. */
  export interface MemberTypes {
    readonly [member: string]: MemberType;
  }

  /**
   * Checks the constraints of a request, the types of whose members have been checked.
   *
   * @throws Error with `body: { __type, message }`, a ValidationException
   */
  export function checkValidations(data: object, types: MemberTypes): void;

  /** Checks one value and writes its numbers in their plain form. @returns what is wrong with it, if anything */
  export function validateAttributeValue(value: object): string | undefined;

  /** @returns the first member that stands twice, if any */
  export function findDuplicate(members: readonly string[]): string | null | undefined;

  /** Refuses names and values without an expression. @returns what is wrong, if anything */
  export function validateExpressionParams(
    data: object,
    expressions: readonly string[],
    legacyParameters: string[],
  ): string | undefined;

  /** An attribute's place in an item: names of map members, numbers of list elements. */
  export type PathNode = (string | number)[];

  /** A function, or in an update the sum or difference of two operands. */
  export interface CallNode {
    readonly type: "function" | "add" | "subtract";
    readonly name: string;
    readonly args: readonly OperandNode[];
  }

  /** A path, a call, or one of the objects of `ExpressionAttributeValues` itself. */
  export type OperandNode = PathNode | CallNode | object;

  export interface ConditionNode {
    readonly type: string;
    /** Of a function. */
    readonly name?: string;
    readonly args: readonly (ConditionNode | OperandNode)[];
  }

  export interface ParsedCondition {
    readonly expression: ConditionNode;
    /** The top-level attributes of which a part is addressed. */
    readonly nestedPaths: Readonly<Record<string, true>>;
    readonly pathHeads: Readonly<Record<string, true>>;
  }

  export interface UpdateNode {
    readonly type: "set" | "remove" | "add" | "delete";
    readonly path: PathNode;
    /** All but a removal's. */
    readonly val?: OperandNode;
  }

  export interface ParsedUpdate {
    readonly sections: readonly UpdateNode[];
    readonly paths: readonly PathNode[];
    readonly nestedPaths: Readonly<Record<string, true>>;
  }

  export interface ParsedProjection {
    readonly paths: readonly PathNode[];
    readonly nestedPaths: Readonly<Record<string, true>>;
  }

  export interface ExpressionData {
    readonly ConditionExpression?: string;
    readonly FilterExpression?: string;
    readonly KeyConditionExpression?: string;
    readonly ProjectionExpression?: string;
    readonly UpdateExpression?: string;
    readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
    readonly ExpressionAttributeValues?: Readonly<Record<string, object>>;
    _condition?: ParsedCondition;
    _filter?: ParsedCondition;
    _keyCondition?: ParsedCondition;
    _projection?: ParsedProjection;
    _updates?: ParsedUpdate;
  }

  /** Parses every expression of a request into its member with an underscore. @returns what is wrong, if anything */
  export function validateExpressions(data: ExpressionData): string | undefined;

  export interface KeyCondition {
    readonly ComparisonOperator: "EQ" | "LT" | "LE" | "GT" | "GE" | "BETWEEN" | "BEGINS_WITH";
    readonly AttributeValueList: readonly object[];
  }

  /** @returns the condition on each key attribute, or what is wrong with the expression */
  export function convertKeyCondition(
    expression: ConditionNode,
  ): string | Readonly<Record<string, KeyCondition>>;
}

declare module "dynalite/db" {
  /** A number as text that sorts as the number does, for all 38 digits. */
  export function toLexiStr(value: string, type: "N"): string;
}

declare module "dynalite/validations/batchGetItem" {
  import type { MemberTypes } from "dynalite/validations";
  export const types: MemberTypes;
}
declare module "dynalite/validations/batchWriteItem" {
  import type { MemberTypes } from "dynalite/validations";
  export const types: MemberTypes;
}
declare module "dynalite/validations/deleteItem" {
  import type { MemberTypes } from "dynalite/validations";
  export const types: MemberTypes;
}
declare module "dynalite/validations/describeTable" {
  import type { MemberTypes } from "dynalite/validations";
  export const types: MemberTypes;
}
declare module "dynalite/validations/getItem" {
  import type { MemberTypes } from "dynalite/validations";
  export const types: MemberTypes;
}
declare module "dynalite/validations/listTables" {
  import type { MemberTypes } from "dynalite/validations";
  export const types: MemberTypes;
}
declare module "dynalite/validations/putItem" {
  import type { MemberTypes } from "dynalite/validations";
  export const types: MemberTypes;
}
declare module "dynalite/validations/query" {
  import type { MemberTypes } from "dynalite/validations";
  export const types: MemberTypes;
}
declare module "dynalite/validations/scan" {
  import type { MemberTypes } from "dynalite/validations";
  export const types: MemberTypes;
}
declare module "dynalite/validations/updateItem" {
  import type { MemberTypes } from "dynalite/validations";
  export const types: MemberTypes;
}
