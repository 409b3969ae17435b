import type { ErrorObject } from "ajv";

type Wording = (error: ErrorObject) => string;

/** Java's wording of one keyword: `validation.properties` of the json-schema-validator library by Francis Galiegue. */
const WORDING: Readonly<Record<string, Wording>> = {
  additionalItems: ({ params, data }) =>
    `schema only allows ${params["limit"]} elements in array but instance has ${sizeOf(data)} elements`,
  anyOf: ({ schema }) => `instance failed to match at least one required schema among ${sizeOf(schema)}`,
  dependencies: ({ params }) =>
    `property "${params["property"]}" of object has missing property dependencies (schema requires ` +
    `${list(String(params["deps"]).split(", "))}; missing: ${list([String(params["missingProperty"])])})`,
  enum: ({ data, schema }) =>
    `instance value (${JSON.stringify(data)}) not found in enum (possible values: ${JSON.stringify(schema)})`,
  exclusiveMaximum: ({ params }) =>
    `numeric instance is not strictly lower than the required maximum ${params["limit"]}`,
  exclusiveMinimum: ({ params }) =>
    `numeric instance is not strictly greater than the required minimum ${params["limit"]}`,
  maxItems: ({ params, data }) =>
    `array is too long: must have at most ${params["limit"]} elements but instance has ${sizeOf(data)} elements`,
  maxLength: ({ params, data }) =>
    `string ${quote(data)} is too long (length: ${lengthOf(data)}, maximum allowed: ${params["limit"]})`,
  maxProperties: ({ params, data }) =>
    `object has too many properties (found ${sizeOf(data)} but schema requires at most ${params["limit"]})`,
  maximum: ({ params, data }) =>
    params["comparison"] === "<"
      ? `numeric instance is not strictly lower than the required maximum ${params["limit"]}`
      : `numeric instance is greater than the required maximum (maximum: ${params["limit"]}, found: ${data})`,
  minItems: ({ params, data }) =>
    `array is too short: must have at least ${params["limit"]} elements but instance has ${sizeOf(data)} elements`,
  minLength: ({ params, data }) =>
    `string ${quote(data)} is too short (length: ${lengthOf(data)}, required minimum: ${params["limit"]})`,
  minProperties: ({ params, data }) =>
    `object has too few properties (found ${sizeOf(data)} but schema requires at least ${params["limit"]})`,
  minimum: ({ params, data }) =>
    params["comparison"] === ">"
      ? `numeric instance is not strictly greater than the required minimum ${params["limit"]}`
      : `numeric instance is lower than the required minimum (minimum: ${params["limit"]}, found: ${data})`,
  multipleOf: ({ params, data }) => `remainder of division is not zero (${data} / ${params["multipleOf"]})`,
  not: () => "instance matched a schema which it should not have",
  oneOf: ({ params, schema }) =>
    `instance failed to match exactly one schema (matched ${params["passingSchemas"] ? 2 : 0} out of ${sizeOf(schema)})`,
  pattern: ({ params, data }) =>
    `ECMA 262 regex "${params["pattern"]}" does not match input string ${quote(data)}`,
  type: ({ data, schema }) =>
    `instance type (${typeOf(data)}) does not match any allowed primitive type (allowed: ` +
    `${list(Array.isArray(schema) ? schema.map(String) : [String(schema)])})`,
  uniqueItems: () => "array must not contain duplicate elements",
};

/** Errors that name one property each, and that the Java library reports together. */
const MERGED: Readonly<
  Record<string, { readonly param: string; readonly wording: (names: string) => string }>
> = {
  additionalProperties: {
    param: "additionalProperty",
    wording: (names) => `object instance has properties which are not allowed by the schema: ${names}`,
  },
  required: {
    param: "missingProperty",
    wording: (names) => `object has missing required properties (${names})`,
  },
};

/**
 * The text of `$context.error.validationErrorString`, such as `[object has missing required properties (["total"])]`.
 *
 * As in the Java library, the members of an object or array that fails itself are not reported, nor is what happens
 * inside the alternatives of `anyOf` and `oneOf`; keywords come in the order of the alphabet.
 *
 * @param errors of ajv with `allErrors` and `verbose`
 */
export function validationText(errors: readonly ErrorObject[]): string {
  const own = errors.filter(({ schemaPath }) => !/\/(?:anyOf|oneOf)\/\d+\//.test(schemaPath));
  const failed = new Set(own.map(({ instancePath }) => instancePath));
  const groups = new Map<string, ErrorObject[]>();
  for (const error of own) {
    if (hasFailedAncestor(error.instancePath, failed)) continue;
    const key = `${error.instancePath}\n${error.keyword}`;
    const group = groups.get(key);
    if (group) group.push(error);
    else groups.set(key, [error]);
  }
  const sorted = [...groups.values()].sort(([a], [b]) => (a && b ? order(a, b) : 0));
  return `[${sorted.flatMap(wordingsOf).join(", ")}]`;
}

function order(a: ErrorObject, b: ErrorObject): number {
  if (a.instancePath === b.instancePath) return a.keyword < b.keyword ? -1 : 1;
  return comparePaths(a.instancePath.split("/"), b.instancePath.split("/"));
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  const index = a.findIndex((step, position) => step !== b[position]);
  const [left = "", right = ""] = [a[index], b[index]];
  if (/^\d+$/.test(left) && /^\d+$/.test(right)) return Number(left) - Number(right);
  return left < right ? -1 : 1;
}

function hasFailedAncestor(path: string, failed: ReadonlySet<string>): boolean {
  for (let end = path.lastIndexOf("/"); end >= 0; end = path.lastIndexOf("/", end - 1)) {
    if (failed.has(path.slice(0, end))) return true;
    if (end === 0) break;
  }
  return false;
}

function wordingsOf(errors: readonly ErrorObject[]): readonly string[] {
  const merged = errors[0] && MERGED[errors[0].keyword];
  if (merged) return [merged.wording(list(errors.map(({ params }) => String(params[merged.param])).sort()))];
  return errors.map(
    (error) => WORDING[error.keyword]?.(error) ?? `keyword "${error.keyword}" is not satisfied`,
  );
}

function list(names: readonly string[]): string {
  return JSON.stringify(names);
}

/** The Java library puts strings between quotes as they are. */
function quote(data: unknown): string {
  return `"${String(data)}"`;
}

function sizeOf(value: unknown): number {
  return typeof value === "object" && value !== null ? Object.keys(value).length : 0;
}

function lengthOf(data: unknown): number {
  return [...String(data)].length;
}

function typeOf(data: unknown): string {
  if (data === null) return "null";
  if (Array.isArray(data)) return "array";
  if (typeof data === "number") return Number.isInteger(data) ? "integer" : "number";
  return typeof data;
}
