import type { Caller } from "../../local/aws/caller";
import { Clock } from "../../local/clock";
import { RequestContext } from "../../local/iam/context";
import { Policy } from "../../local/iam/policy";

const ROLE: Caller = { type: "role", roleArn: "arn:aws:iam::123456789012:role/reader", sessionName: "s" };
const TOPIC = "arn:aws:sns:eu-central-1:123456789012:events";
const clock = new Clock();
clock.advance(Date.parse("2030-06-01T12:00:00Z") - clock.now());

function holds(
  operator: string,
  key: string,
  expected: unknown,
  given: Record<string, string> = {},
): boolean {
  const statement = {
    Effect: "Allow",
    Action: "*",
    Resource: "*",
    Condition: { [operator]: { [key]: expected } },
  };
  const policy = Policy.compile({ Version: "2012-10-17", Statement: statement }, "The policy", "identity");
  const context = new RequestContext(ROLE, "*", given, clock, "eu-central-1");
  return policy.evaluate("sqs:SendMessage", "*", context).allowed;
}

const SOURCE = "aws:SourceArn";
const ACCOUNT = "aws:SourceAccount";
const VIA = "kms:ViaService";

describe("a condition", () => {
  it.each([
    ["StringEquals", ACCOUNT, "1", "1", true],
    ["StringEquals", ACCOUNT, "1", "2", false],
    ["StringEquals", VIA, "a*", "ab", false],
    ["StringNotEquals", ACCOUNT, "1", "2", true],
    ["StringNotEquals", ACCOUNT, "1", "1", false],
    ["StringEqualsIgnoreCase", VIA, "SQS", "sqs", true],
    ["StringNotEqualsIgnoreCase", VIA, "SQS", "sqs", false],
    ["StringLike", VIA, "sqs.*.amazonaws.com", "sqs.eu-central-1.amazonaws.com", true],
    ["StringLike", VIA, "sqs.?.amazonaws.com", "sqs.eu.amazonaws.com", false],
    ["StringNotLike", VIA, "sqs.*", "sqs.eu", false],
    ["NumericEquals", ACCOUNT, "10", "10.0", true],
    ["NumericNotEquals", ACCOUNT, "10", "10", false],
    ["NumericLessThan", ACCOUNT, "10", "9", true],
    ["NumericLessThan", ACCOUNT, "10", "10", false],
    ["NumericLessThanEquals", ACCOUNT, "10", "10", true],
    ["NumericGreaterThan", ACCOUNT, "10", "10", false],
    ["NumericGreaterThanEquals", ACCOUNT, "10", "10", true],
    ["Bool", VIA, "true", "true", true],
    ["Bool", VIA, "true", "false", false],
    ["IpAddress", VIA, "203.0.113.0/24", "203.0.113.7", true],
    ["IpAddress", VIA, "203.0.113.0/24", "203.0.114.7", false],
    ["NotIpAddress", VIA, "203.0.113.0/24", "203.0.114.7", true],
    ["IpAddress", VIA, "2001:db8::/32", "2001:db8::1", true],
    ["ArnEquals", SOURCE, TOPIC, TOPIC, true],
    ["ArnLike", SOURCE, "arn:aws:sns:*:123456789012:ev*", TOPIC, true],
    ["ArnLike", SOURCE, "arn:aws:sns:*:events", TOPIC, false],
    ["ArnNotLike", SOURCE, "arn:aws:sns:*:*:*", TOPIC, false],
    ["ArnNotEquals", SOURCE, "arn:aws:sns:*:*:other", TOPIC, true],
  ])("%s of %s %j for %j: %s", (operator, key, expected, value, outcome) => {
    expect(holds(operator, key, expected, { [key]: value })).toBe(outcome);
  });

  it("finds a key whatever its case", () => {
    expect(holds("StringEquals", "AWS:sourcearn", TOPIC, { "aws:SourceArn": TOPIC })).toBe(true);
  });

  it("holds for any of several values", () => {
    expect(holds("StringEquals", ACCOUNT, ["1", "2"], { [ACCOUNT]: "2" })).toBe(true);
  });

  it("that is negated holds for none of several values", () => {
    expect(holds("StringNotEquals", ACCOUNT, ["1", "2"], { [ACCOUNT]: "2" })).toBe(false);
    expect(holds("StringNotEquals", ACCOUNT, ["1", "2"], { [ACCOUNT]: "3" })).toBe(true);
  });

  it("compares with what a policy variable stands for", () => {
    expect(holds("StringEquals", ACCOUNT, "${aws:PrincipalAccount}", { [ACCOUNT]: "123456789012" })).toBe(
      true,
    );
    expect(holds("StringEquals", ACCOUNT, "${aws:PrincipalAccount}", { [ACCOUNT]: "1" })).toBe(false);
  });

  it("takes the default of a policy variable without a value", () => {
    expect(holds("StringEquals", ACCOUNT, "${kms:ViaService, 'none'}", { [ACCOUNT]: "none" })).toBe(true);
    expect(holds("StringEquals", ACCOUNT, "${kms:ViaService}", { [ACCOUNT]: "none" })).toBe(false);
  });

  it("writes an asterisk as ${*}", () => {
    expect(holds("StringLike", VIA, "a${*}", { [VIA]: "a*" })).toBe(true);
    expect(holds("StringLike", VIA, "a${*}", { [VIA]: "ab" })).toBe(false);
  });

  it("compares with the run's clock", () => {
    expect(holds("DateGreaterThan", "aws:CurrentTime", "2030-06-01T11:59:00Z")).toBe(true);
    expect(holds("DateLessThan", "aws:CurrentTime", "2030-06-01T11:59:00Z")).toBe(false);
    expect(holds("DateLessThan", "aws:EpochTime", "1906545700")).toBe(true);
  });
});

describe("a condition on a key that the request does not have", () => {
  it.each([
    ["StringEquals", false],
    ["StringNotEquals", true],
    ["StringEqualsIfExists", true],
    ["ForAnyValue:StringEquals", false],
    ["ForAnyValue:StringNotEquals", false],
    ["ForAllValues:StringEquals", true],
  ])("with %s: %s", (operator, outcome) => {
    expect(holds(operator, VIA, "x")).toBe(outcome);
  });

  it("is what Null asks for", () => {
    expect(holds("Null", VIA, "true")).toBe(true);
    expect(holds("Null", VIA, "false")).toBe(false);
    expect(holds("Null", VIA, "true", { [VIA]: "x" })).toBe(false);
  });
});

describe("a condition that cannot be decided", () => {
  it.each([
    ["StringMatches", VIA, "x", 'the condition operator "StringMatches"'],
    ["BinaryEquals", VIA, "x", 'the condition operator "BinaryEquals"'],
    ["NullIfExists", VIA, "true", 'the condition operator "NullIfExists"'],
    ["constructor", VIA, "x", 'the condition operator "constructor"'],
    ["StringEquals", "aws:PrincipalOrgID", "o-1", 'the condition key "aws:PrincipalOrgID"'],
    ["StringEquals", VIA, "${aws:username}", 'the condition key "aws:username"'],
    ["Bool", VIA, "yes", 'the condition value "yes"'],
    ["NumericEquals", VIA, "ten", 'the condition value "ten"'],
    ["DateLessThan", VIA, "soon", 'the condition value "soon"'],
    ["IpAddress", VIA, "localhost", 'the condition value "localhost"'],
  ])("%s of %s %j is refused by name", (operator, key, expected, reason) => {
    expect(() => holds(operator, key, expected)).toThrow(`The policy has ${reason}`);
  });
});
