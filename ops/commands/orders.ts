import { DELIVERY_STATUS, ORDER_STATUS } from "../../contracts/orderRecord";
import { EXIT, type Terminal } from "../../tools/command";
import { listOrders, type OrderList, type OrderSummary } from "../orders";
import type { CommonOptions } from "../opsCommand";
import type { Stack } from "../target";
import { age, plural, table, time, toJson, type Column } from "./text";

export interface OrdersOptions extends CommonOptions {
  readonly customer?: string;
  readonly undelivered?: true;
  readonly rejected?: true;
  /** Milliseconds. */
  readonly since?: number;
  readonly limit: number;
  readonly scanLimit: number;
}

const COLUMNS: readonly Column[] = [
  { title: "ORDER" },
  { title: "CUSTOMER" },
  { title: "PLACED (UTC)" },
  { title: "AGE", align: "right" },
  { title: "STATUS" },
  { title: "ATTEMPTS", align: "right" },
  { title: "ERROR OR REASON" },
];

/** `ops orders` */
export async function orders(stack: Stack, options: OrdersOptions, { stdout }: Terminal): Promise<number> {
  const now = Date.now();
  const list = await listOrders(stack, {
    customerId: options.customer,
    undelivered: options.undelivered,
    rejected: options.rejected,
    since: options.since === undefined ? undefined : now - options.since,
    limit: options.limit,
    scanLimit: options.scanLimit,
  });
  if (options.json) stdout.write(toJson(list));
  else {
    if (list.orders.length > 0)
      stdout.write(
        table(
          COLUMNS,
          list.orders.map((order) => orderRow(order, now)),
        ),
      );
    stdout.write(footer(list, options));
  }
  return EXIT.done;
}

/** How an order stands: of its delivery, or REJECTED. */
export function standing(order: OrderSummary): string {
  return order.status === ORDER_STATUS.placed ? order.delivery.status : order.status;
}

function orderRow(order: OrderSummary, now: number): string[] {
  const placed = order.status === ORDER_STATUS.placed;
  return [
    order.orderId,
    order.customerId,
    time(order.placedAt),
    age(now - Date.parse(order.placedAt)),
    standing(order),
    placed ? String(order.delivery.attempts) : "",
    placed ? (order.delivery.lastError ?? "") : order.reasons.join("; "),
  ];
}

function footer({ orders: shown, more, scanned }: OrderList, { limit, scanLimit }: OrdersOptions): string {
  const lines = [`${plural(shown.length, "order")}.`];
  if (scanned !== undefined) lines.push(`The table was scanned: ${plural(scanned, "order")} looked at.`);
  const givenUp = shown.filter((order) => standing(order) === DELIVERY_STATUS.failed).length;
  if (givenUp > 0)
    lines.push(
      `${plural(givenUp, "order")} given up: redrive --order ID starts one again, redrive deliveryFailures all.`,
    );
  if (more && scanned !== undefined && scanned >= scanLimit)
    lines.push("The table has more: --scan-limit looks further.");
  else if (more && shown.length >= limit) lines.push("There are more: --limit shows them.");
  return `${lines.join(" ")}\n`;
}
