import { waitFor } from "../support/waitFor";
import { FUNCTION_ARN, lambdaHarness, type Harness } from "./support/lambda";
let harness: Harness;

beforeEach(async () => {
  harness = await lambdaHarness();
});

afterEach(() => harness.stop());

async function answerOf(event: unknown): Promise<unknown> {
  return JSON.parse((await harness.invoke(event)).payload);
}

describe("invoking a function", () => {
  it("answers what its handler returns for the event", async () => {
    await harness.hostFunction("exports.handler = async (event) => ({ doubled: event.number * 2 });");
    expect(await harness.invoke({ number: 21 })).toEqual({
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      executedVersion: "$LATEST",
      payload: '{"doubled":42}',
    });
  });

  it("answers null when the handler returns nothing", async () => {
    await harness.hostFunction("exports.handler = async () => {};");
    expect((await harness.invoke({})).payload).toBe("null");
  });

  it("keeps what the module holds from one invocation to the next", async () => {
    await harness.hostFunction("let count = 0; exports.handler = async () => ++count;");
    expect([await answerOf({}), await answerOf({})]).toEqual([1, 2]);
  });

  it("tells the handler about its invocation", async () => {
    await harness.hostFunction(
      "exports.handler = async (_event, context) => ({ ...context, remaining: context.getRemainingTimeInMillis() });",
      { timeout: 7, memorySize: 256 },
    );
    const context = (await answerOf({})) as { remaining: number };
    expect(context).toMatchObject({
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      invokedFunctionArn: FUNCTION_ARN,
      functionName: "work",
      functionVersion: "$LATEST",
      memoryLimitInMB: "256",
      logGroupName: "/aws/lambda/work",
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/) as string,
    });
    expect(context.remaining).toBeGreaterThan(6_000);
    expect(context.remaining).toBeLessThanOrEqual(7_000);
  });

  it("hands on the trace header", async () => {
    await harness.hostFunction("exports.handler = async () => process.env._X_AMZN_TRACE_ID;");
    const traceHeader = "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1";
    expect((await harness.lambda.invoke(FUNCTION_ARN, "{}", { traceHeader })).payload).toBe(
      `"${traceHeader}"`,
    );
    expect(await answerOf({})).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1$/);
  });

  it("is an error for a function that is not there", async () => {
    await expect(harness.lambda.invoke(`${FUNCTION_ARN}-gone`, "{}")).rejects.toMatchObject({
      code: "ResourceNotFoundException",
    });
  });

  it("refuses an event of more than 6 MB", async () => {
    await harness.hostFunction("exports.handler = async () => 1;");
    await expect(harness.invoke("x".repeat(6 * 1024 * 1024))).rejects.toMatchObject({
      code: "RequestTooLargeException",
      status: 413,
    });
  });
});

describe("a function that fails", () => {
  async function failure(source: string, inputs = {}): Promise<{ errorType: string; errorMessage: string }> {
    await harness.hostFunction(source, inputs);
    const result = await harness.invoke({ fail: true });
    expect(result.functionError).toBe("Unhandled");
    return JSON.parse(result.payload) as { errorType: string; errorMessage: string };
  }

  it("by throwing answers the error", async () => {
    const error = await failure("exports.handler = async () => { throw new RangeError('too far'); };");
    expect(error).toMatchObject({ errorType: "RangeError", errorMessage: "too far" });
  });

  it("by returning more than 6 MB is told so", async () => {
    const error = await failure("exports.handler = async () => 'x'.repeat(6 * 1024 * 1024);");
    expect(error.errorType).toBe("Function.ResponseSizeTooLarge");
  });

  it("by returning what JSON cannot say is told so", async () => {
    const error = await failure("exports.handler = async () => 1n;");
    expect(error).toMatchObject({ errorType: "Runtime.MarshalError" });
  });

  it.each([
    ["never answering", "await new Promise(() => setInterval(() => {}, 1000))"],
    ["blocking its thread", "for (;;)"],
  ])("by %s is ended at its timeout", async (_how, statement) => {
    const source = `exports.handler = async ({ hangs }) => { if (hangs) { ${statement}; } };`;
    await harness.hostFunction(source, { timeout: 30 });
    // In a worker that has started: only the invocation's own time counts.
    await harness.invoke({ hangs: false });
    const invocation = harness.invoke({ hangs: true });
    await new Promise((resolve) => setImmediate(resolve));
    harness.clock.advance(29_000);
    harness.clock.advance(1_500);
    const result = await invocation;
    expect(result.functionError).toBe("Unhandled");
    expect(JSON.parse(result.payload)).toMatchObject({
      errorType: "Sandbox.Timedout",
      errorMessage: `RequestId: ${result.requestId} Error: Task timed out after 30.00 seconds`,
    });
  });

  it.each([
    ["ending its process", "process.exit(3)", "Runtime.ExitError", "exit status 3"],
    ["an error that nothing catches", "setTimeout(() => { throw new Error('late'); })", "Error", "late"],
    [
      "a rejection that nothing catches",
      "void Promise.reject(new Error('lost'))",
      "Runtime.UnhandledPromiseRejection",
      "lost",
    ],
    [
      "using up its memory",
      "{ const all = []; for (;;) all.push(new Array(1e5).fill(1.5)); }",
      "Runtime.OutOfMemory",
      "killed",
    ],
  ])("by %s fails this invocation, and the next one runs", async (_how, statement, errorType, message) => {
    const error = await failure(
      `exports.handler = async (event) => { if (!event.fail) return "fine"; ${statement}; await new Promise((end) => setTimeout(end, 2000)); };`,
    );
    expect(error.errorType).toBe(errorType);
    expect(error.errorMessage).toContain(message);
    expect(await answerOf({})).toBe("fine");
  });

  it("between two invocations does not fail the next one", async () => {
    await harness.hostFunction(`
      const { threadId } = require("node:worker_threads");
      exports.handler = async (event) => { if (event.fail) setTimeout(() => process.exit(1), 20); return threadId; };`);
    const first = await answerOf({ fail: true });
    const next = await waitFor(async () => {
      const result = await harness.invoke({});
      expect(result.functionError).toBeUndefined();
      return result.payload !== String(first) && result;
    });
    expect(next.functionError).toBeUndefined();
  });
});

describe("a function that cannot be loaded", () => {
  it.each([
    ["throws", "throw new Error('no table name');", {}, "Error", "no table name"],
    ["is no JavaScript", "exports.handler = ;", {}, "SyntaxError", "Unexpected token ';'"],
    [
      "lacks the handler",
      "exports.other = 1;",
      {},
      "Runtime.HandlerNotFound",
      "index.handler is undefined or not exported",
    ],
    [
      "lacks the file",
      "",
      { handler: "main.handler" },
      "Runtime.ImportModuleError",
      "Cannot find module 'main'",
    ],
    [
      "takes a callback",
      "exports.handler = (event, context, callback) => callback();",
      {},
      "Runtime.CallbackHandlerDeprecated",
      "callback",
    ],
  ])("because its module %s answers why", async (_why, source, inputs, errorType, message) => {
    await harness.hostFunction(source, inputs);
    const result = await harness.invoke({});
    expect(result.functionError).toBe("Unhandled");
    expect(JSON.parse(result.payload)).toMatchObject({
      errorType,
      errorMessage: expect.stringContaining(message) as string,
    });
  });
});
