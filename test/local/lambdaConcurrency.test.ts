import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "../support/waitFor";
import { lambdaHarness, type Harness } from "./support/lambda";
let harness: Harness;

beforeEach(async () => {
  harness = await lambdaHarness();
});

afterEach(() => harness.stop());

async function answerOf(event: unknown): Promise<unknown> {
  return JSON.parse((await harness.invoke(event)).payload);
}

describe("concurrency", () => {
  const SLEEPER = `
    const { threadId } = require("node:worker_threads");
    exports.handler = async (ms) => { await new Promise((end) => setTimeout(end, ms)); return threadId; };`;

  const settled = () => new Promise((resolve) => setImmediate(resolve));
  /** Of workers, so far. */
  const starts = () => {
    harness.clock.advance(100);
    return harness.written.filter(({ message }) => message.startsWith("INIT_START")).length;
  };

  /** Invocations that end only once so many of them have begun, and the threads that they ran in. */
  async function threadsOf(invocations: number, together: number): Promise<Set<unknown>> {
    const folder = mkdtempSync(join(tmpdir(), "begun-"));
    await harness.hostFunction(
      `
      const { threadId } = require("node:worker_threads");
      const fs = require("node:fs");
      exports.handler = async ({ folder, index, together }) => {
        fs.writeFileSync(folder + "/" + index, "");
        while (fs.readdirSync(folder).length < together) await new Promise((end) => setTimeout(end, 5));
        return threadId;
      };`,
      { timeout: 20 },
    );
    const answers = Array.from({ length: invocations }, (_, index) => answerOf({ folder, index, together }));
    for (let begun = 1; begun < together; begun++) {
      await waitFor(() => readdirSync(folder).length === begun);
      harness.clock.advance(1_000);
    }
    const threads = await Promise.all(answers);
    rmSync(folder, { recursive: true });
    return new Set(threads);
  }

  it("runs one invocation at a time in a worker, and several workers side by side", async () => {
    expect((await threadsOf(3, 3)).size).toBe(3);
  });

  it("lets invocations wait beyond four workers", async () => {
    expect((await threadsOf(10, 4)).size).toBe(4);
  });

  it("uses the same worker for one invocation after the other", async () => {
    await harness.hostFunction(SLEEPER);
    expect(await answerOf(0)).toBe(await answerOf(0));
  });

  it("throttles beyond the reserved concurrency", async () => {
    await harness.hostFunction(SLEEPER, { reservedConcurrentExecutions: 1 });
    const running = harness.invoke(50);
    await expect(harness.invoke(0)).rejects.toMatchObject({ code: "TooManyRequestsException", status: 429 });
    expect((await running).functionError).toBeUndefined();
    expect((await harness.invoke(0)).functionError).toBeUndefined();
  });

  it("throttles everything with a reserved concurrency of 0", async () => {
    await harness.hostFunction(SLEEPER, { reservedConcurrentExecutions: 0 });
    await expect(harness.invoke(0)).rejects.toMatchObject({ code: "TooManyRequestsException" });
  });

  it("starts another worker only when none has become free for a second", async () => {
    await harness.hostFunction(SLEEPER, { timeout: 900 });
    await harness.invoke(0);
    const [first, second] = [answerOf(20), answerOf(500)];
    harness.clock.advance(900);
    await first;
    const third = answerOf(0);
    harness.clock.advance(900);
    await settled();
    expect(starts()).toBe(1);
    harness.clock.advance(200);
    await settled();
    expect(starts()).toBe(2);
    expect(await third).not.toBe(await second);
  });

  it("ends the workers that a burst left idle, but for one", async () => {
    const burst = async () => {
      const invocations = [answerOf(300), answerOf(300)];
      await settled();
      harness.clock.advance(1_500);
      await Promise.all(invocations);
      return starts();
    };
    await harness.hostFunction(SLEEPER, { timeout: 900 });
    await harness.invoke(0);
    expect(await burst()).toBe(2);
    expect(await burst()).toBe(2);
    harness.clock.advance(61_000);
    expect(await burst()).toBe(3);
  });
});

describe("stopping", () => {
  it("fails what still runs or waits", async () => {
    await harness.hostFunction(
      "exports.handler = async (ms) => { await new Promise((end) => setTimeout(end, ms)); };",
    );
    await harness.invoke(0);
    const invocations = Array.from({ length: 6 }, () => harness.invoke(5_000));
    await harness.lambda.stop();
    const results = await Promise.all(invocations);
    expect(results.map(({ functionError }) => functionError)).toEqual(new Array(6).fill("Unhandled"));
  });

  it("lets nothing run any more", async () => {
    await harness.hostFunction("exports.handler = async () => 1;");
    await harness.lambda.start();
    await harness.lambda.stop();
    expect(JSON.parse((await harness.invoke({})).payload)).toMatchObject({
      errorMessage: "The local run is stopping.",
    });
  });
});
