import Ajv from "ajv-draft-04";
import { gatewayModel } from "../../contracts/gatewayModel";
import { order, type Order } from "../../contracts/order";
import { checkOrder } from "../../contracts/orderCheck";
import { anOrder, anOrderOfItems } from "../support/orders";

const gatewayAccepts = new Ajv({ allErrors: true }).compile(gatewayModel());
const HEART = "\u{1F49B}";

/** The order as JSON, with the value at one place of it replaced, or removed where it is `undefined`. */
function withValue(path: string, value: unknown, original: Order = anOrder()): unknown {
  const changed: unknown = structuredClone(original);
  const members = path.split(".");
  const last = members.pop() ?? "";
  let holder = changed as Record<string, unknown>;
  for (const member of members) holder = holder[member] as Record<string, unknown>;
  holder[last] = value;
  return asPosted(changed);
}

/** What the gateway and the handler see of a value: what is left of it as JSON text. */
function asPosted(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

interface Verdicts {
  readonly gateway: boolean;
  readonly handler: boolean;
}

function verdictsOn(posted: unknown): Verdicts {
  return { gateway: gatewayAccepts(posted), handler: checkOrder(posted).valid };
}

const ACCEPTED: Readonly<Record<string, unknown>> = {
  "an order": anOrder(),
  "a wholesale order": withValue("channel", "wholesale"),
  "an order without the optional fields": withValue(
    "paymentReference",
    undefined,
    anOrder({ items: [{ sku: "A", quantity: 6, unitPrice: 255 }] }),
  ),
  "a free item": anOrderOfItems(1, { unitPrice: 0 }),
  "1,000 items": anOrderOfItems(1_000),
  "the same sku twice": anOrderOfItems(2),
  "a quantity of 1,000,000": anOrderOfItems(1, { quantity: 1_000_000, unitPrice: 1 }),
  "a unit price of 1,000,000,000": anOrderOfItems(1, { unitPrice: 1_000_000_000 }),
  "the largest total": anOrder({
    items: [
      { sku: "A", quantity: 999, unitPrice: 1_000_000_000 },
      { sku: "B", quantity: 1, unitPrice: 999_999_999 },
    ],
    total: 999_999_999_999,
  }),
  "a sku of 64 characters": withValue("items.0.sku", "x".repeat(64)),
  "a sku of 64 emoji": withValue("items.0.sku", HEART.repeat(64)),
  "a description of 256 characters": withValue("items.0.description", "x".repeat(256)),
  "a name of 128 emoji": withValue("shipTo.name", HEART.repeat(128)),
  "a payment reference of 128 characters": withValue("paymentReference", "x".repeat(128)),
  "text that would mean something elsewhere": withValue("shipTo.name", `&Action=DeleteQueue"}\n'\\$util`),
};

const REFUSED: Readonly<Record<string, unknown>> = {
  "no object": [anOrder()],
  "a text": "order",
  null: null,
  "an order id that is no UUID": withValue("orderId", "order-1"),
  "an upper-case UUID": withValue("orderId", anOrder().orderId.toUpperCase()),
  "a UUID with a letter too many": withValue("orderId", `${anOrder().orderId}0`),
  "a UUID in braces": withValue("orderId", `{${anOrder().orderId}}`),
  "an unknown channel": withValue("channel", "market"),
  "an unknown currency": withValue("currency", "XYZ"),
  "a lower-case currency": withValue("currency", "gbp"),
  "an unknown country": withValue("shipTo.country", "XX"),
  "a country by name": withValue("shipTo.country", "Great Britain"),
  "no items": withValue("items", []),
  "1,001 items": anOrderOfItems(1_001),
  "items that are no list": withValue("items", { 0: anOrder().items[0] }),
  "an item that is no object": withValue("items.0", "85123A"),
  "a quantity of 0": withValue("items.0.quantity", 0),
  "a quantity of -1": withValue("items.0.quantity", -1),
  "a quantity of 1.5": withValue("items.0.quantity", 1.5),
  "a quantity of 1e21": withValue("items.0.quantity", 1e21),
  "a quantity of 1,000,001": withValue("items.0.quantity", 1_000_001),
  "a quantity as text": withValue("items.0.quantity", "1"),
  "a quantity that is true": withValue("items.0.quantity", true),
  "a negative unit price": withValue("items.0.unitPrice", -1),
  "a unit price of 1,000,000,001": withValue("items.0.unitPrice", 1_000_000_001),
  "a unit price with pence": withValue("items.0.unitPrice", 2.55),
  "a total of 1,000,000,000,000": withValue("total", 1_000_000_000_000),
  "a negative total": withValue("total", -1),
  "a total as text": withValue("total", "1530"),
  "an empty sku": withValue("items.0.sku", ""),
  "a sku of 65 characters": withValue("items.0.sku", "x".repeat(65)),
  "a sku of 65 emoji": withValue("items.0.sku", HEART.repeat(65)),
  "a sku that is a number": withValue("items.0.sku", 85123),
  "an empty description": withValue("items.0.description", ""),
  "a description of 257 characters": withValue("items.0.description", "x".repeat(257)),
  "a description that is null": withValue("items.0.description", null),
  "an empty name": withValue("shipTo.name", ""),
  "a name of 129 characters": withValue("shipTo.name", "x".repeat(129)),
  "a line1 of 129 characters": withValue("shipTo.line1", "x".repeat(129)),
  "a city of 129 characters": withValue("shipTo.city", "x".repeat(129)),
  "a postal code of 129 characters": withValue("shipTo.postalCode", "x".repeat(129)),
  "a payment reference of 129 characters": withValue("paymentReference", "x".repeat(129)),
  "a payment reference that is null": withValue("paymentReference", null),
  "an extra field": withValue("coupon", "SALE"),
  "an extra field of an item": withValue("items.0.colour", "white"),
  "an extra field of the address": withValue("shipTo.phone", "1"),
  "a customer of the client's choice": withValue("customerId", "somebody else"),
  "a field called __proto__": JSON.parse(JSON.stringify(anOrder()).replace("{", '{"__proto__":{},')),
  ...Object.fromEntries(
    [
      ...["orderId", "channel", "currency", "items", "total", "shipTo"],
      ...["items.0.sku", "items.0.quantity", "items.0.unitPrice"],
      ...["shipTo.name", "shipTo.line1", "shipTo.city", "shipTo.postalCode", "shipTo.country"],
    ].map((path) => [`an order without ${path}`, withValue(path, undefined)]),
  ),
};

/** The model cannot say these: the handler stores such an order as rejected. */
const REFUSED_BY_THE_HANDLER_ALONE: Readonly<Record<string, readonly [posted: unknown, reason: string]>> = {
  "a total that does not add up": [
    withValue("total", 1_529),
    "total: is 1529, but quantity x unitPrice of the items add up to 1530",
  ],
  "items that add up to more than numbers keep exactly": [
    anOrder({ items: anOrderOfItems(1_000, { quantity: 1_000_000, unitPrice: 1_000_000_000 }).items }),
    "total: is 1530, but quantity x unitPrice of the items add up to 1000000000000000000",
  ],
  "a character that SNS and SQS refuse": [
    withValue("shipTo.name", "Ada \uFFFE"),
    "shipTo.name: holds the character U+FFFE, which the queues do not carry",
  ],
  "a control character": [
    withValue("items.0.sku", "85123A\u0000"),
    "items.0.sku: holds the character U+0000, which the queues do not carry",
  ],
  "half of a surrogate pair": [
    withValue("shipTo.city", "Leeds \uD83D"),
    "shipTo.city: holds the character U+D83D, which the queues do not carry",
  ],
};

describe("the gateway's model and the handler's check", () => {
  test.each(Object.entries(ACCEPTED))("both accept %s", (_name, posted) => {
    expect(verdictsOn(posted)).toEqual({ gateway: true, handler: true });
  });

  test.each(Object.entries(REFUSED))("both refuse %s", (_name, posted) => {
    expect(verdictsOn(posted)).toEqual({ gateway: false, handler: false });
  });

  test.each(Object.entries(REFUSED_BY_THE_HANDLER_ALONE))(
    "the handler alone refuses %s",
    (_name, [posted, reason]) => {
      expect(gatewayAccepts(posted)).toBe(true);
      expect(checkOrder(posted)).toEqual({ valid: false, reasons: [reason] });
    },
  );

  test("agree whatever stands in whichever field", () => {
    const paths = [
      ...[
        "orderId",
        "channel",
        "currency",
        "items",
        "items.0",
        "total",
        "shipTo",
        "paymentReference",
        "extra",
      ],
      ...["sku", "description", "quantity", "unitPrice", "extra"].map((field) => `items.0.${field}`),
      ...["name", "line1", "city", "postalCode", "country", "extra"].map((field) => `shipTo.${field}`),
    ];
    const values = [
      ...[undefined, null, true, "", " ", "x", "GB", "GBP", "retail", HEART.repeat(200), "é".repeat(64)],
      ...[0, -0, 1, -1, 1.5, 1e9, 1e12, 1e21, -1e21, 5e-324, 2 ** 53, Number.MAX_VALUE],
      ...[[], {}, [1], [{}], { length: 1 }],
    ];
    const disagreements = paths.flatMap((path) =>
      values
        .map((value) => withValue(path, value))
        .filter((posted) => gatewayAccepts(posted) !== order.safeParse(posted).success),
    );
    expect(disagreements).toEqual([]);
  });
});

describe("the reasons of a refusal", () => {
  test("name the field and the rule, never the value", () => {
    const posted = withValue("shipTo.name", "Ada Buyer ".repeat(20));
    expect(checkOrder(posted)).toEqual({
      valid: false,
      reasons: ["shipTo.name: must be at most 128 characters"],
    });
  });

  test("do not repeat the name of an extra field, which may be personal", () => {
    expect(checkOrder(withValue("shipTo.ada-buyer", "x"))).toEqual({
      valid: false,
      reasons: ["shipTo: has a field that no order has"],
    });
  });

  test("name a place in a list by its number", () => {
    const posted = withValue("items.1.quantity", 0, anOrderOfItems(2));
    expect(checkOrder(posted)).toMatchObject({ reasons: [expect.stringMatching(/^items\.1\.quantity: /)] });
  });

  test("are at most 20", () => {
    const posted = asPosted(anOrderOfItems(30, { quantity: 0 }));
    expect(checkOrder(posted)).toMatchObject({ valid: false, reasons: { length: 20 } });
  });
});
