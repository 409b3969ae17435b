import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { PLAIN_ERRORS, pulumiEnvironment } from "../../local/engine/pulumiProcess";
import { ORGANIZATION } from "../../local/engine/recordOptions";
import type { StackConfig } from "../../local/engine/stackConfig";
import { CommandError } from "../command";

/** A pack is type-checked first. */
const LONGEST_START_MS = 120_000;

/** Between the end of a connection and that of the process. */
const LONGEST_END_MS = 2_000;

/**
 * `run-policy-pack` lets ts-node type-check, whatever its environment says; ts-node leaves files that it is to ignore to
 * the loader that was there before it (typestrong.org/ts-node, "Options": ignore).
 */
const TRANSPILE_ONLY = ["--require", require.resolve("tsx/cjs")];
const LEFT_TO_TSX = { TS_NODE_IGNORE: ".*" };

/** How `run-policy-pack` begins its report of whatever the pack throws, at load or in a promise that nobody awaits. */
const UNHANDLED = "failed with an unhandled exception:";

export interface PackProcessOptions {
  /** The pack's folder, with its `PulumiPolicy.yaml`. */
  readonly directory: string;
  readonly stack: StackConfig;
  /**
   * Whether the pack is type-checked first, as the engine does, which takes some seconds; yes when absent. Without it the
   * same pack does the same.
   */
  readonly typeCheck?: boolean;
  /** Ends the process when aborted. */
  readonly signal: AbortSignal;
}

/**
 * A policy pack in a process of its own, as Pulumi's engine starts it for one stack (pulumi/pulumi,
 * sdk/go/common/resource/plugin/analyzer_plugin.go): the pack's own `@pulumi/pulumi/cmd/run-policy-pack` in the pack's
 * folder, the stack in its environment; it writes the port of its gRPC server to the first line of stdout.
 */
export class PackProcess {
  private readonly closed: Promise<undefined>;
  private stdout = "";
  private stderr = "";
  private stopping = false;

  private constructor(
    private readonly directory: string,
    private readonly child: ChildProcess,
  ) {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.closed = new Promise((resolve) => child.once("close", () => resolve(undefined)));
    // Told by `closed`; an abort is the caller's to tell.
    child.on("error", () => undefined);
  }

  /** @throws CommandError when there is no pack in the folder, or none that can be run */
  static start({ directory, stack, typeCheck = true, signal }: PackProcessOptions): PackProcess {
    if (!existsSync(join(directory, "PulumiPolicy.yaml")))
      throw new CommandError(`There is no policy pack in ${directory}: it has no PulumiPolicy.yaml.`);
    const node = typeCheck ? [PLAIN_ERRORS] : [PLAIN_ERRORS, ...TRANSPILE_ONLY];
    const child = spawn(process.execPath, [...node, runnerOf(directory), "127.0.0.1:0", "."], {
      cwd: directory,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...environment(stack), ...(typeCheck ? {} : LEFT_TO_TSX) },
      signal,
    });
    return new PackProcess(directory, child);
  }

  /**
   * The port of the pack's gRPC server.
   *
   * @throws CommandError when the pack does not come up
   */
  async port(): Promise<number> {
    const firstLine = new Promise<string>((resolve) => {
      this.child.stdout?.on("data", () => {
        if (this.stdout.includes("\n")) resolve(this.stdout.slice(0, this.stdout.indexOf("\n")).trim());
      });
    });
    const line = await within(LONGEST_START_MS, Promise.race([firstLine, this.closed]));
    if (line === undefined)
      throw (
        this.failure ??
        new CommandError(
          `The policy pack in ${this.directory} does not start within ${LONGEST_START_MS / 1_000} s. Correct it.`,
        )
      );
    if (/^\d+$/.test(line)) return Number(line);
    throw new CommandError(
      `The policy pack in ${this.directory} writes "${line}" while it loads, where Pulumi expects its port. Leave that out.`,
    );
  }

  /** Why the pack cannot be asked, or not be believed; undefined while it can. */
  get failure(): CommandError | undefined {
    const failed = (how: string) =>
      new CommandError(`The policy pack in ${this.directory} ${how}. Correct it.`);
    const thrown = whatWasThrown(this.stderr);
    if (thrown !== undefined) return failed(`fails: ${thrown}`);
    const { exitCode, signalCode } = this.child;
    if (this.stopping || (exitCode === null && signalCode === null)) return undefined;
    const said = firstLineOf(this.stderr);
    return failed(`ended (${signalCode ?? `exit code ${exitCode}`})${said === undefined ? "" : `: ${said}`}`);
  }

  /** Resolves when the process has ended, after its connection broke; after a moment at most. */
  async ended(): Promise<void> {
    await within(LONGEST_END_MS, this.closed);
  }

  /** What the pack wrote, but for its port: messages of whoever works on it. */
  get output(): string {
    return this.stdout.slice(this.stdout.indexOf("\n") + 1) + this.stderr;
  }

  /** Ends the process; afterwards all that it wrote is there. */
  async stop(): Promise<void> {
    this.stopping ||= this.failure === undefined;
    this.child.kill();
    await this.closed;
  }
}

function runnerOf(directory: string): string {
  try {
    return createRequire(join(directory, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  } catch {
    throw new CommandError(`The policy pack in ${directory} has no @pulumi/pulumi. Run npm install there.`);
  }
}

/** As the engine gives it to a Node.js pack, so that `new pulumi.Config()` works in a policy as well. */
function environment({ project, stack, values }: StackConfig): NodeJS.ProcessEnv {
  const run = { ORGANIZATION, PROJECT: project, STACK: stack, DRY_RUN: "false" };
  return pulumiEnvironment({
    PULUMI_CONFIG: JSON.stringify(values),
    ...Object.fromEntries(
      Object.entries(run).flatMap(([name, value]) => [
        [`PULUMI_${name}`, value],
        [`PULUMI_NODEJS_${name}`, value],
      ]),
    ),
  });
}

/** The first thing that the pack threw: what the compiler says, or the error's message. */
function whatWasThrown(stderr: string): string | undefined {
  const start = stderr.indexOf(UNHANDLED);
  if (start < 0) return undefined;
  const report = stderr.slice(start + UNHANDLED.length);
  const [first, ...others] = report.split("\n").filter((line) => /: error TS\d+: /.test(line));
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return withoutFullStop(first === undefined ? (firstLineOf(report) ?? "an error") : first + more);
}

function firstLineOf(text: string): string | undefined {
  const line = text
    .split("\n")
    .map((candidate) => candidate.trim())
    .find((candidate) => candidate !== "");
  return line === undefined ? undefined : withoutFullStop(line);
}

function withoutFullStop(text: string): string {
  return text.replace(/\.$/, "");
}

/** What a promise gives, or undefined when that takes too long. */
async function within<T>(longestMs: number, promise: Promise<T>): Promise<T | undefined> {
  const done = new AbortController();
  const late = setTimeout(longestMs, undefined, { signal: done.signal }).catch(() => undefined);
  return Promise.race([promise, late]).finally(() => done.abort());
}
