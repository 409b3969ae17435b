import { v7 as uuidv7 } from "uuid";
import type { Order } from "../contracts/order";

/** A small order that the contract allows, under a new id. */
export function exampleOrder(): Order {
  return {
    orderId: uuidv7(),
    channel: "retail",
    currency: "GBP",
    items: [
      { sku: "85123A", description: "WHITE HANGING HEART T-LIGHT HOLDER", quantity: 6, unitPrice: 255 },
      { sku: "22633", description: "HAND WARMER UNION JACK", quantity: 2, unitPrice: 185 },
    ],
    total: 1_900,
    shipTo: { name: "A. Buyer", line1: "1 High Street", city: "Leeds", postalCode: "LS1 1AA", country: "GB" },
    paymentReference: "pi_example",
  };
}
