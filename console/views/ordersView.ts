import { listOrders, type OrderFilter } from "../../ops/orders";
import type { Stack } from "../../ops/target";
import type { OrdersQuery, OrdersView } from "../api";
import { LatestOrders } from "./latestOrders";
import { CALM_PAUSE_MS, livePauseMs, type ViewReader } from "./viewReader";

/** Rows of a page. */
export const ORDERS_SHOWN = 100;

/** Rejected orders are in no index. A scan of so many orders of a usual size reads some 50 MB. */
const SCAN_LIMIT = 20_000;

/** A scan is repeated only by those who ask for it again. */
const SCAN_PAUSE_MS = 24 * 60 * 60_000;

/** Reads the orders that are asked for: the latest of all, without a scan, when nothing is. */
export function ordersReader(stack: Stack, query: OrdersQuery): ViewReader<OrdersView> {
  if (query.customerId === undefined && query.only === undefined)
    return new LatestOrders(stack, ORDERS_SHOWN);
  const source =
    query.only === "undelivered" ? "undelivered" : query.customerId === undefined ? "scan" : "customer";
  const filter: OrderFilter = {
    customerId: query.customerId,
    undelivered: query.only === "undelivered",
    rejected: query.only === "rejected",
    limit: ORDERS_SHOWN,
    scanLimit: SCAN_LIMIT,
  };
  const pauseMs = { undelivered: livePauseMs(stack), customer: livePauseMs(stack) * 2, scan: SCAN_PAUSE_MS };
  return {
    read: async () => ({ ...(await listOrders(stack, filter)), source }),
    // Of a customer with many orders everything is read again, whatever has changed.
    pauseMs: ({ orders }) =>
      source === "customer" && orders.length === ORDERS_SHOWN ? CALM_PAUSE_MS : pauseMs[source],
  };
}
