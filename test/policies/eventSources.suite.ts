import { eventSourcePolicies } from "../../policies/eventSources";
import { check, type CheckOptions, type Given } from "./support/check";

const mapping = (props: Given["props"]): Given => ({
  type: "aws:lambda/eventSourceMapping:EventSourceMapping",
  name: "feed",
  props,
  madeOf: { eventSourceArn: ["work"], functionName: ["worker"] },
});
const ofQueue = (props: Given["props"] = {}) => mapping(props);
const ofStream = (props: Given["props"] = {}) => mapping({ startingPosition: "LATEST", ...props });
const ofTopic = (props: Given["props"] = {}) => ofStream({ topics: ["orders"], ...props });

describe("sqs-visibility-timeout", () => {
  const violations = (given: Given[], options?: CheckOptions) =>
    check(eventSourcePolicies, "sqs-visibility-timeout", given, options);
  const queue = (visibilityTimeoutSeconds?: number): Given => ({
    type: "aws:sqs/queue:Queue",
    name: "work",
    props: { visibilityTimeoutSeconds, arn: "arn:aws:sqs:eu-west-1:123456789012:work" },
  });
  const handler = (timeout?: number): Given => ({
    type: "aws:lambda/function:Function",
    name: "worker",
    props: { timeout, name: "worker-1", arn: "arn:aws:lambda:eu-west-1:123456789012:function:worker-1" },
  });

  test.each([
    ["six times the function's timeout", [queue(60), handler(10), ofQueue()]],
    ["the defaults of both", [queue(), handler(), ofQueue()]],
    [
      "six times and the batching window",
      [queue(65), handler(10), ofQueue({ maximumBatchingWindowInSeconds: 5 })],
    ],
    ["less where a stream is read", [queue(1), handler(10), ofStream()]],
    ["less for a queue that no function reads", [queue(1), handler(10)]],
  ])("passes %s", async (_what, given) => {
    expect(await violations(given)).toEqual([]);
  });

  test.each([
    ["a second less", [queue(59), handler(10), ofQueue()], 60],
    ["the default beside a longer function", [queue(), handler(6), ofQueue()], 36],
    ["no time at all", [queue(0), handler(), ofQueue()], 18],
    [
      "less than the batching window takes",
      [queue(60), handler(10), ofQueue({ maximumBatchingWindowInSeconds: 1 })],
      61,
    ],
  ])("refuses %s", async (_what, given, least) => {
    expect(await violations(given)).toEqual([
      expect.stringMatching(
        new RegExp(`^work: Queue "work".*"worker".*visibilityTimeoutSeconds to ${least} or more`),
      ),
    ]);
  });

  test("asks for as many timeouts as the configuration says", async () => {
    const given = [queue(60), handler(10), ofQueue()];
    expect(await violations(given, { config: { timesFunctionTimeout: 7 } })).toHaveLength(1);
  });

  test("finds the function behind an alias", async () => {
    const alias: Given = {
      type: "aws:lambda/alias:Alias",
      name: "live",
      props: {},
      madeOf: { functionName: ["worker"] },
    };
    const feed = { ...ofQueue(), madeOf: { eventSourceArn: ["work"], functionName: ["live"] } };
    expect(await violations([queue(59), handler(10), alias, feed])).toHaveLength(1);
  });

  test.each(["worker-1", "arn:aws:lambda:eu-west-1:123456789012:function:worker-1:7"])(
    "finds a queue and a function that are written out, %s",
    async (functionName) => {
      const eventSourceArn = "arn:aws:sqs:eu-west-1:123456789012:work";
      const feed = { ...ofQueue({ eventSourceArn, functionName }), madeOf: {} };
      expect(await violations([queue(59), handler(10), feed])).toHaveLength(1);
    },
  );
});

describe("lambda-partial-batch-response", () => {
  const violations = (given: Given) => check(eventSourcePolicies, "lambda-partial-batch-response", [given]);
  const REPORTED = { functionResponseTypes: ["ReportBatchItemFailures"] };

  test.each([
    ["a queue", ofQueue(REPORTED)],
    ["a stream", ofStream(REPORTED)],
    ["a topic of Kafka, without", ofTopic()],
    ["a queue of Amazon MQ, without", ofQueue({ queues: "orders" })],
  ])("passes a mapping of %s", async (_what, given) => {
    expect(await violations(given)).toEqual([]);
  });

  test.each([
    ["a queue without", ofQueue()],
    ["a stream without", ofStream()],
    ["a queue with none", ofQueue({ functionResponseTypes: [] })],
  ])("refuses a mapping of %s", async (_what, given) => {
    expect(await violations(given)).toEqual([expect.stringMatching(/^feed: .*Set functionResponseTypes/)]);
  });
});

