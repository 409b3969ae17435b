import { UUID_PATTERN } from "../../contracts/order";
import type { Stack } from "../../ops/target";
import { API_PATH, type OrdersQuery, type OrderView } from "../api";
import { FailuresReader } from "../views/failuresView";
import { HealthReader, SummaryReader } from "../views/healthView";
import { OrderReader } from "../views/orderView";
import { ordersReader } from "../views/ordersView";
import { stackReader } from "../views/stackView";
import type { ViewReader } from "../views/viewReader";
import { HttpProblem } from "./answers";

/** A view that a request asks for. */
export interface ViewRoute {
  /** The same for requests that can share its readings. */
  readonly key: string;
  readonly open: () => ViewReader<unknown>;
}

/** More text than any id or name has. */
const LONGEST_TEXT = 256;

/**
 * Finds the view that a URL means.
 *
 * @param outputs of the stack, for the page that shows them
 * @throws HttpProblem 404 when there is no such view, 400 when it cannot be asked for like that
 */
export function viewRoute(stack: Stack, outputs: object, { pathname, searchParams }: URL): ViewRoute {
  const [name = "", id, ...rest] = pathname.slice(API_PATH.length + 1).split("/");
  const personal = searchParams.get("personal") === "1";
  const route = (key: string, open: ViewRoute["open"]) => ({ key: `${key} ${personal}`, open });
  if (rest.length > 0 || (id !== undefined && name !== "orders")) throw noSuchView(pathname);
  switch (name) {
    case "summary":
      return route(name, () => new SummaryReader(stack));
    case "orders":
      if (id !== undefined) {
        const orderId = orderIdOf(id);
        return route(`order ${orderId}`, () => new OrderReader(stack, orderId, personal));
      }
      return ordersRoute(stack, ordersQuery(searchParams));
    case "failures":
      return route(name, () => new FailuresReader(stack, personal));
    case "health":
      return route(name, () => new HealthReader(stack));
    case "stack":
      return route(name, () => stackReader(stack, outputs));
    default:
      throw noSuchView(pathname);
  }
}

/** Whether a view says that there is nothing of what was asked for. */
export function isMissing(view: unknown): boolean {
  const { histories } = view as Partial<OrderView>;
  return histories?.length === 0;
}

function ordersRoute(stack: Stack, query: OrdersQuery): ViewRoute {
  return { key: `orders ${JSON.stringify(query)}`, open: () => ordersReader(stack, query) };
}

function ordersQuery(parameters: URLSearchParams): OrdersQuery {
  const customerId = parameters.get("customer") ?? "";
  const only = parameters.get("only") ?? "";
  if (customerId.length > LONGEST_TEXT)
    throw new HttpProblem(400, `A customer's id has at most ${LONGEST_TEXT} characters.`);
  if (only !== "" && only !== "undelivered" && only !== "rejected")
    throw new HttpProblem(400, "only can be undelivered or rejected, or left out.");
  return { ...(customerId !== "" && { customerId }), ...(only !== "" && { only }) };
}

/** @throws HttpProblem 400 */
function orderIdOf(text: string): string {
  const id = text.trim().toLowerCase();
  if (UUID_PATTERN.test(id)) return id;
  throw new HttpProblem(400, "An order's id is a UUID, such as 0193a2f0-6c1e-7d52-9a4f-0b1c2d3e4f50.");
}

function noSuchView(pathname: string): HttpProblem {
  return new HttpProblem(404, `There is no view ${pathname}. There are orders, failures, health and stack.`);
}
