import type { AwsApi } from "../../local/aws/api";
import { AwsError } from "../../local/aws/error";
import type { QueueRecord } from "../../local/lambda/eventSources/queueRecord";
import { waitFor } from "../support/waitFor";
import { counts, queueArn, send } from "./support/lambda";
import {
  mappingHarness,
  type Handler,
  type MappingHarness,
  type MappingHarnessOptions,
} from "./support/mapping";

let harness: MappingHarness<QueueRecord>;

afterEach(() => harness.stop());

const VISIBILITY_SECONDS = 60;
const REPORTS_ITEMS = { functionResponseTypes: ["ReportBatchItemFailures"] };

/** A started mapping of a queue `jobs`. */
async function start(
  handler: Handler<QueueRecord>,
  inputs: object = {},
  options: MappingHarnessOptions = {},
) {
  harness = mappingHarness(handler, options);
  await harness.hostQueue("jobs", { visibilityTimeoutSeconds: VISIBILITY_SECONDS });
  const mapping = await harness.mapping({ eventSourceArn: queueArn("jobs"), ...inputs });
  mapping.start();
  return mapping;
}

const bodies = () => harness.invocations.map((records) => records.map(({ body }) => body));
const sendAll = async (...texts: string[]) => {
  for (const text of texts) await send(harness.sqs, "jobs", text);
};
const untilEmpty = () =>
  waitFor(async () => {
    const { visible, inFlight } = await counts(harness.sqs, "jobs");
    return visible + inFlight === 0;
  });
const untilInvoked = (times: number) => waitFor(() => harness.invocations.length >= times);
/** Long enough for what was received at first to be visible again. */
const passVisibilityTimeout = () => harness.clock.advance(VISIBILITY_SECONDS * 1000 + 1);

describe("a message of a mapped queue", () => {
  it("comes to the function in the documented shape, and leaves the queue", async () => {
    await start(() => undefined);
    const MessageAttributes = {
      customer: { DataType: "String", StringValue: "c-1" },
      seal: { DataType: "Binary", BinaryValue: "AQID" },
    };
    const messageId = await send(harness.sqs, "jobs", "hello", MessageAttributes);
    await untilEmpty();
    expect(harness.invocations).toEqual([
      [
        {
          messageId,
          receiptHandle: expect.any(String) as string,
          body: "hello",
          attributes: {
            ApproximateReceiveCount: "1",
            SentTimestamp: expect.stringMatching(/^\d{13}$/) as string,
            SenderId: expect.any(String) as string,
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/) as string,
          },
          messageAttributes: {
            customer: { stringValue: "c-1", stringListValues: [], binaryListValues: [], dataType: "String" },
            seal: { binaryValue: "AQID", stringListValues: [], binaryListValues: [], dataType: "Binary" },
          },
          md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
          md5OfBody: "5d41402abc4b2a76b9719d911017c592",
          eventSource: "aws:sqs",
          eventSourceARN: queueArn("jobs"),
          awsRegion: "eu-central-1",
        },
      ],
    ]);
  });

  it.each([
    ["nothing", undefined],
    ["an empty text", ""],
    ["no failures", { batchItemFailures: [] }],
    ["a null list of failures", { batchItemFailures: null }],
    ["an empty object", {}],
  ])("leaves the queue when the function answers %s", async (_what, answer) => {
    await start(() => answer, REPORTS_ITEMS);
    await sendAll("one");
    await untilEmpty();
    expect(bodies()).toEqual([["one"]]);
  });

  it.each([
    ["throws", () => Promise.reject(new Error("no"))],
    ["names an item without an id", () => ({ batchItemFailures: [{ itemIdentifier: "" }] })],
    ["names an item with null", () => ({ batchItemFailures: [{ itemIdentifier: null }] })],
    ["names a message of another batch", () => ({ batchItemFailures: [{ itemIdentifier: "another" }] })],
    ["uses another key", () => ({ batchItemFailures: [{ messageId: "x" }] })],
    ["answers no list", () => ({ batchItemFailures: "x" })],
    ["answers another shape", () => 42],
  ])("comes again, with its whole batch, when the function %s", async (_how, fail) => {
    await start((_records, invocation) => (invocation === 1 ? fail() : undefined), REPORTS_ITEMS);
    await sendAll("one");
    await untilInvoked(1);
    expect(await counts(harness.sqs, "jobs")).toEqual({ visible: 0, inFlight: 1 });
    passVisibilityTimeout();
    await untilEmpty();
    expect(bodies()).toEqual([["one"], ["one"]]);
    expect(harness.invocations[1]?.[0]?.attributes["ApproximateReceiveCount"]).toBe("2");
  });

  it("does not come again before its visibility timeout has passed", async () => {
    await start(() => Promise.reject(new Error("no")));
    await sendAll("one");
    await untilInvoked(1);
    harness.clock.advance((VISIBILITY_SECONDS - 1) * 1000);
    await sendAll("two");
    await untilInvoked(2);
    expect(bodies()).toEqual([["one"], ["two"]]);
  });

  it("comes again alone when it alone is reported", async () => {
    const reportSecond = (records: readonly QueueRecord[], invocation: number) => ({
      batchItemFailures:
        invocation === 1
          ? records
              .filter(({ body }) => body === "two")
              .map(({ messageId }) => ({ itemIdentifier: messageId }))
          : [],
    });
    harness = mappingHarness(reportSecond);
    await harness.hostQueue("jobs", { visibilityTimeoutSeconds: VISIBILITY_SECONDS });
    await sendAll("one", "two", "three");
    const mapping = await harness.mapping({ eventSourceArn: queueArn("jobs"), ...REPORTS_ITEMS });
    mapping.start();
    await untilInvoked(1);
    await waitFor(async () => (await counts(harness.sqs, "jobs")).inFlight === 1);
    passVisibilityTimeout();
    await untilEmpty();
    expect(bodies()).toEqual([["one", "two", "three"], ["two"]]);
  });

  it("leaves the queue whatever is reported when the mapping does not take reports", async () => {
    await start((records) => ({
      batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })),
    }));
    await sendAll("one");
    await untilEmpty();
    expect(bodies()).toEqual([["one"]]);
  });

  it("comes again when the function is throttled", async () => {
    let throttled = true;
    await start(() => {
      if (throttled) throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
    });
    await sendAll("one");
    await untilInvoked(1);
    throttled = false;
    passVisibilityTimeout();
    await untilEmpty();
    expect(harness.faults).toEqual([]);
  });
});

