import { compileFilters } from "../../local/lambda/eventSources/filterCriteria";
import { readMapping } from "../../local/lambda/eventSources/mappingSettings";
import { waitFor } from "../support/waitFor";
import { counts, FUNCTION_ARN, lambdaHarness, queueArn, send, type Harness } from "./support/lambda";
import { FakeStream, STREAM_ARN } from "./support/fakeStream";
import { resource } from "./support/resource";
import { Clock } from "../../local/clock";

const QUEUE = { eventSourceArn: queueArn("jobs") };
const STREAM = { eventSourceArn: STREAM_ARN, startingPosition: "LATEST" };

describe("a filter", () => {
  const record = {
    name: "Zoë",
    size: 12,
    gone: null,
    empty: "",
    tags: ["red", "blue"],
    place: { city: "Leeds", code: "LS1" },
  };

  it.each([
    ["a text", { name: ["Zoë"] }, true],
    ["another text", { name: ["zoë"] }, false],
    ["one of several texts", { name: ["Ann", "Zoë"] }, true],
    ["a text whatever its case", { name: [{ "equals-ignore-case": "zoË" }] }, true],
    ["a beginning", { name: [{ prefix: "Z" }] }, true],
    ["another beginning", { name: [{ prefix: "o" }] }, false],
    ["an end", { name: [{ suffix: "oë" }] }, true],
    ["an empty text", { empty: [""] }, true],
    ["null", { gone: [null] }, true],
    ["null where there is a text", { name: [null] }, false],
    ["a number", { size: [12] }, true],
    ["a text like the number", { size: ["12"] }, false],
    ["a range of numbers", { size: [{ numeric: [">", 10, "<=", 12] }] }, true],
    ["a range beside the number", { size: [{ numeric: ["<", 12] }] }, false],
    ["anything but a text", { name: [{ "anything-but": ["Ann"] }] }, true],
    ["anything but this text", { name: [{ "anything-but": ["Zoë"] }] }, false],
    ["anything but a text where there is nothing", { other: [{ "anything-but": ["Ann"] }] }, false],
    ["a field that is there", { name: [{ exists: true }] }, true],
    ["a field that is not there", { other: [{ exists: true }] }, false],
    ["the absence of a field", { other: [{ exists: false }] }, true],
    ["the absence of a field that is there", { name: [{ exists: false }] }, false],
    ["a value of a list", { tags: ["blue"] }, true],
    ["no value of a list", { tags: ["green"] }, false],
    ["a nested field", { place: { city: ["Leeds"] } }, true],
    ["two fields", { name: ["Zoë"], place: { code: ["LS1"] } }, true],
    ["two fields, one of them wrong", { name: ["Zoë"], place: { code: ["LS2"] } }, false],
    ["one of two fields", { $or: [{ name: ["Ann"] }, { size: [12] }] }, true],
    ["neither of two fields", { $or: [{ name: ["Ann"] }, { size: [13] }] }, false],
  ])("for %s decides: %j is %s", (_what, pattern, outcome) => {
    expect(compileFilters([JSON.stringify(pattern)])(record)).toBe(outcome);
  });

  it("is enough when it is one of several", () => {
    const matches = compileFilters(['{"name":["Ann"]}', '{"size":[12]}']);
    expect([matches(record), matches({ name: "Ann" }), matches({ name: "Bob" })]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it.each([
    ["that is not JSON", "{", "JSON"],
    ["that is a list", "[]", "it is no object"],
    ["with a bare value", '{"name":"Zoë"}', '"name" must be an object or a list of conditions'],
    ["with an empty list", '{"name":[]}', '"name" must be an object or a list of conditions'],
    ["with an unknown operator", '{"name":[{"regex":"."}]}', "regex"],
    [
      "with an operator of EventBridge alone",
      '{"name":[{"wildcard":"*"}]}',
      "Unrecognized match type wildcard",
    ],
  ])("%s is refused", (_what, pattern, reason) => {
    expect(() => compileFilters([pattern])).toThrow(reason);
  });
});

describe("hosting a mapping", () => {
  it.each([
    [
      "another source",
      { eventSourceArn: "arn:aws:kinesis:eu-central-1:123456789012:stream/s" },
      "neither an SQS queue",
    ],
    ["an unknown property", { ...QUEUE, topics: ["x"] }, "topics"],
    [
      "a property of streams on a queue",
      { ...QUEUE, bisectBatchOnFunctionError: true },
      "bisectBatchOnFunctionError",
    ],
    [
      "a property of queues on a stream",
      { ...STREAM, scalingConfig: { maximumConcurrency: 2 } },
      "scalingConfig",
    ],
    ["a large batch without a window", { ...QUEUE, batchSize: 11 }, "maximumBatchingWindowInSeconds"],
    ["a concurrency of 1", { ...QUEUE, scalingConfig: { maximumConcurrency: 1 } }, "maximumConcurrency"],
    ["a stream without a starting position", { eventSourceArn: STREAM_ARN }, "startingPosition"],
    [
      "a starting position that streams of tables lack",
      { ...STREAM, startingPosition: "AT_TIMESTAMP" },
      "startingPosition",
    ],
    [
      "another failure destination",
      { ...STREAM, destinationConfig: { onFailure: { destinationArn: "arn:aws:s3:::failures" } } },
      "arn:aws:s3:::failures is no SQS queue",
    ],
    [
      "a filter that Lambda would refuse",
      { ...QUEUE, filterCriteria: { filters: [{ pattern: "[]" }] } },
      "its filter []",
    ],
    [
      "more than five filters",
      { ...QUEUE, filterCriteria: { filters: new Array(6).fill({ pattern: "{}" }) as object[] } },
      "more than 5 filters",
    ],
  ])("refuses %s", (_what, inputs, reason) => {
    const type = "aws:lambda/eventSourceMapping:EventSourceMapping";
    const mapping = resource(type, "jobs-to-work", { functionName: FUNCTION_ARN, ...inputs });
    expect(() => readMapping(mapping)).toThrow('The event source mapping "jobs-to-work" cannot be hosted');
    expect(() => readMapping(mapping)).toThrow(reason);
  });
});

describe("a mapped function", () => {
  let harness: Harness;

  afterEach(() => harness.stop());

  const RECEIVING = {
    Effect: "Allow",
    Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    Resource: queueArn("jobs"),
  };
  const untilEmpty = () =>
    waitFor(async () => {
      const { visible, inFlight } = await counts(harness.sqs, "jobs");
      return visible + inFlight === 0;
    });

  it("gets the messages of its queue, read as its role", async () => {
    harness = await lambdaHarness({ statements: [RECEIVING] });
    await harness.hostQueue("jobs");
    await harness.hostFunction("exports.handler = async (event) => console.log(event.Records[0].body);");
    await harness.hostMapping(QUEUE);
    await harness.lambda.start();
    await send(harness.sqs, "jobs", "hello");
    await untilEmpty();
    await harness.lambda.stop();
    expect(harness.written.filter(({ message }) => message.endsWith("\thello"))).toHaveLength(1);
  });

  it("gets the records of its stream", async () => {
    const stream = new FakeStream(new Clock());
    const reading = { Effect: "Allow", Action: "dynamodb:*", Resource: STREAM_ARN };
    harness = await lambdaHarness({ streams: stream, statements: [reading] });
    await harness.hostFunction("exports.handler = async (event) => console.log(event.Records[0].eventID);");
    await harness.hostMapping(STREAM);
    await harness.lambda.start();
    stream.put("a");
    await waitFor(() => {
      harness.clock.advance(100);
      return harness.written.some(({ message }) => message.endsWith("\tevent-1000"));
    });
  });

  it("gets nothing through a mapping that is not enabled", async () => {
    harness = await lambdaHarness();
    await harness.hostQueue("jobs");
    await harness.hostFunction("exports.handler = async () => {};");
    await harness.hostMapping({ ...QUEUE, enabled: false });
    await harness.lambda.start();
    await send(harness.sqs, "jobs", "hello");
    harness.clock.advance(1_000);
    expect(await counts(harness.sqs, "jobs")).toEqual({ visible: 1, inFlight: 0 });
  });

  it("cannot be mapped to a queue that its role may not read", async () => {
    harness = await lambdaHarness({ statements: [] });
    await harness.hostQueue("jobs");
    await harness.hostFunction("exports.handler = async () => {};");
    await expect(harness.hostMapping(QUEUE)).rejects.toThrow(
      /The event source mapping "mapping" is refused: .*not authorized to perform: sqs:[Gg]etqueueattributes/i,
    );
  });

  it("has its messages again when the run stops before it is done", async () => {
    harness = await lambdaHarness();
    await harness.hostQueue("jobs");
    await harness.hostFunction("exports.handler = () => new Promise((end) => setTimeout(end, 60_000));", {
      timeout: 20,
    });
    await harness.hostMapping(QUEUE);
    await harness.lambda.start();
    await send(harness.sqs, "jobs", "hello");
    await waitFor(async () => (await counts(harness.sqs, "jobs")).inFlight === 1);
    const stopped = harness.lambda.stop();
    harness.clock.advance(1_000);
    await stopped;
    expect(await counts(harness.sqs, "jobs")).toEqual({ visible: 0, inFlight: 1 });
  });
});
