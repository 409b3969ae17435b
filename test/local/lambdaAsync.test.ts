import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsError } from "../../local/aws/error";
import { waitFor } from "../support/waitFor";
import { AsyncHarness } from "./support/asyncInvocations";
import { FUNCTION_ARN } from "./support/lambda";
import { totals } from "./support/metrics";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const throttle = () => {
  throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
};
const fail = () => {
  throw new Error("no");
};

let harness: AsyncHarness;

afterEach(async () => {
  await harness.stop();
});

describe("an event for an asynchronous invocation", () => {
  it("is processed once, later than it is accepted", async () => {
    const events: unknown[] = [];
    harness = new AsyncHarness((event) => void events.push(event));
    const requestId = harness.queue.accept('{"number":1}');
    expect(events).toEqual([]);
    await harness.untilInvoked(1);
    await harness.pass(HOUR_MS);
    expect(events).toEqual([{ number: 1 }]);
    expect(harness.requestIds).toEqual([requestId]);
    expect(totals(harness.messaging.metrics, "AWS/Lambda")).toMatchObject({
      AsyncEventsReceived: 1,
      AsyncEventsDropped: 0,
    });
  });

  it("may have 1 MB", async () => {
    harness = new AsyncHarness(() => undefined);
    const text = (bytes: number) => JSON.stringify("x".repeat(bytes - 2));
    harness.queue.accept(text(1024 * 1024));
    expect(() => harness.queue.accept(text(1024 * 1024 + 1))).toThrow(
      "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)",
    );
    await harness.untilInvoked(1);
  });

  it("is refused when it is not JSON", () => {
    harness = new AsyncHarness(() => undefined);
    expect(() => harness.queue.accept("{")).toThrow("Could not parse request body into json");
  });

  it("outlives a killed run", async () => {
    const folder = mkdtempSync(join(tmpdir(), "events-"));
    const killed = new AsyncHarness(fail, { folder });
    const requestId = killed.queue.accept('"kept"');
    await killed.untilInvoked(1);
    await killed.stop();
    const events: unknown[] = [];
    harness = new AsyncHarness((event) => void events.push(event), { folder });
    harness.queue.resume();
    await harness.pass(MINUTE_MS);
    expect([events, harness.requestIds]).toEqual([["kept"], [requestId]]);
    rmSync(folder, { recursive: true });
  });

  it("comes again with the next run when the function is ended with this one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "events-"));
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve)).then(fail);
    const first = new AsyncHarness(() => ended, { folder, settings: { maximumRetries: 0 } });
    first.queue.accept("1");
    await first.untilInvoked(1);
    const stopped = first.stop();
    end();
    await stopped;
    harness = new AsyncHarness(() => undefined, { folder });
    harness.queue.resume();
    await harness.untilInvoked(1);
    expect(await harness.messaging.bodies("failures")).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});