describe("batches of a mapped queue", () => {
  async function startWithBacklog(
    count: number,
    inputs: object,
    handler: Handler<QueueRecord> = () => undefined,
    options = {},
  ) {
    harness = mappingHarness(handler, options);
    await harness.hostQueue("jobs", {
      visibilityTimeoutSeconds: VISIBILITY_SECONDS,
      maxMessageSize: 1_048_576,
    });
    await sendAll(...Array.from({ length: count }, (_, index) => `message ${index}`));
    const mapping = await harness.mapping({ eventSourceArn: queueArn("jobs"), ...inputs });
    mapping.start();
  }

  it("hold as many messages as the mapping says", async () => {
    await startWithBacklog(7, { batchSize: 3 });
    await untilEmpty();
    expect(bodies().map(({ length }) => length)).toEqual([3, 3, 1]);
  });

  it("hold ten messages when the mapping does not say", async () => {
    await startWithBacklog(12, {});
    await untilEmpty();
    expect(bodies().map(({ length }) => length)).toEqual([10, 2]);
  });

  it("of more than ten messages are gathered within their window", async () => {
    await startWithBacklog(12, { batchSize: 100, maximumBatchingWindowInSeconds: 5 });
    await waitFor(async () => (await counts(harness.sqs, "jobs")).inFlight === 12);
    await sendAll("in time");
    await waitFor(async () => (await counts(harness.sqs, "jobs")).inFlight === 13);
    expect(harness.invocations).toHaveLength(0);
    harness.clock.advance(5_000);
    await untilEmpty();
    expect(bodies().map(({ length }) => length)).toEqual([13]);
  });

  it("go out before their window is over when they are full", async () => {
    await startWithBacklog(12, { batchSize: 12, maximumBatchingWindowInSeconds: 300 });
    await untilEmpty();
    expect(bodies().map(({ length }) => length)).toEqual([12]);
  });

  it("are split where their event would exceed 6 MB", async () => {
    await startWithBacklog(0, { batchSize: 20, maximumBatchingWindowInSeconds: 1 });
    for (let index = 0; index < 8; index++) await send(harness.sqs, "jobs", "x".repeat(1_000_000));
    await waitFor(async () => (await counts(harness.sqs, "jobs")).inFlight === 8);
    harness.clock.advance(1_000);
    await untilEmpty();
    expect(bodies().map(({ length }) => length)).toEqual([6, 2]);
  });

  it.each([
    [
      "the mapping's maximum concurrency",
      { scalingConfig: { maximumConcurrency: 2 } },
      { workers: 4, concurrency: 5 },
      2,
    ],
    ["the function's reserved concurrency", {}, { workers: 4, concurrency: 3 }, 3],
    ["one more than the function has workers", {}, { workers: 2 }, 3],
  ])("of a backlog are processed side by side, up to %s", async (_limit, inputs, options, most) => {
    let running = 0;
    let peak = 0;
    const release: (() => void)[] = [];
    const handler = async () => {
      peak = Math.max(peak, ++running);
      await new Promise<void>((resolve) => release.push(resolve));
      running--;
    };
    await startWithBacklog(60, { batchSize: 5, ...inputs }, handler, options);
    await waitFor(() => release.length === most);
    for (let batch = 0; batch < 12; batch++) (await waitFor(() => release.shift()))();
    await untilEmpty();
    expect(peak).toBe(most);
  });
});

