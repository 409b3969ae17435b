import { CLIENT_SETTINGS } from "../../handlers/awsClients";
import { anOrder, ORDER_ID } from "../support/orders";
import { refusal } from "./support/awsStub";
import { anOrderMessage } from "./support/events";
import { failed, OrderFunction } from "./support/orderFunction";

const OTHER_ORDER_ID = ORDER_ID.replace(/.$/, "1");
/** Of the SDK, for one put. */
const ATTEMPTS = CLIENT_SETTINGS.maxAttempts;
const orders = new OrderFunction();

test("another order under the same id fails alone; the first stays as it is", async () => {
  await orders.process(anOrderMessage());
  const first = orders.stored;
  const { result, logs, metrics } = await orders.process(
    anOrderMessage({ messageId: "other content", body: JSON.stringify(anOrder({ currency: "EUR" })) }),
    anOrderMessage({ messageId: "new", body: JSON.stringify(anOrder({ orderId: OTHER_ORDER_ID })) }),
  );
  expect(result).toEqual(failed("other content"));
  expect(orders.stored).toHaveLength(2);
  expect(orders.stored[0]).toEqual(first[0]);
  expect(metrics).toMatchObject([{ OrdersConflicting: 1, OrdersPlaced: 1 }]);
  expect(logs).toContainEqual(
    expect.objectContaining({
      level: "ERROR",
      message: "Order not stored",
      error: "OrderConflict",
      orderId: ORDER_ID,
      messageId: "other content",
    }),
  );
});

describe("a message that cannot be an order fails alone, and is counted:", () => {
  test.each<[name: string, message: Parameters<typeof anOrderMessage>[0]]>([
    ["not JSON", { body: "Ada Buyer, 1 High Street" }],
    ["nothing", { body: "" }],
    ["a list", { body: JSON.stringify([anOrder()]) }],
    ["null", { body: "null" }],
    ["no order id", { body: "{}" }],
    ["an order id that is a number", { body: '{"orderId":1}' }],
    ["an upper-case order id", { body: JSON.stringify(anOrder({ orderId: ORDER_ID.toUpperCase() })) }],
    ["no customer", { messageAttributes: { customerId: undefined } }],
    ["an empty customer", { messageAttributes: { customerId: "" } }],
    ["a time that is none", { messageAttributes: { acceptedAt: "yesterday" } }],
  ])("%s", async (_name, parts) => {
    const { result, logs, metrics } = await orders.process(
      anOrderMessage({ ...parts, messageId: "unreadable" }),
      anOrderMessage({ messageId: "good" }),
    );
    expect(result).toEqual(failed("unreadable"));
    expect(orders.stored).toMatchObject([{ status: "PLACED", orderId: ORDER_ID }]);
    expect(metrics).toMatchObject([{ MessagesUnreadable: 1, OrdersPlaced: 1 }]);
    expect(logs).toContainEqual(
      expect.objectContaining({ level: "ERROR", messageId: "unreadable", error: "UnreadableMessage" }),
    );
  });
});

describe("a table that does not take the order", () => {
  const throttling = refusal("ProvisionedThroughputExceededException", "slow down");

  test("is asked again by the SDK while it throttles", async () => {
    let refusals = ATTEMPTS - 1;
    orders.aws.answer = (request) => (refusals-- > 0 ? throttling : orders.tableAnswer(request));
    const { result } = await orders.process(anOrderMessage());
    expect(result).toEqual(failed());
    expect(orders.aws.requests).toHaveLength(ATTEMPTS);
    expect(orders.stored).toHaveLength(1);
  });

  test("fails the message alone once the SDK gives up", async () => {
    orders.aws.answer = (request) =>
      JSON.stringify(request.input).includes(OTHER_ORDER_ID) ? throttling : orders.tableAnswer(request);
    const { result, logs } = await orders.process(
      anOrderMessage({ messageId: "throttled", body: JSON.stringify(anOrder({ orderId: OTHER_ORDER_ID })) }),
      anOrderMessage({ messageId: "stored" }),
    );
    expect(result).toEqual(failed("throttled"));
    expect(orders.aws.requests).toHaveLength(ATTEMPTS + 1);
    expect(logs).toContainEqual(
      expect.objectContaining({
        messageId: "throttled",
        orderId: OTHER_ORDER_ID,
        error: "ProvisionedThroughputExceededException",
        reason: "slow down",
      }),
    );
  });

  test("has every message of the batch reported, when it takes none", async () => {
    orders.aws.answer = () => refusal("AccessDeniedException", "not authorized to perform: dynamodb:PutItem");
    const { result } = await orders.process(
      anOrderMessage({ messageId: "one" }),
      anOrderMessage({ messageId: "two", body: JSON.stringify(anOrder({ orderId: OTHER_ORDER_ID })) }),
    );
    expect(result).toEqual(failed("one", "two"));
    expect(orders.aws.requests).toHaveLength(2);
  });
});
