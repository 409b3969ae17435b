import { AwsError } from "../../local/aws/error";
import { Clock } from "../../local/clock";
import type { StreamRecord } from "../../local/dynamodb/streams";
import { waitFor } from "../support/waitFor";
import { FUNCTION_ARN, queueArn } from "./support/lambda";
import {
  failOn,
  FakeStream,
  idsOf,
  receiveOne,
  SHARD_ID,
  startStreamMapping,
  STREAM_ARN,
  type Handler,
  type MappingHarness,
  type MappingHarnessOptions,
} from "./support/mapping";

let harness: MappingHarness<StreamRecord>;
let stream: FakeStream;

beforeEach(() => {
  stream = new FakeStream(new Clock());
});

afterEach(() => harness.stop());

async function start(
  handler: Handler<StreamRecord>,
  inputs: object = {},
  options: MappingHarnessOptions = {},
) {
  const started = await startStreamMapping(stream, handler, inputs, options);
  harness = started.harness;
  return started.mapping;
}

const ids = () => idsOf(harness);
const putAll = (...names: string[]) => {
  for (const name of names) stream.put(name);
};
const untilInvoked = (times: number) => waitFor(() => harness.invocations.length >= times);

const REPORTS_ITEMS = { functionResponseTypes: ["ReportBatchItemFailures"] };
const FAILURE_QUEUE = { destinationConfig: { onFailure: { destinationArn: queueArn("failures") } } };

/** Waits for the failure message, moving the time on over all back-offs. */
const failureMessage = () =>
  waitFor(async () => {
    harness.clock.advance(60_000);
    const message = await receiveOne(harness.sqs, "failures");
    return message && (JSON.parse(message.Body) as Record<string, Record<string, unknown>>);
  });

