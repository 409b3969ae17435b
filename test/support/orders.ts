import type { Order } from "../../contracts/order";
import type { PlacedOrder } from "../../contracts/orderRecord";
import { contentHash } from "../../contracts/contentHash";

export const CUSTOMER_ID = "2f6b0c1e-5a0d-4b0e-9d4b-6f0f3a1c7d11";
export const ORDER_ID = "0193a2f0-6c1e-7d52-9a4f-0b1c2d3e4f50";
export const PLACED_AT = "2026-11-20T09:30:00.123Z";

/** An order that the contract allows. */
export function anOrder(overrides: Partial<Order> = {}): Order {
  return {
    orderId: ORDER_ID,
    channel: "retail",
    currency: "GBP",
    items: [
      { sku: "85123A", description: "WHITE HANGING HEART T-LIGHT HOLDER", quantity: 6, unitPrice: 255 },
    ],
    total: 1_530,
    shipTo: {
      name: "Ada Buyer",
      line1: "1 High Street",
      city: "Leeds",
      postalCode: "LS1 1AA",
      country: "GB",
    },
    paymentReference: "pi_3OeXyz",
    ...overrides,
  };
}

/** An order of so many equal items, with the total that they add up to. */
export function anOrderOfItems(count: number, item: Partial<Order["items"][number]> = {}): Order {
  const line = { sku: "85123A", quantity: 1, unitPrice: 100, ...item };
  return anOrder({
    items: Array.from({ length: count }, () => ({ ...line })),
    total: count * line.quantity * line.unitPrice,
  });
}

/** The record of a placed order as the order function stores it. */
export function aPlacedOrder(overrides: Partial<PlacedOrder> = {}): PlacedOrder {
  const posted = anOrder();
  return {
    customerId: CUSTOMER_ID,
    orderId: ORDER_ID,
    placedAt: PLACED_AT,
    order: JSON.stringify(posted),
    contentHash: contentHash(posted),
    requestId: "DsX9vGo8DoEFbRw=",
    traceHeader: "Root=1-691ee3a8-0123456789abcdef01234567",
    status: "PLACED",
    delivery: { status: "PENDING", attempts: 0, executionIds: [] },
    undelivered: 7,
    ...overrides,
  };
}
