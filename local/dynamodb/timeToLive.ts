import type { Item } from "./attributeValue";
import type { TableDefinition } from "./tableDefinition";

/** "Items with an expiration time older than five years are not deleted." */
export const OLDEST_EXPIRY_SECONDS = 5 * 365 * 24 * 60 * 60;

/**
 * When an item expires, in whole seconds since the epoch; `null` when it does not. The attribute must be a number
 * (Developer Guide, "Time to Live").
 */
export function expiryOf(item: Item, { ttlAttribute }: TableDefinition): number | null {
  const value = ttlAttribute === undefined ? undefined : item[ttlAttribute];
  if (value === undefined || !("N" in value)) return null;
  const second = Math.floor(Number(value.N));
  return Number.isSafeInteger(second) && second > 0 ? second : null;
}
