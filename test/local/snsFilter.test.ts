import { ADMINISTRATOR } from "../../local/aws/caller";
import { compileFilterPolicy } from "../../local/sns/filterPolicy";
import { host, queue, subscription, topic, topicArn } from "./support/messaging";
import { totals } from "./support/metrics";

const text = (StringValue: string) => ({ DataType: "String", StringValue });
const number = (value: number | string) => ({ DataType: "Number", StringValue: String(value) });
const list = (...values: unknown[]) => ({ DataType: "String.Array", StringValue: JSON.stringify(values) });

type Attribute = { readonly DataType: string; readonly StringValue?: string; readonly BinaryValue?: string };

const passes = (policy: unknown, attributes: Record<string, Attribute>) =>
  compileFilterPolicy(JSON.stringify(policy), "MessageAttributes")("", attributes);
const passesBody = (policy: unknown, body: unknown) =>
  compileFilterPolicy(JSON.stringify(policy), "MessageBody")(
    typeof body === "string" ? body : JSON.stringify(body),
    {},
  );

it("a subscription gets only what its filter lets through", async () => {
  const run = host([
    topic("events"),
    queue("all"),
    queue("some"),
    subscription("all", { rawMessageDelivery: true }),
    subscription("some", { rawMessageDelivery: true, filterPolicy: '{"channel":["retail"]}' }),
  ]);
  for (const channel of ["retail", "wholesale"]) {
    const input = {
      TopicArn: topicArn("events"),
      Message: channel,
      MessageAttributes: { channel: text(channel) },
    };
    await run.sns.call("Publish", input, ADMINISTRATOR);
  }
  expect(await run.bodies("all")).toEqual(["retail", "wholesale"]);
  expect(await run.bodies("some")).toEqual(["retail"]);
  expect(totals(run.metrics, "AWS/SNS")["NumberOfNotificationsFilteredOut"]).toBe(1);
  await run.stop();
});

describe("a condition on one property", () => {
  const CASES: [unknown[], Attribute | undefined, boolean][] = [
    [["a", "b"], text("b"), true],
    [["a", "b"], text("B"), false],
    [["a"], undefined, false],
    [["a"], list("x", "a"), true],
    [["a"], list("x"), false],
    [[1], number("1.0"), true],
    [[1], text("1"), false],
    [["1"], number(1), false],
    [[true], list(true), true],
    [[null], undefined, true],
    [[null], text("a"), false],
    [[{ prefix: "ab" }], text("abc"), true],
    [[{ prefix: "ab" }], text("aabc"), false],
    [[{ suffix: "bc" }], text("abc"), true],
    [[{ suffix: "ab" }], text("abc"), false],
    [[{ "equals-ignore-case": "TeNNis" }], text("tENnIS"), true],
    [[{ "equals-ignore-case": "tennis" }], text("table tennis"), false],
    [[{ wildcard: "*ball*" }], text("baseball game"), true],
    [[{ wildcard: "a*c" }], text("abcd"), false],
    [[{ wildcard: "a.c" }], text("abc"), false],
    [[{ wildcard: "5\\*" }], text("5*"), true],
    [[{ wildcard: "5\\*" }], text("55"), false],
    [[{ "anything-but": "a" }], text("b"), true],
    [[{ "anything-but": "a" }], text("a"), false],
    [[{ "anything-but": ["a", "b"] }], undefined, false],
    [[{ "anything-but": ["rugby", "tennis"] }], list("rugby", "baseball"), true],
    [[{ "anything-but": ["rugby", "tennis"] }], list("rugby"), false],
    [[{ "anything-but": [100, 500] }], number(100.1), true],
    [[{ "anything-but": [100, 500] }], number("1e2"), false],
    [[{ "anything-but": { prefix: "order-" } }], text("order_number"), true],
    [[{ "anything-but": { prefix: "order-" } }], text("order-cancelled"), false],
    [[{ "anything-but": { suffix: "ball" } }], text("baseball"), false],
    [[{ "anything-but": { wildcard: "*ball" } }], text("rugby"), true],
    [[{ exists: true }], text("x"), true],
    [[{ exists: true }], undefined, false],
    [[{ exists: false }], undefined, true],
    [[{ exists: false }], text("x"), false],
    [[{ "anything-but": "a" }, { exists: false }], undefined, true],
    [[{ numeric: ["=", 301.5] }], number("3.015e2"), true],
    [[{ numeric: ["<", 0] }], number(-0.00001), true],
    [[{ numeric: ["<", 0] }], number(0), false],
    [[{ numeric: [">", 0, "<=", 150] }], number(150), true],
    [[{ numeric: [">", 0, "<=", 150] }], number(150.00001), false],
    [[{ numeric: [">=", 0] }], number(1e10), false],
    [[{ numeric: ["=", 1] }], text("1"), false],
    [[{ numeric: ["=", 1] }], list(3, 1), true],
    [[{ cidr: "10.0.0.0/24" }], text("10.0.0.255"), true],
    [[{ cidr: "10.0.0.0/24" }], text("10.1.1.0"), false],
    [[{ cidr: "10.0.0.0/24" }], text("no address"), false],
    [[{ cidr: "2001:db8::/32" }], text("2001:db8:1::1"), true],
    [["a", { prefix: "z" }], text("zoo"), true],
    [["YQ=="], { DataType: "Binary", BinaryValue: "YQ==" }, false],
    [[{ exists: true }], { DataType: "Binary", BinaryValue: "YQ==" }, false],
    [["a"], { DataType: "String.Array", StringValue: "not JSON" }, false],
  ];

  it.each(CASES)("%j with %j: %s", (conditions, attribute, expected) => {
    expect(passes({ key: conditions }, attribute ? { key: attribute } : {})).toBe(expected);
  });
});

