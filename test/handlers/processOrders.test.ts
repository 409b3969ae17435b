import { toItem, undeliveredShard } from "../../contracts/orderRecord";
import { WORKFLOW_INPUT_BYTES_MAX } from "../../contracts/workflowInput";
import { ORDER_MESSAGE_BYTES_MAX } from "../../contracts/orderMessage";
import { anOrder, anOrderOfItems, aPlacedOrder, CUSTOMER_ID, ORDER_ID, PLACED_AT } from "../support/orders";
import { anOrderMessage } from "./support/events";
import { failed, OrderFunction } from "./support/orderFunction";

const OTHER_ORDER_ID = ORDER_ID.replace(/.$/, "1");
const orders = new OrderFunction();

describe("an order", () => {
  test("is stored as placed, by one conditional put", async () => {
    const { result } = await orders.process(
      anOrderMessage({ traceHeader: "Root=1-691ee3a8-0123456789abcdef01234567" }),
    );
    expect(result).toEqual(failed());
    expect(orders.aws.requests).toEqual([
      {
        action: "PutItem",
        input: {
          TableName: "orders-1",
          Item: toItem({ ...aPlacedOrder(), undelivered: undeliveredShard(ORDER_ID) }),
          ConditionExpression: "attribute_not_exists(orderId)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        },
      },
    ]);
  });

  test("keeps the time at which the API accepted it, which a redrive does not change", async () => {
    await orders.process(anOrderMessage({ sentTimestamp: String(Date.parse("2027-01-01T00:00:00Z")) }));
    expect(orders.stored).toMatchObject([{ placedAt: PLACED_AT }]);
  });

  test("takes the queue's time when the API's is not on the message", async () => {
    const sentTimestamp = String(Date.parse("2026-11-20T10:00:00.500Z"));
    await orders.process(anOrderMessage({ sentTimestamp, messageAttributes: { acceptedAt: undefined } }));
    expect(orders.stored).toMatchObject([{ placedAt: "2026-11-20T10:00:00.500Z" }]);
  });

  test("is stored without a trace where there is none", async () => {
    await orders.process(anOrderMessage());
    expect(orders.stored[0]).not.toHaveProperty("traceHeader");
  });

  test("is stored as its client wrote it", async () => {
    const name = `'; DROP TABLE "orders" -- &Action=DeleteQueue\n\u{1F49B}`;
    const posted = anOrder({ shipTo: { ...anOrder().shipTo, name } });
    await orders.process(anOrderMessage({ body: JSON.stringify(posted, null, 2) }));
    expect(JSON.parse(orders.stored[0]?.order ?? "")).toEqual(posted);
  });

  test("of 1,000 lines is placed", async () => {
    const posted = anOrderOfItems(1_000, { description: "WHITE HANGING HEART T-LIGHT HOLDER" });
    await orders.process(anOrderMessage({ body: JSON.stringify(posted) }));
    expect(orders.stored).toMatchObject([{ status: "PLACED" }]);
  });
});

describe("an order that breaks the contract", () => {
  test("is stored as rejected, with the reasons, and not marked for delivery", async () => {
    const posted = anOrder({ total: 1 });
    const { result } = await orders.process(anOrderMessage({ body: JSON.stringify(posted) }));
    expect(result).toEqual(failed());
    const [record] = orders.stored;
    expect(record).toMatchObject({
      status: "REJECTED",
      customerId: CUSTOMER_ID,
      orderId: ORDER_ID,
      reasons: ["total: is 1, but quantity x unitPrice of the items add up to 1530"],
    });
    expect(record).not.toHaveProperty("delivery");
    expect(record).not.toHaveProperty("undelivered");
  });

  test("is logged with its reasons", async () => {
    const posted = anOrder({ shipTo: { ...anOrder().shipTo, country: "1 High Street" } });
    const { logs } = await orders.process(anOrderMessage({ body: JSON.stringify(posted) }));
    expect(logs).toMatchObject([
      {
        message: "OrdersRejected",
        orderId: ORDER_ID,
        reasons: ["shipTo.country: must be a country code of ISO 3166-1 alpha-2"],
      },
    ]);
  });

  test("is rejected when it fits the queue but not, once escaped, the workflow", async () => {
    const body = JSON.stringify(
      anOrderOfItems(230, { sku: "A", unitPrice: 1, description: '"'.repeat(256) }),
    );
    expect(Buffer.byteLength(body)).toBeLessThan(ORDER_MESSAGE_BYTES_MAX);
    await orders.process(anOrderMessage({ body }));
    expect(orders.stored).toMatchObject([
      {
        status: "REJECTED",
        reasons: [
          expect.stringMatching(
            new RegExp(
              `^order: is too large: \\d+ bytes once escaped, and its delivery can carry ${WORKFLOW_INPUT_BYTES_MAX}$`,
            ),
          ),
        ],
      },
    ]);
  });
});

describe("the same order again", () => {
  test("is a success that changes nothing", async () => {
    await orders.process(anOrderMessage());
    const first = orders.stored;
    const { result, logs } = await orders.process(
      anOrderMessage({ messageId: "message-2", messageAttributes: { acceptedAt: "1800000000000" } }),
    );
    expect(result).toEqual(failed());
    expect(orders.stored).toEqual(first);
    expect(logs).toMatchObject([{ message: "OrdersDuplicate", orderId: ORDER_ID }]);
  });

  test("is the same when its client writes it differently", async () => {
    const reversed = Object.fromEntries(Object.entries(anOrder()).reverse());
    await orders.process(anOrderMessage());
    const { result } = await orders.process(anOrderMessage({ body: JSON.stringify(reversed, null, 4) }));
    expect(result).toEqual(failed());
  });

  test("is a success when it was rejected before", async () => {
    const body = JSON.stringify(anOrder({ total: 1 }));
    await orders.process(anOrderMessage({ body }));
    expect((await orders.process(anOrderMessage({ body }))).result).toEqual(failed());
  });

  test("ten times in one batch is one order", async () => {
    const messages = Array.from({ length: 10 }, (_, index) =>
      anOrderMessage({ messageId: `message-${index}` }),
    );
    const { result, metrics } = await orders.process(...messages);
    expect(result).toEqual(failed());
    expect(orders.stored).toHaveLength(1);
    expect(metrics).toMatchObject([{ OrdersPlaced: 1, OrdersDuplicate: new Array<number>(9).fill(1) }]);
  });

  test("of another customer is another order", async () => {
    await orders.process(
      anOrderMessage(),
      anOrderMessage({ messageAttributes: { customerId: "customer-2" } }),
    );
    expect(orders.stored).toHaveLength(2);
  });
});

describe("what the function writes", () => {
  test("has the order's id and the API's request id on the line of each order", async () => {
    const { logs } = await orders.process(
      anOrderMessage(),
      anOrderMessage({
        messageId: "message-2",
        body: JSON.stringify(anOrder({ orderId: OTHER_ORDER_ID })),
        messageAttributes: { requestId: "request-2" },
      }),
    );
    const line = { level: "INFO", message: "OrdersPlaced", service: "process-orders", receives: 1 };
    expect(logs).toMatchObject([
      { ...line, messageId: "message-1", orderId: ORDER_ID, requestId: "DsX9vGo8DoEFbRw=" },
      { ...line, messageId: "message-2", orderId: OTHER_ORDER_ID, requestId: "request-2" },
    ]);
  });

  test("is one line of metrics for a batch, in the service's namespace", async () => {
    const { metrics } = await orders.process(
      anOrderMessage(),
      anOrderMessage({ body: JSON.stringify(anOrder({ orderId: OTHER_ORDER_ID, total: 1 })) }),
    );
    expect(metrics).toMatchObject([
      {
        _aws: {
          CloudWatchMetrics: [
            {
              Namespace: "OrderService",
              Dimensions: [["service"]],
              Metrics: [
                { Name: "OrdersPlaced", Unit: "Count" },
                { Name: "OrdersRejected", Unit: "Count" },
              ],
            },
          ],
        },
        service: "process-orders",
        OrdersPlaced: 1,
        OrdersRejected: 1,
      },
    ]);
  });

  test("does not carry the counts of one invocation over to the next", async () => {
    await orders.process(anOrderMessage());
    const { metrics } = await orders.process(anOrderMessage());
    expect(metrics).toHaveLength(1);
    expect(metrics[0]).toMatchObject({ OrdersDuplicate: 1 });
    expect(metrics[0]).not.toHaveProperty("OrdersPlaced");
  });
});
