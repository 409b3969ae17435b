import { v5 as uuidv5 } from "uuid";
import * as z from "zod";
import { order, type Order } from "./order";
import type { PlacedOrder } from "./orderRecord";

export const ORDER_PLACED = "order.placed.v1";

/** Namespace of event ids (UUIDv5, RFC 9562). Never change it: consumers remember the ids. */
const EVENT_ID_NAMESPACE = "5b4e6b5c-3c0f-5d7a-9d51-0f7a4c1f2f6e";

/** What the downstream services receive: a CloudEvents 1.0 envelope, the same bytes on every publish of an order. */
export const orderEvent = z.strictObject({
  specversion: z.literal("1.0"),
  /** The same for every publish of the order: remember it to process an order once. */
  id: z.uuid(),
  source: z.literal("/orders"),
  type: z.literal(ORDER_PLACED),
  /** The order's id. */
  subject: z.string(),
  /** When the order was accepted. */
  time: z.iso.datetime(),
  datacontenttype: z.literal("application/json"),
  data: z.strictObject({ customerId: z.string(), placedAt: z.iso.datetime(), ...order.shape }),
});

export type OrderEvent = z.infer<typeof orderEvent>;

/** Message attributes of the event, for the filter policies of subscriptions. */
export const ORDER_EVENT_ATTRIBUTES = ["eventType", "channel", "country"] as const;

export type OrderEventAttributes = Record<(typeof ORDER_EVENT_ATTRIBUTES)[number], string>;

/** The event's id. Order ids are unique per customer only, hence both. */
export function orderEventId(customerId: string, orderId: string): string {
  return uuidv5(`${customerId}/${orderId}`, EVENT_ID_NAMESPACE);
}

/**
 * The event of a placed order as the finished message, and its attributes.
 *
 * @param placed the order that the record holds, where it has been read already
 * @throws z.ZodError when the record does not hold an order
 */
export function orderEventMessage(
  record: Pick<PlacedOrder, "customerId" | "orderId" | "placedAt" | "order">,
  placed: Order = order.parse(JSON.parse(record.order)),
): {
  readonly message: string;
  readonly attributes: OrderEventAttributes;
} {
  const event: OrderEvent = {
    specversion: "1.0",
    id: orderEventId(record.customerId, record.orderId),
    source: "/orders",
    type: ORDER_PLACED,
    subject: record.orderId,
    time: record.placedAt,
    datacontenttype: "application/json",
    data: { customerId: record.customerId, placedAt: record.placedAt, ...placed },
  };
  return {
    message: JSON.stringify(event),
    attributes: { eventType: ORDER_PLACED, channel: placed.channel, country: placed.shipTo.country },
  };
}