describe("a policy on several properties", () => {
  it("asks for all of them", () => {
    const policy = { a: ["1"], b: ["2"] };
    expect(passes(policy, { a: text("1"), b: text("2") })).toBe(true);
    expect(passes(policy, { a: text("1"), b: text("3") })).toBe(false);
  });

  it("asks for one alternative of $or, beside the others", () => {
    const policy = { source: ["s"], $or: [{ a: ["1"] }, { b: ["2"], c: ["3"] }] };
    expect(passes(policy, { source: text("s"), a: text("1") })).toBe(true);
    expect(passes(policy, { source: text("s"), b: text("2"), c: text("3") })).toBe(true);
    expect(passes(policy, { source: text("s"), b: text("2") })).toBe(false);
    expect(passes(policy, { source: text("x"), a: text("1") })).toBe(false);
  });

  it("takes $or for a property's name when its alternatives are conditions", () => {
    const policy = { $or: [{ prefix: "a" }, { suffix: "b" }] };
    expect(passes(policy, { $or: text("xb") })).toBe(true);
    expect(passes(policy, {})).toBe(false);
  });

  it("does not find what an attribute merely inherits", () => {
    expect(passes({ constructor: [{ exists: true }] }, {})).toBe(false);
    expect(passesBody({ toString: [{ exists: true }] }, {})).toBe(false);
  });
});

describe("a policy on the message body", () => {
  it.each<[unknown, unknown, boolean]>([
    [{ store: ["a"] }, { store: "a" }, true],
    [{ store: ["a"] }, { store: ["b", "a"] }, true],
    [{ store: ["a"] }, { other: "a" }, false],
    [{ paid: [true] }, { paid: true }, true],
    [{ paid: [null] }, { paid: null }, true],
    [{ price: [{ numeric: [">", 1] }] }, { price: 2 }, true],
    [{ price: [{ numeric: [">", 1] }] }, { price: "2" }, false],
    [{ order: { country: ["GB"] } }, { order: { country: "GB", other: 1 } }, true],
    [{ order: { country: ["GB"] } }, { order: { country: "DE" } }, false],
    [{ order: { country: ["GB"] } }, { order: "GB" }, false],
    [{ order: { country: [{ exists: false }] } }, {}, true],
    [
      { lines: { sku: ["a"], size: ["L"] } },
      {
        lines: [
          { sku: "a", size: "S" },
          { sku: "b", size: "L" },
        ],
      },
      false,
    ],
    [{ lines: { sku: ["a"], size: ["L"] } }, { lines: [{ sku: "a", size: "L" }] }, true],
    [{ a: { $or: [{ b: ["1"] }, { c: ["2"] }] } }, { a: { c: "2" } }, true],
    [{ a: [{ exists: false }] }, "no JSON", false],
    [{ a: [{ exists: false }] }, "[]", false],
  ])("%j with %j: %s", (policy, body, expected) => {
    expect(passesBody(policy, body)).toBe(expected);
  });
});

