import type { MemberType, MemberTypes } from "dynalite/validations";
import type { AwsDocument } from "../aws/api";
import { AwsError } from "../aws/error";
import { refuseProtoName, validationError } from "./errors";

/** Reads one value of a request, which is not null. `depth` counts the maps and lists of attribute values around it. */
type Reader = (value: unknown, depth: number) => unknown;

type Members = ReadonlyMap<string, Reader>;

/** More than the deepest value of 32 levels, which `itemSize` refuses; this keeps a hostile one from the stack. */
const MAX_NESTING = 40;

const NOT_A_LIST = "Start of structure or map found where not expected";
const UNEXPECTED = "Unexpected field type";
/** A collection of collections that is none, as the service's own framework words it. */
const PARAMETERIZED =
  "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class " +
  "(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of loader 'bootstrap')";

/**
 * Makes a reader of requests out of dynalite's description of their members, which is looked at only once: values of
 * the wrong JSON type are refused in DynamoDB's words, members that are not described are dropped, the rest is copied.
 *
 * @throws (the reader) AwsError SerializationException, or ValidationException for what no value can hold
 */
export function compileTypes<T>(types: MemberTypes): (input: AwsDocument) => T {
  const members = compileMembers(types);
  return (input) => {
    const request: AwsDocument = {};
    for (const [name, read] of members) {
      const value = input[name];
      if (value !== undefined && value !== null) request[name] = read(value, 0);
    }
    return request as T;
  };
}

function compileMembers(types: MemberTypes): Members {
  return new Map(Object.entries(types).map(([name, type]) => [name, compile(type)]));
}

function compile(member: MemberType): Reader {
  const { type: text, children = "" } = typeof member === "string" ? { type: member } : member;
  const [, type = text, subtype = ""] = /^(.+?)<(.+)>$/.exec(text) ?? [];
  const child = () => compile(children as MemberType);
  switch (type) {
    case "Boolean":
      return readBoolean;
    case "Integer":
      return readInteger;
    case "String":
      return readText;
    case "AttrStruct":
      return subtype === "ValueStruct" ? readAttributeValue : attributeReader(UNEXPECTED);
    case "List":
      return listReader(child(), UNEXPECTED);
    case "ParameterizedList":
      return listReader(child(), PARAMETERIZED);
    case "Map":
      return mapReader(child(), UNEXPECTED, subtype);
    case "ParameterizedMap":
      return mapReader(child(), PARAMETERIZED, "AttributeValue");
    case "ValueStruct":
      return structureReader(compileMembers(children as MemberTypes), UNEXPECTED_VALUE, subtype);
    case "FieldStruct":
      return structureReader(compileMembers(children as MemberTypes), UNEXPECTED, subtype);
    default:
      throw new Error(`dynalite describes a member of a type that is not known here: ${text}`);
  }
}

function wrongType(message: string): AwsError {
  return new AwsError("SerializationException", message);
}

/** Something that stands where a scalar of the type must be. */
function notA(type: string, value: unknown): AwsError {
  if (Array.isArray(value)) return wrongType(`Unrecognized collection type class java.lang.${type}`);
  if (typeof value === "object") return wrongType(NOT_A_LIST);
  const token =
    typeof value === "string"
      ? "STRING"
      : typeof value === "boolean"
        ? String(value).toUpperCase()
        : "NUMBER";
  const decimal = typeof value === "number" && value % 1 !== 0;
  return wrongType(`${decimal ? "DECIMAL" : token}_VALUE cannot be converted to ${type}`);
}

const BOOLEANS = new Map([
  ["TRUE", true],
  ["1", true],
  ["YES", true],
  ["FALSE", false],
  ["0", false],
  ["NO", false],
]);

/** A text that says a truth value is one. */
function readBoolean(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value !== "string") throw notA("Boolean", value);
  const converted = BOOLEANS.get(value.toUpperCase());
  if (converted === undefined) throw wrongType("Unexpected token received from parser");
  return converted;
}

