/** The keywords of JSON schema draft 4; what each of them holds decides where further schemas stand. */
const KEYWORDS: Readonly<
  Record<string, "value" | "schema" | "schemas" | "schema or schemas" | "schemas by name">
> = {
  $schema: "value",
  $ref: "value",
  id: "value",
  title: "value",
  description: "value",
  default: "value",
  type: "value",
  enum: "value",
  format: "value",
  pattern: "value",
  multipleOf: "value",
  minimum: "value",
  maximum: "value",
  exclusiveMinimum: "value",
  exclusiveMaximum: "value",
  minLength: "value",
  maxLength: "value",
  minItems: "value",
  maxItems: "value",
  uniqueItems: "value",
  minProperties: "value",
  maxProperties: "value",
  required: "value",
  not: "schema",
  additionalItems: "schema",
  additionalProperties: "schema",
  items: "schema or schemas",
  allOf: "schemas",
  anyOf: "schemas",
  oneOf: "schemas",
  definitions: "schemas by name",
  dependencies: "schemas by name",
  patternProperties: "schemas by name",
  properties: "schemas by name",
};

/** What JavaScript's regular expressions have and those of ECMA 262 edition 3, which the validator takes, lack. */
const MODERN_REGEXP = /\(\?<|\\[pPk]\{|\\u\{/;

/**
 * Checks a model's schema for what API Gateway does not know: it takes JSON schema draft 4.
 *
 * @throws Error that names the keyword and where it stands
 */
export function checkSchema(schema: unknown, path = "#"): void {
  if (typeof schema === "boolean" || Array.isArray(schema) || typeof schema !== "object" || schema === null)
    return;
  for (const [keyword, value] of Object.entries(schema)) {
    const holds = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined;
    if (holds === undefined) refuse(path, `the keyword "${keyword}" is not in JSON schema draft 4`);
    checkValue(path, keyword, value);
    for (const [name, nested] of nestedSchemas(holds, value))
      checkSchema(nested, `${path}/${keyword}${name === undefined ? "" : `/${name}`}`);
  }
}

function checkValue(path: string, keyword: string, value: unknown): void {
  if ((keyword === "exclusiveMinimum" || keyword === "exclusiveMaximum") && typeof value !== "boolean")
    refuse(path, `"${keyword}" is a boolean in draft 4, not ${JSON.stringify(value)}`);
  if (keyword === "$ref" && !(typeof value === "string" && value.startsWith("#")))
    refuse(path, `only references within the model are supported, not "${String(value)}"`);
  if (keyword === "$schema" && !String(value).startsWith("http://json-schema.org/draft-04/schema"))
    refuse(path, `API Gateway takes JSON schema draft 4, not "${String(value)}"`);
  if (keyword === "pattern" && MODERN_REGEXP.test(String(value)))
    refuse(path, `API Gateway's validator does not know the regular expression "${String(value)}"`);
}

function nestedSchemas(
  holds: string | undefined,
  value: unknown,
): readonly (readonly [string | undefined, unknown])[] {
  if (holds === "schema" || (holds === "schema or schemas" && !Array.isArray(value)))
    return [[undefined, value]];
  if (holds === undefined || holds === "value" || typeof value !== "object" || value === null) return [];
  return Object.entries(value);
}

function refuse(path: string, reason: string): never {
  throw new Error(`at ${path}, ${reason}`);
}
