import { AwsError } from "../../local/aws/error";
import type { FaultRule } from "../../local/faults/rules";
import { waitFor } from "../support/waitFor";
import { planOf } from "./support/faults";
import { counts, FUNCTION_ARN, lambdaHarness, ORIGIN, queueArn, send, type Harness } from "./support/lambda";
import { totals } from "./support/metrics";

const SDK = JSON.stringify(require.resolve("@aws-sdk/client-sqs"));
const TIMEOUT_SECONDS = 20;
/** Sends as many messages as its event says, one after the other. */
const SENDER = `
  const { SQSClient, SendMessageCommand } = require(${SDK});
  const client = new SQSClient();
  exports.handler = async ({ messages }) => {
    for (let number = 0; number < messages; number++)
      await client.send(new SendMessageCommand({ QueueUrl: "${ORIGIN}/123456789012/jobs", MessageBody: "a" }));
    return messages;
  };`;

let harness: Harness;

beforeAll(async () => {
  harness = await lambdaHarness();
  await harness.hostQueue("jobs");
  await harness.hostQueue("work", { visibilityTimeoutSeconds: 60 });
  await harness.hostFunction(SENDER, { timeout: TIMEOUT_SECONDS, memorySize: 256 });
});

beforeEach(() =>
  harness.sqs.call("PurgeQueue", { QueueUrl: "/123456789012/jobs" }, { type: "administrator" }),
);

afterEach(() => {
  harness.injector.clear();
  harness.clock.advance(60_000);
});

afterAll(() => harness.stop());

const setRules = (...rules: readonly FaultRule[]) => harness.injector.set(planOf(...rules));
const invocations = (fault: FaultRule["fault"], rest: Partial<FaultRule> = {}) =>
  setRules({ service: "lambda", operation: "Invoke", count: 1, fault, ...rest });
const sent = async () => (await counts(harness.sqs, "jobs")).visible;

async function errorOf(invocation: Promise<unknown>): Promise<unknown> {
  const error: unknown = await invocation.catch((thrown: unknown) => thrown);
  return error instanceof AwsError ? `${error.code} ${error.status}` : error;
}

describe("an invocation", () => {
  it("crashes after the effect of a call, before its answer; the next one is not touched", async () => {
    invocations("crash", { afterCalls: 2 });
    const { functionError, payload } = await harness.invoke({ messages: 3 });
    expect(functionError).toBe("Unhandled");
    expect(JSON.parse(payload)).toEqual({
      errorType: "Runtime.ExitError",
      errorMessage: "Error: Runtime exited with error: signal: killed",
    });
    expect(await sent()).toBe(2);
    expect((await harness.invoke({ messages: 1 })).payload).toBe("1");
    expect(harness.injector.report().counters).toEqual([{ matched: 2, injected: 1 }]);
  });

  it("crashes at its start", async () => {
    invocations("crash", { afterCalls: 0 });
    expect((await harness.invoke({ messages: 0 })).functionError).toBe("Unhandled");
  });

  it("does not crash when it has fewer calls: nothing was injected", async () => {
    invocations("crash", { afterCalls: 2 });
    expect((await harness.invoke({ messages: 1 })).payload).toBe("1");
    expect(harness.injector.report().counters).toEqual([{ matched: 1, injected: 0 }]);
  });

  it("hangs after the effect of a call until its timeout", async () => {
    invocations("hang");
    const invoked = harness.invoke({ messages: 2 });
    await waitFor(async () => (await sent()) === 1);
    harness.clock.advance(TIMEOUT_SECONDS * 1_000);
    expect(JSON.parse((await invoked).payload)).toMatchObject({ errorType: "Sandbox.Timedout" });
    expect(await sent()).toBe(1);
  });

  it("waits for a call that gets no answer until its timeout", async () => {
    setRules({
      service: "sqs",
      operation: "SendMessage",
      caller: "role/worker",
      count: 1,
      fault: "lostAnswer",
    });
    const invoked = harness.invoke({ messages: 1 });
    await waitFor(async () => (await sent()) === 1);
    harness.clock.advance(TIMEOUT_SECONDS * 1_000);
    expect(JSON.parse((await invoked).payload)).toMatchObject({ errorType: "Sandbox.Timedout" });
  });

  it("has effect twice", async () => {
    invocations("duplicate");
    expect((await harness.invoke({ messages: 1 })).payload).toBe("1");
    expect(await sent()).toBe(2);
  });

  it.each<[FaultRule["fault"], string, number]>([
    ["throttling", "TooManyRequestsException 429", 0],
    ["serverError", "ServiceException 500", 0],
    ["unavailable", "ServiceUnavailable 503", 0],
    ["accessDenied", "AccessDeniedException 403", 0],
    ["errorAfterEffect", "ServiceException 500", 1],
  ])("is refused: %s", async (fault, error, effects) => {
    invocations(fault);
    expect(await errorOf(harness.invoke({ messages: 1 }))).toBe(error);
    expect(await sent()).toBe(effects);
  });

  it("counts as throttled when it is", async () => {
    const throttles = () => totals(harness.metrics, "AWS/Lambda")["Throttles"] ?? 0;
    const before = throttles();
    invocations("throttling", { resource: FUNCTION_ARN });
    await errorOf(harness.invoke({ messages: 0 }));
    expect(throttles()).toBe(before + 1);
  });
});

it("an event that is handed over is refused: the function does not run", async () => {
  setRules({ service: "lambda", operation: "InvokeAsync", count: 1, fault: "throttling" });
  const handOver = () => harness.lambda.invokeAsync(FUNCTION_ARN, JSON.stringify({ messages: 1 }));
  expect(await errorOf(handOver())).toBe("TooManyRequestsException 429");
  expect(await sent()).toBe(0);
  await handOver();
  await waitFor(async () => (await sent()) === 1);
});

it("a mapping polls again when its queue fails, and processes what was ignored once more", async () => {
  await harness.hostMapping({ eventSourceArn: queueArn("work"), batchSize: 1 });
  setRules(
    { service: "sqs", operation: "ReceiveMessage", count: 1, fault: "unavailable" },
    { service: "sqs", operation: "DeleteMessageBatch", count: 1, fault: "ignored" },
    { service: "lambda", operation: "Invoke", always: true, fault: "delay", milliseconds: 1 },
  );
  const invoked = () => harness.injector.report().counters[2]?.matched;
  await send(harness.sqs, "work", "a");
  await harness.lambda.start();
  await waitFor(() => harness.faults.length === 1);
  harness.clock.advance(1_000);
  await waitFor(async () => invoked() === 1 && (await counts(harness.sqs, "work")).inFlight === 1);
  await waitFor(() => harness.injector.report().counters[1]?.injected === 1);
  harness.clock.advance(60_001);
  await waitFor(async () => invoked() === 2 && (await counts(harness.sqs, "work")).inFlight === 0);
});