describe("a batch of a stream that fails", () => {
  it("is tried again, later and later, before the records behind it", async () => {
    putAll("a", "b");
    await start((_records, invocation) => invocation <= 2 && Promise.reject(new Error("no")), {
      batchSize: 1,
    });
    await untilInvoked(1);
    await waitFor(() => {
      harness.clock.advance(100);
      return harness.invocations.length === 4;
    });
    expect(ids()).toEqual([["a"], ["a"], ["a"], ["b"]]);
  });

  it("is not tried again before its back-off is over", async () => {
    putAll("a");
    await start(() => Promise.reject(new Error("no")));
    await untilInvoked(1);
    harness.clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
    expect(harness.invocations).toHaveLength(1);
    await waitFor(() => {
      harness.clock.advance(100);
      return harness.invocations.length === 2;
    });
  });

  it("is given up after its retries, told to the failure queue, and the next one comes", async () => {
    putAll("a", "b", "c");
    await start(failOn("a"), { batchSize: 2, maximumRetryAttempts: 2, ...FAILURE_QUEUE });
    const message = await failureMessage();
    await untilInvoked(4);
    expect(ids()).toEqual([["a", "b"], ["a", "b"], ["a", "b"], ["c"]]);
    const arrival = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;
    expect(message).toEqual({
      requestContext: {
        requestId: "request-3",
        functionArn: FUNCTION_ARN,
        condition: "RetryAttemptsExhausted",
        approximateInvokeCount: 3,
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      DDBStreamBatchInfo: {
        shardId: SHARD_ID,
        startSequenceNumber: "1000",
        endSequenceNumber: "1001",
        approximateArrivalOfFirstRecord: arrival,
        approximateArrivalOfLastRecord: arrival,
        batchSize: 2,
        streamArn: STREAM_ARN,
      },
    });
  });

  it("is halved until the bad record is alone, and only that one given up", async () => {
    putAll("a", "b", "c", "d", "e");
    const inputs = { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1, ...FAILURE_QUEUE };
    await start(failOn("c"), inputs);
    const { DDBStreamBatchInfo, requestContext } = await failureMessage();
    expect(DDBStreamBatchInfo).toMatchObject({
      startSequenceNumber: "1002",
      endSequenceNumber: "1002",
      batchSize: 1,
    });
    expect(requestContext).toMatchObject({ condition: "RetryAttemptsExhausted" });
    await waitFor(() => ids().some((batch) => batch.includes("e") && !batch.includes("c")));
    expect(ids()).toEqual([["a", "b", "c", "d", "e"], ["a", "b", "c"], ["a", "b"], ["c"], ["c"], ["d", "e"]]);
    expect(await receiveOne(harness.sqs, "failures")).toBeUndefined();
  });

  it("comes again from the lowest reported record on", async () => {
    putAll("a", "b", "c");
    const report = (records: readonly StreamRecord[], invocation: number) => ({
      batchItemFailures:
        invocation > 1
          ? []
          : records
              .slice(1)
              .reverse()
              .map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })),
    });
    await start(report, REPORTS_ITEMS);
    await waitFor(() => {
      harness.clock.advance(1_000);
      return harness.invocations.length === 2;
    });
    expect(ids()).toEqual([
      ["a", "b", "c"],
      ["b", "c"],
    ]);
  });

  it("is given up from the lowest reported record on once its retries are used up", async () => {
    putAll("a", "b", "c");
    const report = () => ({ batchItemFailures: [{ itemIdentifier: "1001" }] });
    await start(report, { ...REPORTS_ITEMS, maximumRetryAttempts: 1, ...FAILURE_QUEUE });
    const { DDBStreamBatchInfo, responseContext } = await failureMessage();
    expect(DDBStreamBatchInfo).toMatchObject({
      startSequenceNumber: "1001",
      endSequenceNumber: "1002",
      batchSize: 2,
    });
    expect(responseContext).toEqual({ statusCode: 200, executedVersion: "$LATEST" });
    expect(ids()).toEqual([
      ["a", "b", "c"],
      ["b", "c"],
    ]);
  });

  it("is given up when it is older than the mapping allows", async () => {
    putAll("a");
    await start(() => Promise.reject(new Error("no")), { maximumRecordAgeInSeconds: 60, ...FAILURE_QUEUE });
    await untilInvoked(1);
    const { requestContext } = await failureMessage();
    expect(requestContext).toMatchObject({ condition: "RecordAgeExceeded" });
  });

  it("is given up unseen when it is too old from the start", async () => {
    stream.put("a", {}, "INSERT", 120_000);
    await start(() => undefined, { maximumRecordAgeInSeconds: 60, ...FAILURE_QUEUE });
    const message = await failureMessage();
    expect(message["requestContext"]).toEqual({
      functionArn: FUNCTION_ARN,
      condition: "RecordAgeExceeded",
      approximateInvokeCount: 0,
    });
    expect(harness.invocations).toEqual([]);
  });

  it("that is throttled does not use up its retries", async () => {
    putAll("a");
    const throttled = new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
    const handler = (_records: unknown, invocation: number) => {
      if (invocation <= 3) throw throttled;
    };
    await start(handler, { maximumRetryAttempts: 0, ...FAILURE_QUEUE });
    await waitFor(() => {
      harness.clock.advance(1_000);
      return harness.invocations.length === 4;
    });
    expect(await receiveOne(harness.sqs, "failures")).toBeUndefined();
    expect(harness.faults).toEqual([]);
  });

  it("that cannot be told to the failure queue is dropped, and reported", async () => {
    const denied = new AwsError("AccessDeniedException", "not authorized to perform: sqs:SendMessage", 403);
    putAll("a", "b");
    await start(
      failOn("a"),
      { batchSize: 1, maximumRetryAttempts: 0, ...FAILURE_QUEUE },
      {
        interceptSqs: (sqs) => ({
          call: (action, ...rest) =>
            action === "SendMessage" ? Promise.reject(denied) : sqs.call(action, ...rest),
        }),
      },
    );
    await untilInvoked(2);
    expect(ids()).toEqual([["a"], ["b"]]);
    expect(harness.faults).toEqual([denied]);
  });
});