describe("a policy is refused", () => {
  const values = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`);
  const compile = (policy: string, scope: "MessageAttributes" | "MessageBody" = "MessageBody") => {
    compileFilterPolicy(policy, scope);
  };

  it.each<[unknown, string]>([
    [{ key: "value" }, '"key" must be an object or an array'],
    [{ key: { suffix: "value" } }, '"suffix" must be an object or an array'],
    [{ key: [] }, "Empty arrays are not allowed"],
    [{ key: [["value"]] }, "Match value must be String, number, true, false, or null"],
    [{ key: [{ "wrong-operator": true }] }, "Unrecognized match type wrong-operator"],
    [{ key: [{ constructor: "x" }] }, "Unrecognized match type constructor"],
    [{ key: [{ suffix: "a", prefix: "b" }] }, "Only one key allowed in match expression"],
    [{ key: [{}] }, "Only one key allowed in match expression"],
    [{ key: [{ suffix: 100 }] }, "suffix match pattern must be a string"],
    [{ key: [{ exists: "no" }] }, "exists match pattern must be either true or false."],
    [{ key: [{ "anything-but": [] }] }, "Inside anything but list"],
    [{ key: [{ "anything-but": { exists: false } }] }, "Unsupported anything-but pattern: exists"],
    [{ key: [{ wildcard: "a**b" }] }, "Consecutive wildcard characters"],
    [{ key: [{ wildcard: "a\\b" }] }, "Invalid escape character"],
    [{ key: [{ cidr: "10.0.0.0" }] }, "Malformed CIDR"],
    [{ key: [{ cidr: "10.0.0.0/33" }] }, "Malformed CIDR"],
    [{ key: [{ numeric: [] }] }, "Invalid member in numeric match: ]"],
    [{ key: [{ numeric: [1, "<="] }] }, "Invalid member in numeric match: 1"],
    [{ key: [{ numeric: ["operator"] }] }, "Unrecognized numeric range operator: operator"],
    [{ key: [{ numeric: ["=", "000"] }] }, "Value of equals must be numeric"],
    [{ key: [{ numeric: [">="] }] }, "Value of >= must be numeric"],
    [{ key: [{ numeric: ["<", 100, ">", 10] }] }, "Too many elements in numeric expression"],
    [{ key: [{ numeric: [">=", 1, ">", 2] }] }, "Bad numeric range operator: >"],
    [{ key: [{ numeric: [">", 3, "<", 1] }] }, "Bottom must be less than top"],
    [{ key: [{ numeric: [">", 20, 30] }] }, "Bad value in numeric range: 30"],
    [{ key: [{ numeric: [">", 20, "<", 30, "<", 50] }] }, "Too many terms in numeric range expression"],
    [{ key: [{ numeric: [">", 1e9 + 1] }] }, "must be between"],
    [{ a: ["1"], b: ["1"], c: ["1"], d: ["1"], e: ["1"], f: ["1"] }, "can not have more than 5 keys"],
    [{ key: values(151) }, "Filter policy is too complex"],
    [{ a: values(16), b: values(10) }, "Filter policy is too complex"],
    [{ a: { b: { c: values(4) } }, d: { e: values(3) }, f: values(3) }, "Filter policy is too complex"],
    [{ $or: [{ a: values(100) }, { b: values(51) }] }, "Filter policy is too complex"],
  ])("%j: %s", (policy, reason) => {
    expect(() => compile(JSON.stringify(policy))).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(`Invalid parameter: FilterPolicy: `) as string,
      }),
    );
    expect(() => compile(JSON.stringify(policy))).toThrow(reason);
  });

  it.each(["{", "[]", '"text"', "null"])("that is no JSON object: %s", (policy) => {
    expect(() => compile(policy)).toThrow("Invalid parameter: FilterPolicy: ");
  });

  it("that nests for attributes, which have no depth", () => {
    expect(() => compile('{"a":{"b":["c"]}}', "MessageAttributes")).toThrow(
      "Filter policy scope MessageAttributes does not support nested filter policy",
    );
  });

  it("but not at the limits themselves", () => {
    expect(() => compile(JSON.stringify({ a: values(150) }))).not.toThrow();
    expect(() => compile(JSON.stringify({ a: { b: { c: values(4) } }, d: { e: values(3) } }))).not.toThrow();
    expect(() => compile(JSON.stringify({ $or: [{ a: values(100) }, { b: values(50) }] }))).not.toThrow();
  });
});
