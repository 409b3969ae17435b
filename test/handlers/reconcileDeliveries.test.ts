import type { Context } from "aws-lambda";
import { deliveryFailure } from "../../contracts/deliveryFailure";
import { fromItem, toItem, UNDELIVERED_SHARDS, type PlacedOrder } from "../../contracts/orderRecord";
import { workflowInputOf } from "../../contracts/workflowInput";
import { anOrder, aPlacedOrder, CUSTOMER_ID } from "../support/orders";
import { AwsStub, ok, refusal } from "./support/awsStub";
import { CONTEXT } from "./support/events";
import { observe, PERSONAL_DATA, type Observed } from "./support/observed";
import { refused, responses, TABLE, UndeliveredTable } from "./support/undeliveredTable";

const STATE_MACHINE_ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:deliver-orders-1";
/** On the stub: the SDK sends a message to the address of its queue. */
const queueUrl = () => `${process.env["AWS_ENDPOINT_URL"]}/123456789012/delivery-failures-1`;
const MINUTE = 60_000;

const aws = new AwsStub();
let handler: (event: unknown, context: Context) => Promise<void>;
let table: UndeliveredTable;

beforeAll(async () => {
  await aws.start();
  Object.assign(process.env, {
    POWERTOOLS_SERVICE_NAME: "reconcile-deliveries",
    POWERTOOLS_METRICS_NAMESPACE: "OrderService",
    ORDERS_TABLE_NAME: TABLE,
    STATE_MACHINE_ARN,
    DELIVERY_FAILURES_QUEUE_URL: queueUrl(),
    UNDELIVERED_AFTER_SECONDS: "900",
    RECONCILIATIONS_MAX: "3",
    ORDERS_PER_RUN_MAX: "250",
  });
  ({ handler } = await import("../../handlers/reconcileDeliveries"));
});
afterAll(() => aws.stop());

