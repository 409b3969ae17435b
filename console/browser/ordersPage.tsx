import { plural, seconds, time } from "../../ops/format";
import type { OrderSummary } from "../../ops/orders";
import { CONSOLE_PATH, type OrdersView } from "../api";
import { Layout } from "./layout";
import { useLive } from "./live";
import { Age, Command, OrderLink, Standing, Time } from "./parts";

/** The orders, as they move. */
export function OrdersPage({ query }: { query: string }) {
  const live = useLive<OrdersView>(`orders${query}`);
  const parameters = new URLSearchParams(query);
  const customer = parameters.get("customer") ?? "";
  const only = parameters.get("only") ?? "";
  return (
    <Layout current="Orders" title="Orders" live={live}>
      <h1>Orders</h1>
      <Filters customer={customer} only={only} />
      {live.view && <Orders view={live.view} customer={customer} />}
    </Layout>
  );
}

const CHOICES = [
  { only: "", name: "Latest" },
  { only: "undelivered", name: "Undelivered" },
  { only: "rejected", name: "Rejected" },
] as const;

function Filters({ customer, only }: { customer: string; only: string }) {
  const address = (wanted: string) => {
    const parameters = new URLSearchParams({
      ...(wanted !== "" && { only: wanted }),
      ...(customer !== "" && { customer }),
    });
    return parameters.size > 0 ? `${CONSOLE_PATH}?${parameters}` : CONSOLE_PATH;
  };
  return (
    <div class="filters">
      <nav aria-label="Which orders">
        {CHOICES.map((choice) => (
          <a href={address(choice.only)} aria-current={choice.only === only ? "true" : undefined}>
            {choice.name}
          </a>
        ))}
      </nav>
      <form action={CONSOLE_PATH}>
        {only !== "" && <input type="hidden" name="only" value={only} />}
        <label for="customer">Customer</label>
        <input
          id="customer"
          name="customer"
          defaultValue={customer}
          placeholder="any"
          maxLength={256}
          spellcheck={false}
        />
        <button>Filter</button>
        {customer !== "" && (
          <a href={only === "" ? CONSOLE_PATH : `${CONSOLE_PATH}?only=${only}`}>All customers</a>
        )}
      </form>
    </div>
  );
}

function Orders({ view, customer }: { view: OrdersView; customer: string }) {
  return (
    <>
      <p class="note">{explain(view, customer)}</p>
      {view.source === "scan" && (
        <p class="note">
          <a href={location.href}>Look again</a>
        </p>
      )}
      {view.orders.length > 0 && (
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">Order</th>
              <th scope="col">Status</th>
              <th scope="col">Placed (UTC)</th>
              <th scope="col">Customer</th>
              <th scope="col" class="number">
                Attempts
              </th>
            </tr>
          </thead>
          <tbody>
            {view.orders.map((order) => (
              <OrderRow key={`${order.orderId} ${order.customerId}`} order={order} />
            ))}
          </tbody>
        </table>
      )}
      {view.orders.length === 0 && view.source === "latest" && (
        <p>
          Place one with: <Command>npm run smoke</Command>
        </p>
      )}
    </>
  );
}

function OrderRow({ order }: { order: OrderSummary }) {
  const { orderId, customerId, placedAt } = order;
  return (
    <tr>
      <td>
        <OrderLink orderId={orderId} />
        <Detail order={order} />
      </td>
      <td data-label="Status">
        <Standing order={order} />
      </td>
      <td data-label="Placed">
        <Time at={placedAt} />
      </td>
      <td data-label="Customer">
        <a class="customer" href={`${CONSOLE_PATH}?${new URLSearchParams({ customer: customerId })}`}>
          {customerId}
        </a>
      </td>
      <td data-label="Attempts" class="number">
        {order.status === "PLACED" ? order.delivery.attempts : ""}
      </td>
    </tr>
  );
}

/** Why it stands as it does. */
function Detail({ order }: { order: OrderSummary }) {
  if (order.status === "REJECTED") return <p class="detail">{order.reasons.join("; ")}</p>;
  const { lastError, deliveredAt } = order.delivery;
  if (lastError !== undefined) return <p class="detail">{lastError}</p>;
  if (deliveredAt !== undefined)
    return <p class="detail">after {seconds(Date.parse(deliveredAt) - Date.parse(order.placedAt))}</p>;
  return (
    <p class="detail">
      for <Age since={order.placedAt} />
    </p>
  );
}

function explain({ source, orders, more, scanned, since }: OrdersView, customer: string): string {
  const shown = plural(orders.length, "order");
  const whose = customer === "" ? "" : ` of customer ${customer}`;
  switch (source) {
    case "latest":
      return (
        `The latest ${shown}${since === undefined ? "" : ` since ${time(since).slice(0, 16)} UTC`}, by the workflow's log and the ` +
        `undelivered orders${more ? "; there are more" : ""}. Rejected orders have no list of their own: they are under Rejected.`
      );
    case "undelivered":
      return orders.length === 0
        ? `Every placed order${whose} is delivered.`
        : `${more ? "More than " : ""}${shown}${whose} not delivered, the longest waiting first.`;
    case "customer":
      return `${more ? "The first " : ""}${shown}${whose}, the latest first${more ? "; there are more" : ""}.`;
    case "scan":
      return (
        `${shown} rejected among ${plural(scanned ?? 0, "order")} of the table, looked through when this page was opened` +
        `${more ? "; the table has more: npm run ops -- orders --rejected --scan-limit looks further" : ""}. ` +
        `Rejected orders are in no index, so this view is not live.`
      );
  }
}
