import type { AwsDocument } from "./api";
import { AwsError } from "./error";

/** Typed readers of a request's members: hostile until read here. A wrong type is what AWS calls a serialization error. */

/** @throws AwsError `SerializationException` when the member is there and is no string */
export function optionalString(document: AwsDocument, name: string): string | undefined {
  const value = document[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : mistyped(name, "a string");
}

/** @throws AwsError `SerializationException` when the member is there and is no whole number */
export function optionalInteger(document: AwsDocument, name: string): number | undefined {
  const value = document[name];
  if (value === undefined || value === null) return undefined;
  return Number.isSafeInteger(value) ? (value as number) : mistyped(name, "a whole number");
}

/** @returns the strings of a list, none when the member is absent */
export function strings(document: AwsDocument, name: string): readonly string[] {
  const value = document[name] ?? [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string"))
    return mistyped(name, "a list of strings");
  return value;
}

/** @returns the structures of a list, `undefined` when the member is absent */
export function optionalDocuments(document: AwsDocument, name: string): readonly AwsDocument[] | undefined {
  const value = document[name] ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every(isDocument)) return mistyped(name, "a list of structures");
  return value;
}

/** @returns the structure or map, `undefined` when the member is absent */
export function optionalDocument(document: AwsDocument, name: string): AwsDocument | undefined {
  const value = document[name] ?? undefined;
  if (value === undefined) return undefined;
  return isDocument(value) ? value : mistyped(name, "a structure");
}

export function isDocument(value: unknown): value is AwsDocument {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mistyped(name: string, expected: string): never {
  throw new AwsError("SerializationException", `The parameter ${name} must be ${expected}.`);
}