beforeEach(() => {
  table = new UndeliveredTable();
  aws.requests = [];
  aws.answer = table.answer;
  // The SDK waits a random share of its back-off between attempts: none of it.
  jest.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => jest.restoreAllMocks());

interface Waiting {
  readonly minutes: number;
  readonly delivery?: Partial<PlacedOrder["delivery"]>;
}

let count = 0;

/** Puts an undelivered order into the table, placed so many minutes ago. */
function undelivered({ minutes, delivery }: Waiting): PlacedOrder {
  const orderId = `0193a2f0-6c1e-7d52-9a4f-${String(++count).padStart(12, "0")}`;
  const placed = aPlacedOrder({
    ...{ orderId, order: JSON.stringify(anOrder({ orderId })) },
    placedAt: new Date(Date.now() - minutes * MINUTE).toISOString(),
    undelivered: count % UNDELIVERED_SHARDS,
    delivery: { status: "PENDING", attempts: 1, executionIds: ["x"], lastError: "SNS: down", ...delivery },
  });
  table.items.set(orderId, toItem(placed));
  return placed;
}

/** Invokes the function; whatever it writes must be free of personal data. */
async function run(remainingMs = 240_000): Promise<Observed<void>> {
  const context = { ...CONTEXT, getRemainingTimeInMillis: () => remainingMs };
  const observed = await observe(() => handler({}, context));
  expect(observed.text).not.toMatch(PERSONAL_DATA);
  return observed;
}

const asked = (action: string) => aws.requests.filter((request) => request.action === action);
const stored = ({ orderId }: PlacedOrder) => fromItem(table.items.get(orderId) ?? {}) as PlacedOrder;
const metric = ({ metrics }: Observed<void>, name: string) =>
  metrics.map((line) => line[name]).find((value) => value !== undefined);
const minutesFromNow = (iso: string | undefined) => (Date.parse(iso ?? "") - Date.now()) / MINUTE;

describe("an order that is undelivered for longer than 15 minutes", () => {
  test("is started again under the number of its next attempt, with the same event as ever", async () => {
    const order = undelivered({ minutes: 16 });
    await run();
    expect(asked("StartExecution").map(({ input }) => input)).toEqual([
      {
        stateMachineArn: STATE_MACHINE_ARN,
        name: `${order.orderId}-2`,
        input: workflowInputOf(order),
        traceHeader: order.traceHeader,
      },
    ]);
  });

  test("is claimed before it is started, until the next attempt is due", async () => {
    const order = undelivered({ minutes: 16 });
    await run();
    const actions = aws.requests.map(({ action }) => action);
    expect(actions.indexOf("UpdateItem")).toBeLessThan(actions.indexOf("StartExecution"));
    const { reconciliations, retryAt } = stored(order).delivery;
    expect(reconciliations).toBe(1);
    expect(minutesFromNow(retryAt)).toBeCloseTo(15, 0);
  });

  test("waits twice as long before each further attempt, up to four hours", async () => {
    const past = new Date(Date.now() - MINUTE).toISOString();
    const order = undelivered({ minutes: 60, delivery: { reconciliations: 2, retryAt: past } });
    await run();
    expect(minutesFromNow(stored(order).delivery.retryAt)).toBeCloseTo(60, 0);
  });

  test("is left alone while somebody else who claimed it may be delivering it", async () => {
    const soon = new Date(Date.now() + MINUTE).toISOString();
    undelivered({ minutes: 60, delivery: { reconciliations: 1, retryAt: soon } });
    await run();
    expect(asked("UpdateItem").concat(asked("StartExecution"))).toEqual([]);
  });

  test("is left to whoever claimed it first when two runs see it", async () => {
    const order = undelivered({ minutes: 16 });
    aws.answer = (request) => (request.action === "UpdateItem" ? refused() : table.answer(request));
    await run();
    expect(asked("StartExecution")).toEqual([]);
    expect(stored(order)).toEqual(order);
  });

  test("is started when the answer to its claim got lost, and the SDK met its own claim", async () => {
    const order = undelivered({ minutes: 16 });
    let claims = 0;
    aws.answer = (request) => {
      const answered = table.answer(request);
      if (request.action !== "UpdateItem" || ++claims > 1) return answered;
      return { status: 500, body: { __type: "InternalServerError" } };
    };
    await run();
    expect(asked("UpdateItem")).toHaveLength(2);
    expect(asked("StartExecution").map(({ input }) => input["name"])).toEqual([`${order.orderId}-2`]);
    expect(stored(order).delivery.reconciliations).toBe(1);
  });

  test("is left alone when the index still shows it, though it has been delivered", async () => {
    const { orderId, undelivered: shard, ...order } = undelivered({ minutes: 16 });
    const delivered = toItem({ ...order, orderId, delivery: { ...order.delivery, status: "DELIVERED" } });
    aws.answer = (request) => {
      if (request.action === "BatchGetItem") return ok(responses([delivered]));
      return table.answer(request);
    };
    expect(shard).toBeDefined();
    await run();
    expect(asked("UpdateItem").concat(asked("StartExecution"))).toEqual([]);
  });
});

test("an order that is younger is left to the delivery that is under way", async () => {
  undelivered({ minutes: 14 });
  const observed = await run();
  expect(asked("BatchGetItem")).toEqual([]);
  expect(metric(observed, "UndeliveredOrders")).toBe(0);
  expect(metric(observed, "OldestUndeliveredAge")).toBe(0);
});

describe("an order that has had all its attempts", () => {
  const past = () => new Date(Date.now() - MINUTE).toISOString();
  const spent = () => ({ minutes: 200, delivery: { attempts: 4, reconciliations: 3, retryAt: past() } });

  test("is given up: FAILED, no longer marked, and a message says what is known", async () => {
    const order = undelivered(spent());
    const observed = await run();
    expect(asked("StartExecution")).toEqual([]);
    expect(stored(order)).not.toHaveProperty("undelivered");
    expect(stored(order).delivery).toMatchObject({ status: "FAILED", lastError: "SNS: down" });
    const [message] = asked("SendMessage").map(({ input }) => input);
    expect(message?.["QueueUrl"]).toBe(queueUrl());
    expect(deliveryFailure.parse(JSON.parse(String(message?.["MessageBody"])))).toEqual({
      ...{ customerId: CUSTOMER_ID, orderId: order.orderId, placedAt: order.placedAt },
      ...{ attempts: 4, reconciliations: 3, lastError: "SNS: down" },
      failedAt: expect.any(String) as unknown,
    });
    expect(metric(observed, "DeliveriesGivenUp")).toBe(1);
  });

  test("stays as it is when nobody can be told, and the run fails", async () => {
    const order = undelivered(spent());
    aws.answer = (request) =>
      request.action === "SendMessage" ? refusal("AccessDenied", "No.") : table.answer(request);
    await expect(run()).rejects.toThrow("No.");
    expect(stored(order)).toEqual(order);
  });

  test("has its last attempt waited for first", async () => {
    const soon = new Date(Date.now() + MINUTE).toISOString();
    const order = undelivered({ minutes: 200, delivery: { reconciliations: 3, retryAt: soon } });
    await run();
    expect(asked("SendMessage")).toEqual([]);
    expect(stored(order)).toEqual(order);
  });
});

describe("a run", () => {
  test("tells how many orders are undelivered for too long, for how long the oldest, and what it did", async () => {
    undelivered({ minutes: 16 });
    undelivered({ minutes: 90 });
    const observed = await run();
    expect(metric(observed, "UndeliveredOrders")).toBe(2);
    expect(metric(observed, "OldestUndeliveredAge")).toBeGreaterThanOrEqual(90 * 60);
    expect(metric(observed, "DeliveriesReconciled")).toBe(2);
    expect(metric(observed, "DeliveriesGivenUp")).toBe(0);
  });

  test("takes up no more than it may, page by page, the oldest of a shard first, and counts the rest", async () => {
    const shard = count % UNDELIVERED_SHARDS;
    const orders = Array.from({ length: 400 }, (_, index) => {
      const order = undelivered({ minutes: 1_000 - index });
      const marked = { ...order, undelivered: shard };
      table.items.set(order.orderId, toItem(marked));
      return marked;
    });
    const observed = await run();
    expect(metric(observed, "UndeliveredOrders")).toBe(400);
    expect(asked("StartExecution")).toHaveLength(250);
    expect(orders.map((order) => stored(order).delivery.reconciliations ?? 0)).toEqual(
      orders.map((_, index) => (index < 250 ? 1 : 0)),
    );
    for (const { input } of asked("BatchGetItem"))
      expect(table.itemsOf(input).length).toBeLessThanOrEqual(100);

    await run();
    expect(asked("StartExecution")).toHaveLength(400);
  });

  test("leaves orders to the next one when its time is nearly up, but reports", async () => {
    undelivered({ minutes: 16 });
    const observed = await run(30_000);
    expect(asked("UpdateItem")).toEqual([]);
    expect(metric(observed, "UndeliveredOrders")).toBe(1);
  });

  test("ends in time even when there are more orders than it can count", async () => {
    for (let order = 0; order < 50; order++) undelivered({ minutes: 16 });
    let remainingMs = 10_000;
    const context = { ...CONTEXT, getRemainingTimeInMillis: () => remainingMs-- };
    const observed = await observe(() => handler({}, context));
    expect(metric(observed, "UndeliveredOrders")).toBeLessThan(50);
    expect(metric(observed, "UndeliveredOrders")).toBeGreaterThan(0);
  });

  test("stops starting orders when Step Functions takes none: they keep their attempts; it reports, and fails", async () => {
    for (let order = 0; order < 50; order++) undelivered({ minutes: 16 });
    aws.answer = (request) =>
      request.action === "StartExecution" ? refusal("AccessDeniedException", "No.") : table.answer(request);
    let observed: Observed<unknown> | undefined;
    const failing = async () => {
      observed = await observe(() => handler({}, CONTEXT_OF_A_LONG_RUN).catch((error: unknown) => error));
      return observed;
    };
    expect((await failing()).result).toMatchObject({ message: "No." });
    expect(asked("StartExecution").length).toBeLessThanOrEqual(10);
    expect(observed?.metrics.find((line) => "UndeliveredOrders" in line)).toMatchObject({
      UndeliveredOrders: 50,
    });
  });

  test("is not held up by an order that cannot be started: it uses up its attempts alone", async () => {
    const broken = undelivered({ minutes: 17 });
    table.items.set(broken.orderId, { ...table.items.get(broken.orderId), order: { S: "no JSON" } });
    const good = undelivered({ minutes: 16 });
    const observed = await run();
    expect(asked("StartExecution").map(({ input }) => input["name"])).toEqual([`${good.orderId}-2`]);
    expect(observed.logs).toContainEqual(
      expect.objectContaining({ orderId: broken.orderId, error: "UndeliverableOrder" }),
    );
    expect(stored(broken).delivery.reconciliations).toBe(1);
  });

  test("leaves an item alone that is no order, and says so", async () => {
    const broken = undelivered({ minutes: 17 });
    table.items.set(broken.orderId, { ...table.items.get(broken.orderId), delivery: { M: {} } });
    const good = undelivered({ minutes: 16 });
    const observed = await run();
    expect(asked("StartExecution").map(({ input }) => input["name"])).toEqual([`${good.orderId}-2`]);
    expect(observed.logs).toContainEqual(
      expect.objectContaining({ orderId: broken.orderId, message: "Undelivered order unreadable" }),
    );
  });

  test("fails without a report when the orders cannot be read: a number would be wrong", async () => {
    aws.answer = (request) =>
      request.action === "Query" ? refusal("AccessDeniedException", "No.") : table.answer(request);
    await expect(run()).rejects.toThrow("No.");
  });

  test("asks every shard of the index", async () => {
    await run();
    const shards = asked("Query").map(
      ({ input }) => input["ExpressionAttributeValues"] as Record<string, { readonly N: string }>,
    );
    expect(shards.map((values) => Number(values[":shard"]?.N)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: UNDELIVERED_SHARDS }, (_, shard) => shard),
    );
  });
});

const CONTEXT_OF_A_LONG_RUN: Context = { ...CONTEXT, getRemainingTimeInMillis: () => 240_000 };
