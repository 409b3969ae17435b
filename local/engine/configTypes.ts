import type * as z from "zod";

/** The types that a project can declare for its configuration (Pulumi documentation, "Project file reference"). */
export const VALUE_TYPES = ["string", "integer", "boolean", "array", "object"] as const;

export type ValueType = (typeof VALUE_TYPES)[number];

/** What an array is of. */
export interface ItemsType {
  readonly type: ValueType;
  readonly items?: ItemsType | undefined;
}

/** Whether a value is of a declared type. A text that reads as an integer or a boolean is one, as in the CLI. */
export function matchesType(value: unknown, type: ValueType, items?: ItemsType): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "integer":
      return Number.isInteger(value) || (typeof value === "string" && /^[+-]?\d+$/.test(value));
    case "boolean":
      return typeof value === "boolean" || value === "true" || value === "false";
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "array":
      return (
        Array.isArray(value) &&
        items !== undefined &&
        value.every((item) => matchesType(item, items.type, items.items))
      );
  }
}

/** Such as `array<string>`. */
export function typeName(type: ValueType, items?: ItemsType): string {
  return items === undefined ? type : `array<${typeName(items.type, items.items)}>`;
}

/** The problems that zod found, on one line. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`))
    .join("; ");
}
