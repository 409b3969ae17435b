import { createHash } from "node:crypto";

/**
 * SHA-256, in hex, of the JSON value whatever the order of its members and the white space it was sent with: two
 * bodies with the same hash are the same order.
 */
export function contentHash(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(sortMembers(value)))
    .digest("hex");
}

/** The same value with the members of each object in order of their names. */
function sortMembers(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sortMembers);
  // Without a prototype: a member may be called `__proto__`.
  const sorted = Object.create(null) as Record<string, unknown>;
  for (const name of Object.keys(value).sort())
    sorted[name] = sortMembers((value as Readonly<Record<string, unknown>>)[name]);
  return sorted;
}
