import { v7 as uuidv7 } from "uuid";
import { orderTotal, type Order } from "../contracts/order";

/** Lines of an order, as often as they occur in a retailer's day: most have few, some have hundreds. */
const LINES = [1, 1, 2, 3, 4, 6, 8, 11, 15, 19, 24, 31, 60];

/** A retailer's order, the `n`th of a series: the same series every time but for the ids. */
export function benchOrder(n: number): Order {
  const lines = LINES[n % LINES.length] ?? 1;
  const items = Array.from({ length: lines }, (_, line) => ({
    sku: String(20_000 + ((n * 31 + line * 7) % 4_000)),
    description: `PRODUCT ${(n + line) % 997} IN A USUAL LENGTH`,
    quantity: 1 + ((n + line) % 24),
    unitPrice: 85 + ((n * 13 + line * 5) % 900),
  }));
  return {
    orderId: uuidv7(),
    channel: n % 5 === 0 ? "wholesale" : "retail",
    currency: "GBP",
    items,
    total: Number(orderTotal(items)),
    shipTo: {
      name: `Customer ${n}`,
      line1: "1 High Street",
      city: "Leeds",
      postalCode: "LS1 1AA",
      country: "GB",
    },
  };
}