describe("lambda-stream-filter", () => {
  const violations = (given: Given) => check(eventSourcePolicies, "lambda-stream-filter", [given]);
  const filtered = (...patterns: unknown[]) =>
    ofStream({ filterCriteria: { filters: patterns.map((pattern) => ({ pattern })) } });

  test.each([
    ["one kind of change", filtered('{"eventName":["INSERT"]}')],
    [
      "several kinds and a value",
      filtered('{"eventName":["INSERT","MODIFY","REMOVE"],"dynamodb":{"NewImage":{"s":{"S":["A"]}}}}'),
    ],
    ["alternatives", filtered('{"eventName":["INSERT"]}', '{"data":{"kind":[{"prefix":"order"}]}}')],
    ["alternatives in one pattern", filtered('{"$or":[{"eventName":["INSERT"]},{"eventName":["MODIFY"]}]}')],
    ["all kinds of change but one", filtered('{"eventName":[{"anything-but":["REMOVE"]}]}')],
    ["a kind of change in any case", filtered('{"eventName":[{"equals-ignore-case":"insert"}]}')],
    ["the end of a kind of change", filtered('{"eventName":[{"suffix":"SERT"}]}')],
    ["what is not there", filtered('{"dynamodb":{"OldImage":[{"exists":false}]}}')],
    ["a queue, without", ofQueue()],
    ["a topic of Kafka, without", ofTopic()],
  ])("passes a filter on %s", async (_what, given) => {
    expect(await violations(given)).toEqual([]);
  });

  test.each([
    ["no filter", ofStream(), "has no filter"],
    ["an empty list of filters", filtered(), "has no filter"],
    ["a filter without pattern", filtered(undefined), "no JSON object"],
    ["a pattern that is no JSON", filtered("INSERT"), "no JSON object"],
    ["a pattern of nothing", filtered("{}"), "leaves nothing out"],
    ["all kinds of change", filtered('{"eventName":["INSERT","MODIFY","REMOVE"]}'), "leaves nothing out"],
    [
      "a kind of change that is there",
      filtered('{"eventName":["INSERT",{"exists":true}]}'),
      "leaves nothing out",
    ],
    ["a field that is there", filtered('{"eventID":[{"exists":true}]}'), "leaves nothing out"],
    ["any beginning", filtered('{"eventName":[{"prefix":""}]}'), "leaves nothing out"],
    [
      "one that leaves nothing out beside another",
      filtered('{"eventName":["INSERT"]}', "{}"),
      "leaves nothing out",
    ],
    [
      "alternatives that together leave nothing out",
      filtered('{"eventName":["INSERT"]}', '{"eventName":["MODIFY","REMOVE"]}'),
      "leaves nothing out",
    ],
    [
      "alternatives in one pattern, of which one leaves nothing out",
      filtered('{"$or":[{"eventName":["INSERT"]},{}]}'),
      "leaves nothing out",
    ],
    ["what every record has", filtered('{"eventSource":["aws:dynamodb"]}'), "leaves nothing out"],
    ["all but what does not exist", filtered('{"eventName":[{"anything-but":["X"]}]}'), "leaves nothing out"],
    ["a kind of change that does not exist", filtered('{"eventName":["CREATED"]}'), "which no record meets"],
    ["no beginning of one", filtered('{"eventName":[{"prefix":"insert"}]}'), "which no record meets"],
    ["a condition that lists nothing", filtered('{"eventName":[]}'), "which no record meets"],
    ["a condition that is no list", filtered('{"eventName":"INSERT"}'), "which no record meets"],
  ])("refuses %s", async (_what, given, fault) => {
    expect(await violations(given)).toEqual([
      expect.stringMatching(new RegExp(`^feed: Stream mapping "feed".*${fault}.*Set filterCriteria`)),
    ]);
  });
});
