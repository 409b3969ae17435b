import { AwsError } from "../../local/aws/error";
import { lambdaHarness, type Harness, type HarnessOptions } from "./support/lambda";

let harness: Harness;

afterEach(() => harness.stop());

/** What a function wrote for one invocation, up to the run's end; lines of JSON are parsed. */
async function logsOf(source: string, inputs: object = {}, options: HarnessOptions = {}): Promise<unknown[]> {
  harness = await lambdaHarness(options);
  await harness.hostFunction(source, { ...inputs });
  await harness.invoke({ number: 1 });
  await harness.lambda.stop();
  return harness.written.map(({ message }) => {
    try {
      return JSON.parse(message) as unknown;
    } catch {
      return message;
    }
  });
}

const JSON_LOGS = { loggingConfig: { logFormat: "JSON" } };
const REQUEST_ID = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;
const entry = (level: string, message: unknown) => ({
  timestamp: TIME,
  level,
  requestId: REQUEST_ID,
  message,
});
const isPlatform = (line: unknown) => typeof line === "object" && line !== null && "record" in line;

async function applicationLogs(source: string, inputs: object = JSON_LOGS): Promise<unknown[]> {
  return (await logsOf(source, inputs)).filter((line) => !isPlatform(line));
}

describe("logs in JSON", () => {
  it("have a function's warnings, but not the SDK's about the Node of this machine", async () => {
    const logs = await applicationLogs(`exports.handler = async () => {
      process.emitWarning("NodeVersionSupportWarning: too old"); process.emitWarning("mind the gap");
      await new Promise((resolve) => setImmediate(resolve));
    };`);
    const text = JSON.stringify(logs);
    expect(text).toContain("mind the gap");
    expect(text).not.toContain("too old");
  });

  it("have an entry for each call of a console method", async () => {
    const logs = await applicationLogs(`exports.handler = async () => {
      console.log("by %s", "log"); console.info({ structured: true }); console.warn("warned"); console.error("failed");
    };`);
    expect(logs).toEqual([
      entry("INFO", "by log"),
      entry("INFO", { structured: true }),
      entry("WARN", "warned"),
      entry("ERROR", "failed"),
    ]);
  });

  it("describe an error", async () => {
    const [error] = await applicationLogs(
      "exports.handler = async () => { console.error('no luck', new RangeError('too far')); };",
    );
    expect(error).toMatchObject({ level: "ERROR", errorType: "RangeError", errorMessage: "too far" });
    expect((error as { stackTrace: string[] }).stackTrace[0]).toBe("RangeError: too far");
  });

  it("leave lines on standard output as they are", async () => {
    const logs = await applicationLogs(`exports.handler = async () => {
      process.stdout.write('{"level":"INFO","own":"format"}\\nplain ');
      process.stdout.write('text\\n');
      process.stderr.write('without an end');
    };`);
    expect(logs).toEqual([{ level: "INFO", own: "format" }, "plain text", "without an end"]);
  });

  it("leave out what is below the level", async () => {
    const inputs = { loggingConfig: { logFormat: "JSON", applicationLogLevel: "WARN" } };
    const source =
      "exports.handler = async () => { console.info('a'); console.warn('b'); console.debug('c'); };";
    expect(await applicationLogs(source, inputs)).toEqual([entry("WARN", "b")]);
  });

  it("tell of the start and the end of an invocation", async () => {
    const [initStart, line, start, report] = await logsOf(
      "console.log('loading'); exports.handler = async () => {};",
      { loggingConfig: { logFormat: "JSON" }, memorySize: 256 },
    );
    expect(initStart).toMatchObject({
      time: TIME,
      type: "platform.initStart",
      record: { functionName: "work" },
    });
    expect(line).toMatchObject({ message: "loading" });
    expect(start).toEqual({
      time: TIME,
      type: "platform.start",
      record: { requestId: REQUEST_ID, version: "$LATEST" },
    });
    expect(report).toMatchObject({
      time: TIME,
      type: "platform.report",
      record: {
        requestId: REQUEST_ID,
        status: "success",
        metrics: {
          durationMs: expect.any(Number) as number,
          billedDurationMs: expect.any(Number) as number,
          initDurationMs: expect.any(Number) as number,
          memorySizeMB: 256,
          maxMemoryUsedMB: expect.any(Number) as number,
        },
      },
    });
  });

  it("tell of failures only with the system's level WARN", async () => {
    const inputs = { loggingConfig: { logFormat: "JSON", systemLogLevel: "WARN" } };
    const fine = await logsOf("exports.handler = async () => {};", inputs);
    await harness.stop();
    const failed = await logsOf("exports.handler = async () => { throw new TypeError('x'); };", inputs);
    expect(fine).toEqual([]);
    expect(failed.filter(isPlatform)).toEqual([
      expect.objectContaining({
        type: "platform.report",
        record: expect.objectContaining({ status: "error", errorType: "TypeError" }) as object,
      }),
    ]);
  });

  it("keep what was written before the process ended", async () => {
    const logs = await applicationLogs(
      "exports.handler = async () => { console.log('last words'); process.exit(1); };",
    );
    expect(logs).toEqual([entry("INFO", "last words")]);
  });
});

describe("logs in text", () => {
  it("have the runtime's fields, and the lines of the system", async () => {
    const logs = await logsOf("exports.handler = async () => { console.warn('two\\nlines'); };");
    expect(logs).toEqual([
      "INIT_START Runtime Version: nodejs22.x",
      expect.stringMatching(/^START RequestId: [0-9a-f-]{36} Version: \$LATEST$/),
      expect.stringMatching(/^\d{4}-[^\t]+Z\t[0-9a-f-]{36}\tWARN\ttwo\nlines$/),
      expect.stringMatching(/^END RequestId: [0-9a-f-]{36}$/),
      expect.stringMatching(
        /^REPORT RequestId: [^\t]+\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms$/,
      ),
    ]);
  });
});

describe("where logs go", () => {
  it("is the function's log group, a stream for each worker", async () => {
    await logsOf("exports.handler = async () => { console.log('x'); };");
    expect(new Set(harness.written.map(({ group }) => group))).toEqual(new Set(["/aws/lambda/work"]));
    const [stream, ...others] = new Set(harness.written.map((written) => written.stream));
    expect(stream).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    expect(others).toEqual([]);
  });

  it("is the log group that the program names", async () => {
    await logsOf("exports.handler = async () => {};", {
      loggingConfig: { logFormat: "Text", logGroup: "/app/work" },
    });
    expect(new Set(harness.written.map(({ group }) => group))).toEqual(new Set(["/app/work"]));
  });

  it("is nowhere without permission, and the function runs all the same", async () => {
    const denied = new AwsError("AccessDeniedException", "not authorized to perform: logs:PutLogEvents", 403);
    harness = await lambdaHarness({
      writeLogs: () => {
        throw denied;
      },
    });
    await harness.hostFunction("exports.handler = async () => { console.log('x'); return 1; };");
    expect((await harness.invoke({})).payload).toBe("1");
    await harness.lambda.stop();
    expect(harness.faults).toEqual([]);
  });
});
