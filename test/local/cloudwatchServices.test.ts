import { MetricStore } from "../../local/cloudwatch/metricStore";
import { ADMINISTRATOR } from "../../local/aws/caller";
import { Clock } from "../../local/clock";
import { graph, method, post, withApi } from "./support/apigateway";
import { lambdaHarness, ROLE_ARN } from "./support/lambda";
import { GROUP, LogsFixture, STREAM } from "./support/logGroups";
import { host as hostMessaging, queue, queueUrl } from "./support/messaging";
import { totals } from "./support/metrics";
import { MachineFixture } from "./support/stateMachine";
import { useMappedStream } from "./support/streamMapping";

/* What each service counts of its own work, under the names that AWS documents. */

describe("a function", () => {
  it("counts its invocations, and the errors among them", async () => {
    const harness = await lambdaHarness();
    await harness.hostFunction("exports.handler = async ({ bad }) => { if (bad) throw new Error(); };");
    for (const event of [{}, { bad: true }, {}]) await harness.invoke(event);
    expect(totals(harness.metrics, "AWS/Lambda")).toMatchObject({ Invocations: 3, Errors: 1, Throttles: 0 });
    expect(totals(harness.metrics, "AWS/Lambda")["Duration"]).toBeGreaterThan(0);
    await harness.stop();
  });

  it("counts a throttled request as neither", async () => {
    const harness = await lambdaHarness();
    await harness.hostFunction("exports.handler = async () => {};", { reservedConcurrentExecutions: 0 });
    await expect(harness.invoke({})).rejects.toThrow("Rate Exceeded");
    expect(totals(harness.metrics, "AWS/Lambda")).toMatchObject({ Invocations: 0, Errors: 0, Throttles: 1 });
    await harness.stop();
  });
});

describe("a function behind a stream", () => {
  const mapped = useMappedStream();

  it("is told how far behind it is", async () => {
    await mapped.start(() => undefined);
    mapped.stream.put("a");
    await mapped.untilInvoked(1);
    const id = { namespace: "AWS/Lambda", name: "IteratorAge", dimensions: { FunctionName: "work" } };
    const values = mapped.harness.metrics.find(id)?.byPeriod(0, Infinity, 60_000) ?? [];
    expect(values.map(([, { sampleCount }]) => sampleCount)).toEqual([1]);
  });
});

it("a state machine counts its executions by how they end", async () => {
  const choice = {
    Type: "Choice",
    Choices: [{ Condition: "{% $states.input.bad %}", Next: "Bad" }],
    Default: "Good",
  };
  const states = { Choose: choice, Good: { Type: "Succeed" }, Bad: { Type: "Fail" } };
  const fixture = await MachineFixture.start(states);
  for (const bad of [true, false, false]) await fixture.run({ bad });
  expect(totals(fixture.metrics, "AWS/States")).toMatchObject({
    ExecutionsStarted: 3,
    ExecutionsSucceeded: 2,
    ExecutionsFailed: 1,
    ExecutionsTimedOut: 0,
  });
  await fixture.stop();
});

it("a stage counts its answers, and which of them were errors, and whose", async () => {
  await withApi(graph(method()), async ({ url, metrics }) => {
    await post(`${url}/things`, "{}");
    await fetch(`${url}/nothing`);
    expect(totals(metrics, "AWS/ApiGateway")).toMatchObject({ Count: 2, "4XXError": 1, "5XXError": 0 });
    const id = { namespace: "AWS/ApiGateway", name: "Count", dimensions: { ApiName: "api", Stage: "v1" } };
    expect(metrics.find(id)).toBeDefined();
  });
});

it("a queue counts what is sent, received and deleted, by message", async () => {
  const run = hostMessaging([queue("work")]);
  const QueueUrl = queueUrl("work");
  const call = (action: string, input: object) => run.sqs.call(action, { QueueUrl, ...input }, ADMINISTRATOR);
  await run.send("work", "one");
  const Entries = ["a", "b"].map((Id) => ({ Id, MessageBody: Id }));
  await call("SendMessageBatch", { Entries });
  const received = await run.receive("work");
  await call("DeleteMessage", { ReceiptHandle: received[0]?.ReceiptHandle });
  await call("ReceiveMessage", {});
  expect(totals(run.metrics, "AWS/SQS")).toEqual({
    NumberOfMessagesSent: 3,
    NumberOfMessagesReceived: 3,
    NumberOfMessagesDeleted: 1,
  });
  await run.stop();
});

it("a message that was received three times does not count for the age of a queue", async () => {
  const run = hostMessaging([queue("work", { visibilityTimeoutSeconds: 1 })]);
  await run.send("work", "poison");
  for (let receive = 0; receive < 3; receive++) {
    await run.receive("work");
    run.clock.advance(60_000);
  }
  await run.send("work", "good");
  run.clock.advance(5_000);
  run.sqs.measure(run.clock.now());
  expect(totals(run.metrics, "AWS/SQS")["ApproximateAgeOfOldestMessage"]).toBe(5);
  await run.stop();
});

describe("a log group", () => {
  const line = JSON.stringify({
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [{ Namespace: "Shop", Dimensions: [[]], Metrics: [{ Name: "Sold" }] }],
    },
    Sold: 1,
  });
  let fixture: LogsFixture;
  let metrics: MetricStore;
  beforeEach(async () => {
    metrics = new MetricStore(new Clock());
    fixture = await LogsFixture.start({}, { metrics });
  });
  afterEach(() => fixture.stop());

  it("takes the metrics out of what a function writes", () => {
    const caller = { type: "role", roleArn: ROLE_ARN, sessionName: "work" } as const;
    fixture.logs.write(GROUP, STREAM, [{ timestamp: Date.now(), message: line }], caller);
    expect(totals(metrics, "Shop")).toEqual({ Sold: 1 });
  });

  it("takes them out of what a client puts", async () => {
    const at = { logGroupName: GROUP, logStreamName: STREAM };
    await fixture.logs.call("CreateLogStream", at, ADMINISTRATOR);
    const logEvents = [{ timestamp: fixture.clock.now(), message: line }];
    await fixture.logs.call("PutLogEvents", { ...at, logEvents }, ADMINISTRATOR);
    expect(totals(metrics, "Shop")).toEqual({ Sold: 1 });
  });

  it("leaves what a service writes about its own work alone", () => {
    fixture.write([line]);
    expect(totals(metrics, "Shop")).toEqual({});
  });
});