describe("an event that the function fails on", () => {
  it("is tried again after one minute, and after two more", async () => {
    harness = new AsyncHarness((_event, invocation) => invocation < 3 && fail());
    harness.queue.accept("{}");
    await harness.untilInvoked(1);
    await harness.pass(MINUTE_MS - 1_000);
    expect(harness.requestIds).toHaveLength(1);
    await harness.pass(1_000);
    expect(harness.requestIds).toHaveLength(2);
    await harness.pass(2 * MINUTE_MS - 1_000);
    expect(harness.requestIds).toHaveLength(2);
    await harness.pass(1_000);
    expect(harness.requestIds).toHaveLength(3);
    await harness.pass(HOUR_MS);
    expect(harness.requestIds).toHaveLength(3);
    expect(await harness.messaging.bodies("failures")).toEqual([]);
  });

  it("is given up after its retries, and the failure queue is told", async () => {
    harness = new AsyncHarness(fail);
    const requestId = harness.queue.accept('{"number":1}');
    await harness.untilInvoked(1);
    await harness.pass(MINUTE_MS);
    await harness.pass(2 * MINUTE_MS);
    expect(await harness.record()).toEqual({
      version: "1.0",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      requestContext: {
        requestId,
        functionArn: `${FUNCTION_ARN}:$LATEST`,
        condition: "RetriesExhausted",
        approximateInvokeCount: 3,
      },
      requestPayload: { number: 1 },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      responsePayload: { errorType: "Error", errorMessage: "no" },
    });
    expect(harness.requestIds).toEqual([requestId, requestId, requestId]);
    expect(totals(harness.messaging.metrics, "AWS/Lambda")).toMatchObject({ AsyncEventsDropped: 1 });
  });

  it("is given up sooner when it would be too old for a retry", async () => {
    harness = new AsyncHarness(fail, { settings: { maximumAgeMs: MINUTE_MS } });
    harness.queue.accept("{}");
    await harness.untilInvoked(1);
    await harness.pass(MINUTE_MS);
    expect(await harness.record()).toMatchObject({
      requestContext: { condition: "EventAgeExceeded", approximateInvokeCount: 1 },
      responsePayload: { errorMessage: "no" },
    });
    expect(harness.requestIds).toHaveLength(1);
  });

  it("is lost without a failure queue, and counted", async () => {
    harness = new AsyncHarness(fail, { settings: { failureQueueArn: undefined, maximumRetries: 0 } });
    harness.queue.accept("{}");
    await waitFor(() => totals(harness.messaging.metrics, "AWS/Lambda")["AsyncEventsDropped"] === 1);
    expect(harness.faults).toEqual([]);
  });

  it("is lost when the record of it cannot be sent, counted, and reported", async () => {
    const denial = new AwsError("AccessDeniedException", "no", 403);
    const access = {
      authorize: () => {
        throw denial;
      },
      authorizeKey: () => undefined,
    };
    harness = new AsyncHarness(fail, { access, settings: { maximumRetries: 0 } });
    harness.queue.accept("{}");
    await waitFor(() => harness.faults.length === 1);
    expect(harness.faults).toMatchObject([{ name: "AccessDeniedException" }]);
    expect(totals(harness.messaging.metrics, "AWS/Lambda")).toMatchObject({
      AsyncEventsDropped: 1,
      DestinationDeliveryFailures: 1,
    });
  });
});

describe("an event that the function is not invoked with", () => {
  it("comes again, later and later, whatever the number of retries", async () => {
    harness = new AsyncHarness((_event, invocation) => invocation < 4 && throttle(), {
      settings: { maximumRetries: 0 },
    });
    harness.queue.accept("{}");
    await harness.untilInvoked(1);
    const counts: number[] = [];
    for (const ms of [500, 500, 1_500, 500, 3_500, 500, HOUR_MS]) {
      await harness.pass(ms);
      counts.push(harness.requestIds.length);
    }
    expect(counts).toEqual([1, 2, 2, 3, 3, 4, 4]);
    expect(await harness.messaging.bodies("failures")).toEqual([]);
  });

  it("waits at most five minutes, and is given up when it is too old", async () => {
    harness = new AsyncHarness(throttle);
    const requestId = harness.queue.accept("{}");
    await harness.untilInvoked(1);
    // 1 s to 256 s, nine intervals, are 511 s; then five minutes each.
    for (let attempts = 1; attempts <= 9; attempts++) await harness.pass(2 ** (attempts - 1) * 1_000);
    expect(harness.requestIds).toHaveLength(10);
    await harness.pass(5 * MINUTE_MS);
    expect(harness.requestIds).toHaveLength(11);
    await harness.pass(6 * HOUR_MS);
    expect(await harness.record()).toEqual({
      version: "1.0",
      timestamp: expect.any(String) as string,
      requestContext: {
        requestId,
        functionArn: `${FUNCTION_ARN}:$LATEST`,
        condition: "EventAgeExceeded",
        approximateInvokeCount: 0,
      },
      requestPayload: {},
    });
    expect(harness.requestIds).toHaveLength(11);
  });

  it("goes to the failure queue at once when the function's concurrency is 0", async () => {
    harness = new AsyncHarness(fail, { concurrency: 0 });
    harness.queue.accept("{}");
    expect(await harness.record()).toMatchObject({
      requestContext: { condition: "ZeroReservedConcurrency", approximateInvokeCount: 0 },
    });
    expect(harness.requestIds).toEqual([]);
  });

  it("comes again after a fault of the run, which is reported", async () => {
    const fault = new AwsError("ServiceException", "Lambda failed.", 500);
    harness = new AsyncHarness((_event, invocation) => {
      if (invocation === 1) throw fault;
    });
    harness.queue.accept("{}");
    await harness.untilInvoked(1);
    await harness.pass(1_000);
    await harness.untilInvoked(2);
  });
});