describe("filters of a mapped queue", () => {
  it("let matching messages through and delete the others", async () => {
    const filterCriteria = { filters: [{ pattern: '{"body":{"kind":["wanted"]}}' }] };
    await start(() => undefined, { filterCriteria });
    await sendAll('{"kind":"unwanted"}', '{"kind":"wanted"}', "no JSON");
    await untilEmpty();
    expect(bodies().flat()).toEqual(['{"kind":"wanted"}']);
  });
});

describe("a mapping of a queue", () => {
  it("is refused when messages would be visible again before the function's timeout", async () => {
    harness = mappingHarness<QueueRecord>(() => undefined, { timeoutSeconds: 60 });
    await harness.hostQueue("jobs", { visibilityTimeoutSeconds: 30 });
    await expect(harness.mapping({ eventSourceArn: queueArn("jobs") })).rejects.toThrow(
      "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds",
    );
  });

  it("is refused when the queue is not there", async () => {
    harness = mappingHarness<QueueRecord>(() => undefined);
    await expect(harness.mapping({ eventSourceArn: queueArn("none") })).rejects.toMatchObject({
      code: "QueueDoesNotExist",
    });
  });

  it("tells that it may not receive, and tries again", async () => {
    const denied = new AwsError(
      "AccessDeniedException",
      "not authorized to perform: sqs:ReceiveMessage",
      403,
    );
    let mayReceive = false;
    const interceptSqs = (sqs: AwsApi): AwsApi => ({
      call: (action, ...rest) =>
        action === "ReceiveMessage" && !mayReceive ? Promise.reject(denied) : sqs.call(action, ...rest),
    });
    await start(() => undefined, {}, { interceptSqs });
    await sendAll("one");
    await waitFor(() => harness.faults.length > 0);
    expect(harness.faults[0]).toBe(denied);
    mayReceive = true;
    harness.clock.advance(1_000);
    await untilEmpty();
  });

  it("lets a batch that is under way come to its end when it stops", async () => {
    let finish: (answer?: unknown) => void = () => undefined;
    const mapping = await start(() => new Promise((resolve) => (finish = resolve)));
    await sendAll("one");
    await untilInvoked(1);
    const stopped = mapping.stop();
    finish();
    await stopped;
    expect(await counts(harness.sqs, "jobs")).toEqual({ visible: 0, inFlight: 0 });
  });

  it("receives nothing any more once it has stopped", async () => {
    const mapping = await start(() => undefined);
    await mapping.stop();
    await sendAll("one");
    expect(await counts(harness.sqs, "jobs")).toEqual({ visible: 1, inFlight: 0 });
    expect(harness.invocations).toEqual([]);
  });
});
