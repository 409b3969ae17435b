import { AwsError } from "../../local/aws/error";
import type { StreamRecord } from "../../local/dynamodb/streams";
import { waitFor } from "../support/waitFor";
import { FUNCTION_ARN, queueArn } from "./support/lambda";
import { receiveOne } from "./support/mapping";
import { totals } from "./support/metrics";
import { SHARD_ID, STREAM_ARN } from "./support/fakeStream";
import { failOn, useMappedStream } from "./support/streamMapping";

const mapped = useMappedStream();

const REPORTS_ITEMS = { functionResponseTypes: ["ReportBatchItemFailures"] };
const FAILURE_QUEUE = { destinationConfig: { onFailure: { destinationArn: queueArn("failures") } } };

/** Waits for the failure message, moving the time on over all back-offs. */
const failureMessage = () =>
  waitFor(async () => {
    mapped.harness.clock.advance(60_000);
    const message = await receiveOne(mapped.harness.sqs, "failures");
    return message && (JSON.parse(message.Body) as Record<string, Record<string, unknown>>);
  });

describe("a batch of a stream that fails", () => {
  it("is tried again, later and later, before the records behind it", async () => {
    mapped.putAll("a", "b");
    await mapped.start((_records, invocation) => invocation <= 2 && Promise.reject(new Error("no")), {
      batchSize: 1,
    });
    await mapped.untilInvoked(1);
    await waitFor(() => {
      mapped.harness.clock.advance(100);
      return mapped.harness.invocations.length === 4;
    });
    expect(mapped.ids()).toEqual([["a"], ["a"], ["a"], ["b"]]);
  });

  it("is not tried again before its back-off is over", async () => {
    mapped.putAll("a");
    await mapped.start(() => Promise.reject(new Error("no")));
    await mapped.untilInvoked(1);
    mapped.harness.clock.advance(100);
    await new Promise((resolve) => setImmediate(resolve));
    expect(mapped.harness.invocations).toHaveLength(1);
    await waitFor(() => {
      mapped.harness.clock.advance(100);
      return mapped.harness.invocations.length === 2;
    });
  });

  it("is given up after its retries, told to the failure queue, and the next one comes", async () => {
    mapped.putAll("a", "b", "c");
    await mapped.start(failOn("a"), { batchSize: 2, maximumRetryAttempts: 2, ...FAILURE_QUEUE });
    const message = await failureMessage();
    await mapped.untilInvoked(4);
    expect(mapped.ids()).toEqual([["a", "b"], ["a", "b"], ["a", "b"], ["c"]]);
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
    mapped.putAll("a", "b", "c", "d", "e");
    const inputs = { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1, ...FAILURE_QUEUE };
    await mapped.start(failOn("c"), inputs);
    const { DDBStreamBatchInfo, requestContext } = await failureMessage();
    expect(DDBStreamBatchInfo).toMatchObject({
      startSequenceNumber: "1002",
      endSequenceNumber: "1002",
      batchSize: 1,
    });
    expect(requestContext).toMatchObject({ condition: "RetryAttemptsExhausted" });
    await waitFor(() => mapped.ids().some((batch) => batch.includes("e") && !batch.includes("c")));
    expect(mapped.ids()).toEqual([
      ["a", "b", "c", "d", "e"],
      ["a", "b", "c"],
      ["a", "b"],
      ["c"],
      ["c"],
      ["d", "e"],
    ]);
    expect(await receiveOne(mapped.harness.sqs, "failures")).toBeUndefined();
  });

  it("comes again from the lowest reported record on", async () => {
    mapped.putAll("a", "b", "c");
    const report = (records: readonly StreamRecord[], invocation: number) => ({
      batchItemFailures:
        invocation > 1
          ? []
          : records
              .slice(1)
              .reverse()
              .map(({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber })),
    });
    await mapped.start(report, REPORTS_ITEMS);
    await waitFor(() => {
      mapped.harness.clock.advance(1_000);
      return mapped.harness.invocations.length === 2;
    });
    expect(mapped.ids()).toEqual([
      ["a", "b", "c"],
      ["b", "c"],
    ]);
  });

  it("is given up from the lowest reported record on once its retries are used up", async () => {
    mapped.putAll("a", "b", "c");
    const report = () => ({ batchItemFailures: [{ itemIdentifier: "1001" }] });
    await mapped.start(report, { ...REPORTS_ITEMS, maximumRetryAttempts: 1, ...FAILURE_QUEUE });
    const { DDBStreamBatchInfo, responseContext } = await failureMessage();
    expect(DDBStreamBatchInfo).toMatchObject({
      startSequenceNumber: "1001",
      endSequenceNumber: "1002",
      batchSize: 2,
    });
    expect(responseContext).toEqual({ statusCode: 200, executedVersion: "$LATEST" });
    expect(mapped.ids()).toEqual([
      ["a", "b", "c"],
      ["b", "c"],
    ]);
  });

  it("is given up when it is older than the mapping allows", async () => {
    mapped.putAll("a");
    await mapped.start(() => Promise.reject(new Error("no")), {
      maximumRecordAgeInSeconds: 60,
      ...FAILURE_QUEUE,
    });
    await mapped.untilInvoked(1);
    const { requestContext } = await failureMessage();
    expect(requestContext).toMatchObject({ condition: "RecordAgeExceeded" });
  });

  it("is given up unseen when it is too old from the start", async () => {
    mapped.stream.put("a", {}, "INSERT", 120_000);
    await mapped.start(() => undefined, { maximumRecordAgeInSeconds: 60, ...FAILURE_QUEUE });
    const message = await failureMessage();
    expect(message["requestContext"]).toEqual({
      functionArn: FUNCTION_ARN,
      condition: "RecordAgeExceeded",
      approximateInvokeCount: 0,
    });
    expect(mapped.harness.invocations).toEqual([]);
  });

  it("that is throttled does not use up its retries", async () => {
    mapped.putAll("a");
    const throttled = new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
    const handler = (_records: unknown, invocation: number) => {
      if (invocation <= 3) throw throttled;
    };
    await mapped.start(handler, { maximumRetryAttempts: 0, ...FAILURE_QUEUE });
    await waitFor(() => {
      mapped.harness.clock.advance(1_000);
      return mapped.harness.invocations.length === 4;
    });
    expect(await receiveOne(mapped.harness.sqs, "failures")).toBeUndefined();
    expect(mapped.harness.faults).toEqual([]);
  });

  it("that cannot be told to the failure queue is dropped, and reported", async () => {
    const denied = new AwsError("AccessDeniedException", "not authorized to perform: sqs:SendMessage", 403);
    mapped.putAll("a", "b");
    await mapped.start(
      failOn("a"),
      { batchSize: 1, maximumRetryAttempts: 0, ...FAILURE_QUEUE },
      {
        interceptSqs: (sqs) => ({
          call: (action, ...rest) =>
            action === "SendMessage" ? Promise.reject(denied) : sqs.call(action, ...rest),
        }),
      },
    );
    await mapped.untilInvoked(2);
    expect(mapped.ids()).toEqual([["a"], ["b"]]);
    expect(mapped.harness.faults).toEqual([denied]);
    expect(totals(mapped.harness.metrics, "AWS/Lambda")["DestinationDeliveryFailures"]).toBe(1);
  });
});
