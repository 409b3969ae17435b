import { runtime } from "@pulumi/pulumi";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { getStore, waitForRPCs, withLocalStorage } from "./protocol";
import type { Recorded } from "./recorded";
import { DEFAULT_TIMEOUT_MS, ORGANIZATION, prepareEngine, type RecordOptions } from "./recordOptions";
import type { RecordingEngine } from "./recordingEngine";

/** How long what a failed program left behind may go on, so that none of it fails outside of the run. */
const LONGEST_AFTERMATH_MS = 1_000;

let lastRun: Promise<unknown> = Promise.resolve();

/**
 * Runs the Pulumi program of a folder (`index.ts`) in this process and records what it registers. The caller runs under
 * something that loads TypeScript (tsx, Jest). The program exports a function, which every call runs afresh.
 *
 * The SDK keeps state per process, so that runs go one after the other; concurrent calls wait for their turn. Paths of
 * file assets are relative to the working directory, which stays as it is.
 *
 * A promise of the program that fails with nobody waiting for it (a failed `apply`) fails the run. Inside Jest, unhandled
 * rejections are Jest's: they fail the test, whether or not it expects the run to fail.
 *
 * @throws StackConfigError when the stack's configuration cannot be used; what the program throws; an Error that says why
 *   a registration or an invoke was refused, why an `apply` failed, or that the program does not come to an end
 */
export function recordInProcess(options: RecordOptions): Promise<Recorded> {
  const run = lastRun.then(() => record(options));
  lastRun = run.catch(() => undefined);
  return run;
}

async function record(options: RecordOptions): Promise<Recorded> {
  const directory = resolve(options.directory);
  const { config, engine } = prepareEngine(options);
  const preview = options.preview ?? false;
  return withLocalStorage(async () => {
    runtime.setMockOptions(engine.monitor, config.project, config.stack, preview, ORGANIZATION);
    runtime.setAllConfig({ ...config.values }, [...config.secretKeys]);
    const { settings } = getStore();
    settings.engine = engine.engine;
    settings.options.rootDirectory = directory;
    return runToTheEnd(engine, options.timeoutMs ?? DEFAULT_TIMEOUT_MS, () => loadProgram(directory)());
  });
}

async function runToTheEnd(
  engine: RecordingEngine,
  timeoutMs: number,
  program: () => unknown,
): Promise<Recorded> {
  const rejections: unknown[] = [];
  const collect = (reason: unknown) => void rejections.push(reason);
  process.on("unhandledRejection", collect);
  try {
    const ended = await within(timeoutMs, async () => {
      await runtime.runInPulumiStack(async () => program());
      await rest(engine);
    });
    if (!ended)
      throw new Error(
        `The program did not come to an end within ${timeoutMs / 1000} s: it waits for a promise that nobody fulfils.`,
      );
    if (engine.refusal !== undefined) throw engine.refusal;
    if (rejections.length > 0)
      throw new Error(`The program failed: ${messageOf(rejections[0])}`, { cause: rejections[0] });
  } catch (error) {
    await within(LONGEST_AFTERMATH_MS, () => rest(engine));
    throw engine.refusal ?? error;
  } finally {
    process.off("unhandledRejection", collect);
    runtime.disconnectSync();
    engine.close();
  }
  return engine.recorded();
}

/** Resolves once the program has nothing more to say: no request is under way, and none follows from an `apply`. */
async function rest(engine: RecordingEngine): Promise<void> {
  for (let seen = -1; seen !== engine.activity;) {
    seen = engine.activity;
    await waitForRPCs();
    // Applies run as microtasks; Node reports an unhandled rejection once they are through.
    await setImmediate();
    await setImmediate();
  }
}

/** Whether `work` was done in time; rejects as it does. */
async function within(deadlineMs: number, work: () => Promise<void>): Promise<boolean> {
  const done = new AbortController();
  // The timer also keeps the process alive: it would end quietly, with success, when nothing else is left to wait for.
  const deadline = setTimeout(deadlineMs, false, { signal: done.signal }).catch(() => false);
  try {
    return await Promise.race([work().then(() => true), deadline]);
  } finally {
    done.abort();
  }
}

function loadProgram(directory: string): () => unknown {
  const program: unknown = createRequire(resolve(directory, "Pulumi.yaml"))("./index");
  if (typeof program !== "function")
    throw new Error(
      `${resolve(directory, "index.ts")} must export a function (\`export = async () => { ... }\`), so that it can run more than once.`,
    );
  return program as () => unknown;
}

function messageOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
