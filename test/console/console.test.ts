import { randomUUID } from "node:crypto";
import type { FailuresView, HealthView, OrdersView, OrderView, Problem, Summary } from "../../console/api";
import { Sns } from "../../local/sns/sns";
import { ON_LOCAL_RUN } from "../orderFlow/target";
import { breakService } from "../ops/support/faults";
import { givenUp } from "../ops/support/failures";
import { Operator } from "../ops/support/operator";
import { documentedActions } from "../ops/support/policies";
import { ConsoleServer } from "./support/consoleServer";

const describeLocal = ON_LOCAL_RUN ? describe : describe.skip;

let operator: Operator;
let server: ConsoleServer;
let delivered: string;
let rejected: string;
let undelivered: string;

beforeAll(async () => {
  if (!ON_LOCAL_RUN) return;
  operator = await Operator.start();
  server = await ConsoleServer.start(operator.target.local?.outputs ?? {});
  delivered = await operator.deliver();
  rejected = await operator.place({ total: 1 });
  await operator.until(rejected, "REJECTED");
  undelivered = randomUUID();
  const topic = breakService(Sns, "Publish", undelivered);
  await operator.place({ orderId: undelivered });
  await operator.passTime(() => operator.stands(undelivered, "PENDING", 1));
  topic.mend();
  await operator.send("no order of Ada Buyer", "customer-1");
  await operator.untilDeadLettered(1);
});

afterAll(async () => {
  if (!ON_LOCAL_RUN) return;
  server.stop();
  await operator.stop();
});

const idsOf = ({ orders }: OrdersView) => orders.map(({ orderId }) => orderId);

/** What of the order that every test posts is nobody's business. */
const PERSONAL = /Ada Buyer|High Street|LS1 1AA/;

describeLocal("the orders", () => {
  it("are the latest of all customers that are placed, without a scan", async () => {
    const { body } = await server.view<OrdersView>("orders");
    expect([body.source, body.scanned, idsOf(body)]).toEqual(["latest", undefined, [undelivered, delivered]]);
  });

  it("can be those of a customer, the undelivered, or the rejected", async () => {
    const view = async (query: string) => (await server.view<OrdersView>(`orders?${query}`)).body;
    expect(idsOf(await view("customer=customer-1")).sort()).toEqual(
      [delivered, rejected, undelivered].sort(),
    );
    expect(idsOf(await view("customer=customer-2"))).toEqual([]);
    expect(idsOf(await view("only=undelivered"))).toEqual([undelivered]);
    const scan = await view("only=rejected");
    expect([scan.source, scan.scanned, idsOf(scan)]).toEqual(["scan", 3, [rejected]]);
  });

  it("come again as they change", async () => {
    const live = await server.live("orders");
    const orderId = await operator.place();
    const isDelivered = ({ orders }: OrdersView) =>
      orders.some(
        (order) =>
          order.orderId === orderId && order.status === "PLACED" && order.delivery.status === "DELIVERED",
      );
    await live.until("view", isDelivered);
    await live.until<Summary>("summary", ({ undelivered: { count } }) => count === 1);
    live.close();
    expect(live.answer.headers.get("content-type")).toBe("text/event-stream");
  });
});

describeLocal("one order", () => {
  it("has its history, and the state machine to draw it on", async () => {
    const { body } = await server.view<OrderView>(`orders/${undelivered}`);
    const [history] = body.histories;
    expect(body.machine?.states.map(({ name }) => name)).toContain("PublishOrder");
    expect(history?.executions.map(({ status }) => status)).toEqual(["FAILED"]);
    expect(history?.executions[0]?.states.map(({ name, status }) => `${name} ${status}`)).toEqual([
      "PublishOrder caught",
      "RecordFailure succeeded",
      "DeliveryFailed failed",
    ]);
    expect(history?.facts).toEqual({
      channel: "retail",
      currency: "GBP",
      total: 1_530,
      items: 1,
      country: "GB",
    });
  });

  it("that nobody knows is a 404, and appears in a live view when it comes", async () => {
    const orderId = randomUUID();
    expect(await server.view<OrderView>(`orders/${orderId}`)).toMatchObject({
      status: 404,
      body: { histories: [] },
    });
    const live = await server.live(`orders/${orderId}`);
    await live.until<OrderView>("view", ({ histories }) => histories.length === 0);
    await operator.place({ orderId });
    await live.until<OrderView>("view", ({ histories }) => histories.length === 1);
    live.close();
  });
});

describeLocal("personal data", () => {
  it.each(["orders", "failures", "stack", "health", "summary"])("is kept back: %s", async (view) => {
    expect(JSON.stringify((await server.view(view)).body)).not.toMatch(PERSONAL);
  });

  it("is shown with an order and its payloads when asked for", async () => {
    const hidden = JSON.stringify((await server.view(`orders/${delivered}`)).body);
    const shown = JSON.stringify((await server.view(`orders/${delivered}?personal=1`)).body);
    expect(hidden).not.toMatch(PERSONAL);
    expect(hidden).toContain('"characters"');
    expect(shown).toMatch(PERSONAL);
  });
});

