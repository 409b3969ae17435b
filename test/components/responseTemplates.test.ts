import * as templates from "../../components/api/templates";
import { toItem, type OrderRecord } from "../../contracts/orderRecord";
import { anOrder, anOrderOfItems, aPlacedOrder, CUSTOMER_ID, ORDER_ID, PLACED_AT } from "../support/orders";
import { HOSTILE, render, renderJson } from "./support/renderedTemplate";

describe("an order as the API shows it", () => {
  const shown = { orderId: ORDER_ID, status: "PLACED", placedAt: PLACED_AT, order: anOrder() };
  const show = (record: OrderRecord) =>
    renderJson(templates.orderResponse(), { body: { Item: toItem(record) } });

  test("is on its way", () => {
    expect(show(aPlacedOrder())).toEqual({ ...shown, delivery: { status: "PENDING", attempts: 0 } });
  });

  test("is delivered", () => {
    const delivery = {
      status: "DELIVERED",
      attempts: 2,
      deliveredAt: PLACED_AT,
      messageId: "message-1",
    } as const;
    const record = aPlacedOrder({ delivery: { ...delivery, executionIds: ["arn:1", "arn:2"] } });
    expect(show(record)).toEqual({ ...shown, delivery });
  });

  test.each(HOSTILE)("has failed with an error that says %j", (lastError) => {
    const delivery = { status: "PENDING", attempts: 1, lastError } as const;
    const record = aPlacedOrder({ delivery: { ...delivery, executionIds: [] } });
    expect(show(record)).toEqual({ ...shown, delivery });
  });

  test("is rejected, with its reasons", () => {
    const reasons = [`shipTo.name: must be "short"`, "total: is 1"];
    const { customerId, orderId, placedAt, order, contentHash } = aPlacedOrder();
    const stored = { customerId, orderId, placedAt, order, contentHash };
    expect(show({ ...stored, status: "REJECTED", reasons })).toEqual({
      ...shown,
      status: "REJECTED",
      reasons,
    });
  });

  test.each(HOSTILE)("shows the text that its client wrote: %j", (name) => {
    const posted = anOrder({ shipTo: { ...anOrder().shipTo, name } });
    expect(show(aPlacedOrder({ order: JSON.stringify(posted) }))).toMatchObject({ order: posted });
  });

  test("of 1,000 lines is whole", () => {
    const posted = anOrderOfItems(1_000);
    expect(show(aPlacedOrder({ order: JSON.stringify(posted) }))).toMatchObject({ order: posted });
  });

  test("is 404 when it is not there", () => {
    const { text, status } = render(templates.orderResponse(), { body: {} });
    expect(status).toBe("404");
    expect(JSON.parse(text)).toEqual({ message: "There is no such order, or it is not stored yet." });
  });
});

describe("a page of orders", () => {
  const Items = [aPlacedOrder(), aPlacedOrder({ orderId: ORDER_ID.replace(/.$/, "1") })].map((record) =>
    toItem(record),
  );

  test("lists them, and says where the next page starts", () => {
    const body = { Items, LastEvaluatedKey: { customerId: { S: CUSTOMER_ID }, orderId: { S: ORDER_ID } } };
    const order = { status: "PLACED", delivery: { status: "PENDING", attempts: 0 }, order: anOrder() };
    expect(renderJson(templates.ordersResponse(), { body })).toMatchObject({
      orders: [
        { orderId: ORDER_ID, ...order },
        { orderId: ORDER_ID.replace(/.$/, "1"), ...order },
      ],
      nextToken: ORDER_ID,
    });
  });

  test("that is the last has no token", () => {
    expect(renderJson(templates.ordersResponse(), { body: { Items } })).not.toHaveProperty("nextToken");
  });

  test("may be empty", () => {
    expect(renderJson(templates.ordersResponse(), { body: { Items: [] } })).toEqual({ orders: [] });
  });
});

describe("an answer of the queue or the table that is no success", () => {
  const notConfirmed = (extendedRequestId: string) => ({
    message: "The order service could not confirm the request. Send it again, with the same orderId.",
    requestId: extendedRequestId,
  });

  test.each([
    [
      "an order that is too large is told so",
      templates.notQueuedResponse(),
      {
        Error: {
          Code: "InvalidParameterValue",
          Message: "Reason: Message must be shorter than 131072 bytes.",
        },
      },
      "413",
      { message: "The order is too large for the queue. Split it into several orders." },
    ],
    [
      "a character that the queue refuses is told so",
      templates.notQueuedResponse(),
      { Error: { Code: "InvalidMessageContents", Message: "Invalid binary character '#xFFFE' was found" } },
      "400",
      {
        message: "Invalid request body",
        detail: "The order holds a character that the queue does not carry.",
      },
    ],
    [
      "a key that the table refuses is the client's",
      templates.notReadResponse(),
      { __type: "com.amazon.coral.validate#ValidationException", message: "empty string value" },
      "400",
      { message: "Invalid request parameters", detail: "orderId and nextToken are ids of orders." },
    ],
  ])("%s", (_name, template, body, status, answer) => {
    const rendered = render(template, { body });
    expect(rendered.status).toBe(status);
    expect(JSON.parse(rendered.text)).toEqual(answer);
  });

  test.each([
    [
      "the queue's refusal",
      templates.notQueuedResponse(),
      { Error: { Code: "AccessDenied", Message: "secret" } },
    ],
    [
      "the table's refusal",
      templates.notReadResponse(),
      { __type: "AccessDeniedException", message: "secret" },
    ],
    ["a fault", templates.unavailableResponse(), {}],
  ])("%s is ours: nothing is told but the request's id", (_name, template, body) => {
    const { text, status, extendedRequestId } = render(template, { body });
    expect(status).toBeUndefined();
    expect(JSON.parse(text)).toEqual(notConfirmed(extendedRequestId));
  });

  test("an accepted order is told its request's id, which no client can choose", () => {
    const { text, extendedRequestId } = render(templates.acceptedResponse());
    expect(JSON.parse(text)).toEqual({ status: "ACCEPTED", requestId: extendedRequestId });
  });
});

describe("an answer that may be read by several origins", () => {
  const SHOP = "https://shop.example.com";
  const template = templates.choosingOrigin([SHOP, "https://wholesale.example.com"], "{}");

  test.each([
    ["by its name", { Origin: SHOP }],
    ["by its name as HTTP/2 sends it", { origin: SHOP }],
  ])("names the one that asks, %s", (_name, header) => {
    expect(render(template, { header })).toMatchObject({
      origin: SHOP,
      text: expect.stringMatching(/\{\}$/),
    });
  });

  test.each([["https://evil.example.com"], [`${SHOP}.evil.example.com`], [""]])(
    "names no other: %j",
    (Origin) => {
      expect(render(template, { header: { Origin } }).origin).toBeUndefined();
    },
  );

  test("needs no template for one origin", () => {
    expect(templates.choosingOrigin(["*"], "{}")).toBe("{}");
  });
});
