import { render } from "preact";
import { CONSOLE_PATH } from "../api";
import { FailuresPage } from "./failuresPage";
import { HealthPage } from "./healthPage";
import { Layout } from "./layout";
import { OrderPage } from "./orderPage";
import { OrdersPage } from "./ordersPage";
import { StackPage } from "./stackPage";

/** The page that the address means. Every link loads its page: there is no state but the address. */
function Page({ path }: { path: string }) {
  const [, orderId] = /^\/orders\/([^/]+)$/.exec(path) ?? [];
  if (orderId !== undefined) return <OrderPage orderId={decodeURIComponent(orderId)} />;
  switch (path) {
    case "":
    case "/":
      return <OrdersPage query={location.search} />;
    case "/failures":
      return <FailuresPage />;
    case "/health":
      return <HealthPage />;
    case "/stack":
      return <StackPage />;
    default:
      return <NoPage />;
  }
}

function NoPage() {
  const problem = "There is no such page. The links above lead to those that there are.";
  return (
    <Layout
      current={undefined}
      title="No such page"
      live={{ view: undefined, summary: undefined, problem }}
      children={null}
    />
  );
}

render(<Page path={location.pathname.slice(CONSOLE_PATH.length)} />, document.body);
