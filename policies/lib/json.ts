/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A JSON document of a resource, such as a policy: the AWS provider takes it as text, and some properties as an object.
 *
 * @returns undefined when it is neither an object nor the text of one
 */
export function jsonObject(document: unknown): JsonObject | undefined {
  if (typeof document !== "string") return isObject(document) ? document : undefined;
  try {
    const value: unknown = JSON.parse(document);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** JSON lets many things be one or several. */
export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
