import { readFileSync } from "node:fs";
import { join } from "node:path";
import { validate } from "uuid";
import { orderEvent, orderEventId, orderEventMessage } from "../../contracts/orderEvent";
import {
  executionName,
  WORKFLOW_INPUT_BYTES_MAX,
  workflowInput,
  workflowInputOf,
} from "../../contracts/workflowInput";
import { anOrder, anOrderOfItems, aPlacedOrder, CUSTOMER_ID, ORDER_ID } from "../support/orders";

describe("the event's id", () => {
  test("never changes: consumers remember it", () => {
    expect(orderEventId(CUSTOMER_ID, ORDER_ID)).toBe("68b77082-a6c3-5a49-9b00-67d9969af2b5");
  });

  test("is another for the same order id of another customer", () => {
    expect(orderEventId("customer-2", ORDER_ID)).not.toBe(orderEventId("customer-1", ORDER_ID));
  });

  test("is a UUID of version 5", () => {
    const id = orderEventId(CUSTOMER_ID, ORDER_ID);
    expect(validate(id)).toBe(true);
    expect(id[14]).toBe("5");
  });
});

describe("the event's message", () => {
  test("is, byte for byte, a CloudEvent with the order in it", () => {
    expect(orderEventMessage(aPlacedOrder()).message).toBe(
      [
        `{"specversion":"1.0","id":"${orderEventId(CUSTOMER_ID, ORDER_ID)}","source":"/orders",`,
        `"type":"order.placed.v1","subject":"0193a2f0-6c1e-7d52-9a4f-0b1c2d3e4f50",`,
        `"time":"2026-11-20T09:30:00.123Z","datacontenttype":"application/json",`,
        `"data":{"customerId":"2f6b0c1e-5a0d-4b0e-9d4b-6f0f3a1c7d11","placedAt":"2026-11-20T09:30:00.123Z",`,
        `"orderId":"0193a2f0-6c1e-7d52-9a4f-0b1c2d3e4f50","channel":"retail","currency":"GBP",`,
        `"items":[{"sku":"85123A","description":"WHITE HANGING HEART T-LIGHT HOLDER","quantity":6,"unitPrice":255}],`,
        `"total":1530,"shipTo":{"name":"Ada Buyer","line1":"1 High Street","city":"Leeds",`,
        `"postalCode":"LS1 1AA","country":"GB"},"paymentReference":"pi_3OeXyz"}}`,
      ].join(""),
    );
  });

  test("is the same for the same order, however its client wrote it", () => {
    const reversed = Object.fromEntries(Object.entries(anOrder()).reverse());
    const spaced = aPlacedOrder({ order: JSON.stringify(reversed, null, 2) });
    expect(orderEventMessage(spaced)).toEqual(orderEventMessage(aPlacedOrder()));
  });

  test("keeps to the published schema", () => {
    const event: unknown = JSON.parse(orderEventMessage(aPlacedOrder()).message);
    expect(orderEvent.parse(event)).toEqual(event);
  });

  test("carries what filter policies need as attributes", () => {
    const wholesale = anOrder({ channel: "wholesale", shipTo: { ...anOrder().shipTo, country: "DE" } });
    expect(orderEventMessage(aPlacedOrder({ order: JSON.stringify(wholesale) })).attributes).toEqual({
      eventType: "order.placed.v1",
      channel: "wholesale",
      country: "DE",
    });
  });

  test("is not made from what is no order", () => {
    expect(() => orderEventMessage(aPlacedOrder({ order: "{}" }))).toThrow(
      expect.objectContaining({ name: "ZodError" }),
    );
  });
});

describe("the workflow's input", () => {
  test("holds the finished message, its attributes and the order's keys", () => {
    const input: unknown = JSON.parse(workflowInputOf(aPlacedOrder()));
    expect(workflowInput.parse(input)).toEqual({
      customerId: CUSTOMER_ID,
      orderId: ORDER_ID,
      ...orderEventMessage(aPlacedOrder()),
    });
  });

  test("of 1,000 lines as real orders have them is well within its bound", () => {
    const real = anOrderOfItems(1_000, { description: "WHITE HANGING HEART T-LIGHT HOLDER" });
    const bytes = Buffer.byteLength(workflowInputOf(aPlacedOrder({ order: JSON.stringify(real) })));
    expect(bytes).toBeGreaterThan(90_000);
    expect(bytes).toBeLessThan(WORKFLOW_INPUT_BYTES_MAX * 0.6);
  });

  test("has a bound below the 262,144 bytes that a state may hold", () => {
    expect(WORKFLOW_INPUT_BYTES_MAX).toBeLessThan(262_144);
  });
});

test("an execution's name starts with the order's id and is one that Step Functions takes", () => {
  const name = executionName(ORDER_ID, 12);
  expect(name).toBe(`${ORDER_ID}-12`);
  expect(name).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
});

test("the downstream teams' guide shows an event as it is", () => {
  const guide = readFileSync(join(__dirname, "../../docs/consuming-orders.md"), "utf8");
  const shown = orderEvent.parse(JSON.parse(/```json\n(.*?)```/s.exec(guide)?.[1] ?? ""));
  const { customerId, placedAt, ...posted } = shown.data;
  const record = { customerId, placedAt, orderId: posted.orderId, order: JSON.stringify(posted) };
  expect(JSON.parse(orderEventMessage(record).message)).toEqual(shown);
});
