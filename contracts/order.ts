import * as z from "zod";
import { COUNTRIES, CURRENCIES } from "./codes";

/** A lower-case UUID, of any version. */
export const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const ORDER_ITEMS_MAX = 1_000;

/** Text of 1 to `max` characters, counted as JSON schema counts them: in code points, not in UTF-16 units. */
function text(max: number) {
  return z
    .string()
    .min(1)
    .refine((value) => value.length <= max || [...value].length <= max, `must be at most ${max} characters`)
    .meta({ maxLength: max });
}

/** A whole number within bounds that every JSON reader on the way keeps exactly. */
function whole(min: number, max: number) {
  return z.int().min(min).max(max);
}

const item = z.strictObject({
  sku: text(64),
  description: text(256).optional(),
  quantity: whole(1, 1_000_000),
  /** Minor units of the currency. */
  unitPrice: whole(0, 1_000_000_000),
});

const address = z.strictObject({
  name: text(128),
  line1: text(128),
  city: text(128),
  postalCode: text(128),
  country: z.enum(COUNTRIES, { error: "must be a country code of ISO 3166-1 alpha-2" }),
});

/**
 * What a client app posts to `/orders`: the one definition of an order. The gateway's model, the handler's check and
 * the published event come from it. All money is in whole minor units (pence, cents) of `currency`.
 */
export const order = z.strictObject({
  /** The idempotency key, minted by the client: the same order sent again is the same order. UUIDv7 sorts by time. */
  orderId: z.string().regex(UUID_PATTERN, "must be a lower-case UUID"),
  channel: z.enum(["retail", "wholesale"]),
  currency: z.enum(CURRENCIES, { error: "must be an active currency code of ISO 4217" }),
  items: z.array(item).min(1).max(ORDER_ITEMS_MAX),
  /** The sum of quantity x unitPrice. JSONata keeps 15 digits, hence the bound. */
  total: whole(0, 999_999_999_999),
  shipTo: address,
  /** Payment was taken before the order came here. */
  paymentReference: text(128).optional(),
});

export type Order = z.infer<typeof order>;

/** The sum of quantity x unitPrice: exact, where numbers above 2^53 would not be. */
export function orderTotal(items: readonly Pick<Order["items"][number], "quantity" | "unitPrice">[]): bigint {
  return items.reduce((sum, { quantity, unitPrice }) => sum + BigInt(quantity) * BigInt(unitPrice), 0n);
}
