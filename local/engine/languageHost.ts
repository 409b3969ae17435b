import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { type EngineServer, serveEngine } from "./engineServer";
import { PLAIN_ERRORS, pulumiEnvironment } from "./pulumiProcess";
import type { Recorded } from "./recorded";
import { DEFAULT_TIMEOUT_MS, ORGANIZATION, prepareEngine, type RecordOptions } from "./recordOptions";
import type { StackConfig } from "./stackConfig";

/** As many resource operations at once as `pulumi up` allows by default on four cores. */
const PARALLEL = 16;

export interface LanguageHostOptions extends RecordOptions {
  /** Type-checks the program first, as `pulumi up` does; takes several seconds. */
  readonly typeCheck?: boolean;
  /** Kills the program when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the Pulumi program of a folder as the CLI's language host does, and records what it registers: an unmodified
 * program, in a process of its own, under the SDK's `cmd/run`, which speaks gRPC to the engine.
 *
 * @throws StackConfigError when the stack's configuration cannot be used; an Error with the program's output when it
 *   fails, with the signal's reason when it is aborted
 */
export async function recordWithLanguageHost(options: LanguageHostOptions): Promise<Recorded> {
  const { config, engine } = prepareEngine(options);
  const server = await serveEngine(engine);
  try {
    const { exitCode, output } = await runProgram(options, config, server);
    const errors = engine.recorded().logs.filter(({ severity }) => severity === "error");
    if (exitCode !== 0 || engine.refusal !== undefined) {
      const said = [...errors.map(({ message }) => message), output].filter((text) => text !== "").join("\n");
      throw new Error(`The program failed (exit code ${exitCode}): ${said}`, { cause: engine.refusal });
    }
    return engine.recorded();
  } finally {
    engine.close();
    server.close();
  }
}

interface Ended {
  readonly exitCode: number | null;
  /** What the program wrote to both of its streams. */
  readonly output: string;
}

function runProgram(options: LanguageHostOptions, config: StackConfig, server: EngineServer): Promise<Ended> {
  const directory = resolve(options.directory);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const child = spawn(process.execPath, [PLAIN_ERRORS, ...runArguments(options, config, server)], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
    env: environment(config, options.typeCheck ?? false),
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  return new Promise((resolveEnded, reject) => {
    child.on("error", (error) =>
      reject(options.signal?.aborted === true ? asError(options.signal.reason) : error),
    );
    child.on("close", (exitCode) => {
      if (child.killed)
        reject(new Error(`The program did not come to an end within ${timeoutMs / 1000} s. ${output}`));
      else resolveEnded({ exitCode, output: output.trim() });
    });
  });
}

function runArguments(
  options: LanguageHostOptions,
  config: StackConfig,
  { address }: EngineServer,
): string[] {
  const directory = resolve(options.directory);
  const run = createRequire(join(directory, "Pulumi.yaml")).resolve("@pulumi/pulumi/cmd/run");
  return [
    run,
    `--monitor=${address}`,
    `--engine=${address}`,
    `--organization=${ORGANIZATION}`,
    `--project=${config.project}`,
    `--stack=${config.stack}`,
    `--root-directory=${directory}`,
    `--pwd=${directory}`,
    `--parallel=${PARALLEL}`,
    ...(options.preview === true ? ["--dry-run"] : []),
    ".",
  ];
}

function environment(config: StackConfig, typeCheck: boolean): NodeJS.ProcessEnv {
  return pulumiEnvironment({
    PULUMI_CONFIG: JSON.stringify(config.values),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(config.secretKeys),
    PULUMI_NODEJS_TYPESCRIPT: "true",
    PULUMI_NODEJS_TRANSPILE_ONLY: String(!typeCheck),
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
