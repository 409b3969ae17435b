import { marshall } from "@aws-sdk/util-dynamodb";
import { contentHash } from "../../contracts/contentHash";
import {
  fromItem,
  toItem,
  UNDELIVERED_SHARDS,
  undeliveredShard,
  type OrderRecord,
} from "../../contracts/orderRecord";
import { anOrder, aPlacedOrder, CUSTOMER_ID, ORDER_ID, PLACED_AT } from "../support/orders";

function aRejectedOrder(): OrderRecord {
  const posted = anOrder({ total: 1 });
  return {
    customerId: CUSTOMER_ID,
    orderId: ORDER_ID,
    placedAt: PLACED_AT,
    order: JSON.stringify(posted),
    contentHash: contentHash(posted),
    status: "REJECTED",
    reasons: ["total: is 1"],
  };
}

describe("the content hash", () => {
  test("is the same whatever the order of the members and the white space", () => {
    const posted = anOrder();
    const reversed = Object.fromEntries(Object.entries(posted).reverse());
    const spaced: unknown = JSON.parse(JSON.stringify(reversed, null, 4));
    expect(contentHash(spaced)).toBe(contentHash(posted));
  });

  test("is the same whatever the order of the members further down", () => {
    const { shipTo, ...rest } = anOrder();
    const reversed = { ...rest, shipTo: Object.fromEntries(Object.entries(shipTo).reverse()) };
    expect(contentHash(reversed)).toBe(contentHash(anOrder()));
  });

  test("tells the order of the items apart", () => {
    const items = [
      { sku: "A", quantity: 1, unitPrice: 1 },
      { sku: "B", quantity: 1, unitPrice: 1 },
    ];
    expect(contentHash(anOrder({ items: items.toReversed() }))).not.toBe(contentHash(anOrder({ items })));
  });

  test.each([
    ["another value", { a: 1 }, { a: 2 }],
    ["a text that looks like the number", { a: 1 }, { a: "1" }],
    ["a member more", { a: 1 }, { a: 1, b: 1 }],
    ["a member called __proto__", {}, JSON.parse('{"__proto__":1}')],
  ])("tells %s apart", (_name, one, other) => {
    expect(contentHash(other)).not.toBe(contentHash(one));
  });

  test("never changes: records that are stored are compared with it", () => {
    expect(contentHash({ b: [1, { d: "é", c: null }], a: true })).toBe(
      "b56515827d996f78785feb87c17f2fd96235141b1e74b434486eef2ff47f990e",
    );
  });
});

describe("an order record", () => {
  test.each([
    ["placed", aPlacedOrder()],
    [
      "delivered",
      aPlacedOrder({
        delivery: {
          status: "DELIVERED",
          attempts: 2,
          executionIds: ["arn:aws:states:eu-west-1:123456789012:express:deliver:x:1"],
          deliveredAt: PLACED_AT,
          messageId: "6a0d0b5e-0d3a-5b0e-8a0e-5a1f0c5f4c4e",
        },
      }),
    ],
    ["rejected", aRejectedOrder()],
  ])("comes back from its item as it was: %s", (_name, record) => {
    expect(fromItem(toItem(record))).toEqual(record);
  });

  test("has no attribute for what it does not know", () => {
    const item = toItem({ ...aRejectedOrder(), requestId: undefined, traceHeader: undefined });
    expect(Object.keys(item).sort()).toEqual(
      ["contentHash", "customerId", "order", "orderId", "placedAt", "reasons", "status"].sort(),
    );
  });

  test("keeps the numbers of its delivery as numbers", () => {
    expect(toItem(aPlacedOrder())).toMatchObject({
      undelivered: { N: "7" },
      delivery: { M: { attempts: { N: "0" }, executionIds: { L: [] }, status: { S: "PENDING" } } },
    });
  });

  test.each([
    ["nothing", {}],
    ["no status", marshall({ ...aPlacedOrder(), status: undefined }, { removeUndefinedValues: true })],
    ["another status", marshall({ ...aPlacedOrder(), status: "LOST" })],
    ["a placed order without a delivery", marshall({ ...aPlacedOrder(), delivery: null })],
    ["a rejected order without reasons", marshall({ ...aRejectedOrder(), reasons: [] })],
    ["a shard that there is not", marshall({ ...aPlacedOrder(), undelivered: UNDELIVERED_SHARDS })],
  ])("is not read from an item with %s", (_name, item) => {
    expect(() => fromItem(item)).toThrow(expect.objectContaining({ name: "ZodError" }));
  });
});

describe("the shard of the undelivered index", () => {
  test("is always the same for an order", () => {
    expect(undeliveredShard(ORDER_ID)).toBe(undeliveredShard(ORDER_ID));
  });

  test("spreads orders evenly over all shards", () => {
    const orders = 16_000;
    const counts = new Array<number>(UNDELIVERED_SHARDS).fill(0);
    for (let index = 0; index < orders; index++) {
      const shard = undeliveredShard(`0193a2f0-6c1e-7d52-9a4f-${index.toString(16).padStart(12, "0")}`);
      counts[shard] = (counts[shard] ?? 0) + 1;
    }
    expect(counts).toHaveLength(UNDELIVERED_SHARDS);
    for (const count of counts) expect(Math.abs(count - orders / UNDELIVERED_SHARDS)).toBeLessThan(200);
  });
});