function readInteger(value: unknown): number {
  if (typeof value !== "number") throw notA("Integer", value);
  return Math.floor(value);
}

function readText(value: unknown): string {
  if (typeof value !== "string") throw notA("String", value);
  return value;
}

function readBinary(value: unknown): string {
  if (Array.isArray(value)) throw wrongType("Unrecognized collection type class java.nio.ByteBuffer");
  if (typeof value === "object") throw wrongType(NOT_A_LIST);
  if (typeof value !== "string") throw wrongType("only base-64-encoded strings are convertible to bytes");
  if (value.length % 4 !== 0)
    throw wrongType(`Base64 encoded length is expected a multiple of 4 bytes but found: ${value.length}`);
  if (Buffer.from(value, "base64").toString("base64") !== value)
    throw wrongType("Invalid last non-pad Base64 character dectected");
  return value;
}

function listReader(read: Reader, unexpected: string): Reader {
  return (value, depth) => {
    if (typeof value !== "object") throw wrongType(unexpected);
    if (!Array.isArray(value)) throw wrongType(NOT_A_LIST);
    return value.map((element: unknown) => read(present(element), depth));
  };
}

function mapReader(read: Reader, unexpected: string, type: string): Reader {
  return (value, depth) => {
    const map = asObject(value, unexpected, () => `java.util.Map<java.lang.String, ${qualified(type)}>`);
    const copy: AwsDocument = {};
    for (const name in map) {
      refuseProtoName(name);
      copy[name] = read(present(map[name]), depth);
    }
    return copy;
  };
}

function structureReader(members: Members, unexpected: string, type: string): Reader {
  return (value, depth) => {
    const structure = asObject(value, unexpected, () => `class ${qualified(type)}`);
    const copy: AwsDocument = {};
    for (const [name, read] of members)
      if (Object.hasOwn(structure, name)) copy[name] = read(present(structure[name]), depth);
    return copy;
  };
}

const UNEXPECTED_VALUE = "Unexpected value type in payload";
const readTexts = listReader(readText, UNEXPECTED);
const readBinaries = listReader(readBinary, UNEXPECTED);
const readAttributeValue = attributeReader(UNEXPECTED_VALUE);
const readAttributeValues = listReader(readAttributeValue, UNEXPECTED);
const readAttributeMap = mapReader(readAttributeValue, UNEXPECTED, "AttributeValue");

/** Of a value that a member is, or that stands in a map or list: they differ in what the refusal says. */
function attributeReader(unexpected: string): Reader {
  return (value, depth) => {
    const typed = asObject(value, unexpected, () => `class ${qualified("AttributeValue")}`);
    if (depth > MAX_NESTING) throw validationError("Nesting Levels have exceeded supported limits");
    const copy: AwsDocument = {};
    for (const type in typed) {
      const read = attributeMember(type);
      if (read) copy[type] = read(present(typed[type]), depth + 1);
    }
    return copy;
  };
}

function attributeMember(type: string): Reader | undefined {
  switch (type) {
    case "S":
    case "N":
      return readText;
    case "B":
      return readBinary;
    case "BOOL":
    case "NULL":
      return readBoolean;
    case "SS":
    case "NS":
      return readTexts;
    case "BS":
      return readBinaries;
    case "L":
      return readAttributeValues;
    case "M":
      return readAttributeMap;
    default:
      return undefined;
  }
}

function asObject(value: unknown, unexpected: string, collection: () => string): AwsDocument {
  if (Array.isArray(value)) throw wrongType(`Unrecognized collection type ${collection()}`);
  if (typeof value !== "object") throw wrongType(unexpected);
  return value as AwsDocument;
}

function qualified(type: string): string {
  return type.includes(".") ? type : `com.amazonaws.dynamodb.v20120810.${type}`;
}

function present(value: unknown): unknown {
  if (value === null) throw validationError("The request has a null where a value must be");
  return value;
}