describeLocal("the failure queues", () => {
  it("are shown with what is in them, and with the messages only when asked to", async () => {
    const { body } = await server.view<FailuresView>("failures");
    const queue = body.queues.find(({ queue }) => queue === "orders");
    expect(queue).toMatchObject({
      count: 1,
      messages: [{ reason: expect.stringContaining("no order") as string }],
    });
    const personal = await server.view<FailuresView>("failures?personal=1");
    expect(personal.body.queues.flatMap(({ messages }) => messages.map(({ body }) => body))).toEqual([
      "no order of Ada Buyer",
    ]);
  });

  it("are not received from again while their counts stay the same", async () => {
    const live = await server.live("failures");
    const receives = ({ queues }: FailuresView) =>
      queues.flatMap(({ messages }) => messages)[0]?.receives ?? 0;
    const first = receives(await live.until<FailuresView>("view", (view) => receives(view) > 0));
    const others = await server.live("orders");
    const orderId = await operator.deliver();
    await others.until<OrdersView>("view", (view) => idsOf(view).includes(orderId));
    const again = receives((await server.view<FailuresView>("failures")).body);
    live.close();
    others.close();
    expect(again).toBe(first + 1);
  });
});

describeLocal("the health", () => {
  it("has the hops in the order of the flow, with what waits and what failed", async () => {
    const { body } = await server.view<HealthView>("health");
    expect(body.hops.map(({ name }) => name)).toEqual([
      ...["Accept", "Store", "Start", "Deliver", "Receive"],
      "Reconcile",
    ]);
    const [, store, , deliver] = body.hops;
    expect(store?.failureQueues).toMatchObject([{ name: "orders", visible: 1 }]);
    expect(deliver?.undelivered).toMatchObject({ count: 1 });
  });
});

describeLocal("an order that was given up", () => {
  it("says so, with its message and what is left to do, and is no undelivered one", async () => {
    const orderId = await givenUp(operator);
    const { body } = await server.view<OrderView>(`orders/${orderId}`);
    expect(body.histories).toMatchObject([
      {
        record: { delivery: { status: "FAILED", attempts: 1, reconciliations: 1 } },
        failures: [{ queue: "deliveryFailures", kind: "deliveryFailure", settled: false }],
      },
    ]);
    expect(idsOf((await server.view<OrdersView>("orders?only=undelivered")).body)).toEqual([undelivered]);
    const { hops } = (await server.view<HealthView>("health")).body;
    expect(hops.at(-1)?.failureQueues).toContainEqual(
      expect.objectContaining({ name: "deliveryFailures", visible: 1 }),
    );
  });
});

describeLocal("the policies of an operator who looks and of the console", () => {
  it("allow what the views need, and the console's nothing else", async () => {
    const { look, console } = documentedActions();
    for (const view of ["orders", "orders?only=rejected", `orders/${delivered}`, "failures", "health"])
      await server.view(view);
    const own = [...server.called].filter((action) => !look.includes(action));
    expect(own).toEqual(console);
  });
});

describeLocal("the pages", () => {
  it.each(["", "/failures", "/health", "/stack", `/orders/${randomUUID()}`])(
    "are served with a policy that lets no foreign nor inline script run: /console%s",
    async (path) => {
      const answer = await fetch(`${server.origin}/console${path}`);
      const policy = answer.headers.get("content-security-policy") ?? "";
      expect(answer.status).toBe(200);
      expect(policy).toContain("default-src 'none'; script-src 'self';");
      expect(policy).not.toContain("unsafe");
      expect(await answer.text()).not.toMatch(/<script>|https?:\/\/|style=/);
    },
  );

  it("load a script, a style and an icon that may be kept", async () => {
    const html = await (await fetch(`${server.origin}/console`)).text();
    const paths = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? "");
    expect(paths).toHaveLength(3);
    for (const path of paths) {
      const asset = await fetch(server.origin + path);
      expect([asset.status, asset.headers.get("cache-control")]).toEqual([
        200,
        expect.stringContaining("immutable"),
      ]);
    }
  });

  it("find an order from the form", async () => {
    const id = delivered.toUpperCase();
    const answer = await fetch(`${server.origin}/console/find?order=+${id}`, { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, `/console/orders/${delivered}`]);
  });
});

describeLocal("requests that cannot be", () => {
  it.each<[string, string, number, string]>([
    ["an order id that is no UUID", "orders/nonsense", 400, "An order's id is a UUID"],
    ["a filter that there is not", "orders?only=lost", 400, "undelivered or rejected"],
    ["a customer's id of a thousand letters", `orders?customer=${"x".repeat(1_000)}`, 400, "256"],
    ["a view that there is not", "passwords", 404, "There is no view"],
  ])("are told in one line: %s", async (_what, path, status, message) => {
    const answer = await server.view<Problem>(path);
    expect(answer.status).toBe(status);
    expect(answer.body.message).toContain(message);
  });

  it("of another web page, or under a foreign name, are refused", async () => {
    const api = "/console/api/orders";
    const own = server.origin.replace("http://", "");
    expect(await server.status(api, { Host: own })).toBe(200);
    expect(await server.status(api, { Host: own, Origin: server.origin })).toBe(200);
    expect(await server.status(api, { Host: "evil.example" })).toBe(403);
    expect(await server.status(api, { Host: own, Origin: "https://evil.example" })).toBe(403);
    expect(
      await server.status(api, { Host: own, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors" }),
    ).toBe(403);
    expect(await server.status(api, { Host: own }, "POST")).toBe(405);
  });
});
