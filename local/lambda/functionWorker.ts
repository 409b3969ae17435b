import { Worker } from "node:worker_threads";
import type { Clock } from "../clock";
import type { AbruptEnd } from "../faults/faultInjector";
import { runtimeSource } from "./runtime";
import { AwsCallAnswers, type SignedEndpoint } from "./awsCallAnswers";
import { Outbox } from "./runtime/outbox";
import type { Command, FunctionError, Invocation, Report, RuntimeSettings } from "./runtime/protocol";

/** How an invocation ended; `status` as `platform.report` has it. */
export type Outcome =
  | { readonly status: "success"; readonly payload: string; readonly usedMegabytes: number }
  | {
      readonly status: "error" | "failure" | "timeout";
      readonly error: FunctionError;
      readonly usedMegabytes?: number;
    };

/** What a worker is started with. */
export interface WorkerOptions {
  readonly runtime: RuntimeSettings;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMegabytes: number;
  /** Answers the function's calls of AWS services. */
  readonly endpoint: SignedEndpoint;
  /** Takes the log events that the function writes, in order. */
  readonly onLog: (message: string) => void;
}

/** A function's own heap; less than this V8 cannot even start in. */
const SMALLEST_HEAP_MEGABYTES = 64;
/** The part of the heap for new objects: the default of 48 MB a thread would outgrow everything else. */
const YOUNG_HEAP_MEGABYTES = 16;

const KILLED = "Error: Runtime exited with error: signal: killed";

/** One execution environment: a worker thread that runs one invocation at a time. */
export class FunctionWorker {
  private readonly worker: Worker;
  private readonly outbox = new Outbox<Command>((commands) => this.worker.postMessage(commands));
  private readonly awsCalls: AwsCallAnswers;
  private running: ((outcome: Outcome) => void) | undefined;
  private crash: FunctionError | undefined;
  private hasEnded = false;
  private endInitialization: (error: FunctionError | undefined) => void = () => undefined;
  /** Resolves with an error when the function's module could not be loaded. */
  readonly initialized = new Promise<FunctionError | undefined>(
    (resolve) => (this.endInitialization = resolve),
  );

  constructor(
    private readonly clock: Clock,
    private readonly options: WorkerOptions,
  ) {
    this.worker = new Worker(runtimeSource(), {
      eval: true,
      env: { ...options.environment },
      // Without those of this process, such as the loaders that run its TypeScript.
      execArgv: [],
      workerData: options.runtime,
      resourceLimits: {
        maxOldGenerationSizeMb: Math.max(options.memoryMegabytes, SMALLEST_HEAP_MEGABYTES),
        maxYoungGenerationSizeMb: YOUNG_HEAP_MEGABYTES,
      },
    });
    this.awsCalls = new AwsCallAnswers(
      options.endpoint,
      (command) => this.outbox.add(command),
      () => this.kill(),
    );
    this.worker.on("message", (reports: readonly Report[]) => {
      for (const report of reports) this.receive(report);
    });
    this.worker.on("error", (error: Error & { readonly code?: string }) => (this.crash ??= crashOf(error)));
    this.worker.on("exit", (code) => this.exited(code));
  }

  /** Whether it can take further invocations. */
  get usable(): boolean {
    return !this.hasEnded && this.crash === undefined;
  }

  /**
   * Runs one invocation; never rejects. One that takes too long ends the worker.
   *
   * @param ending how it is to end before its time: an injected fault
   */
  invoke(invocation: Invocation, ending?: AbruptEnd): Promise<Outcome> {
    return new Promise((resolve) => {
      const stopTimer = this.clock.after(invocation.remainingMs, () => this.timeOut(invocation));
      this.running = (outcome) => {
        this.running = undefined;
        stopTimer();
        resolve(outcome);
      };
      if (!this.usable) return this.running({ status: "failure", error: this.crash ?? exitError(0) });
      this.outbox.add(invocation);
      this.awsCalls.begin(ending);
    });
  }

  /** Ends the thread; an invocation that runs in it fails. */
  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private receive(report: Report): void {
    const { type } = report;
    if (this.awsCalls.hangs && (type === "answered" || type === "failed")) return;
    if (type === "awsCall") this.awsCalls.answer(report.id, report.request);
    else if (type === "awsCallOver") this.awsCalls.over(report.id);
    else if (type === "log") this.options.onLog(report.message);
    else if (type === "answered")
      this.running?.({ status: "success", payload: report.payload, usedMegabytes: report.usedMegabytes });
    else if (type === "failed")
      this.running?.({ status: "error", error: report.error, usedMegabytes: report.usedMegabytes });
    else if (type === "crashed") this.crash = report.error;
    else this.endInitialization(type === "ready" ? undefined : report.error);
  }

  private timeOut({ remainingMs, requestId }: Invocation): void {
    const seconds = (remainingMs / 1000).toFixed(2);
    const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`;
    const error = { errorType: "Sandbox.Timedout", errorMessage };
    this.crash = error;
    this.running?.({ status: "timeout", error });
    void this.worker.terminate();
  }

  private kill(): void {
    const error = { errorType: "Runtime.ExitError", errorMessage: KILLED };
    this.crash = error;
    this.awsCalls.end();
    this.running?.({ status: "failure", error });
    void this.worker.terminate();
  }

  private exited(code: number): void {
    this.hasEnded = true;
    this.awsCalls.end();
    this.endInitialization(this.crash ?? exitError(code));
    this.running?.({ status: "failure", error: this.crash ?? exitError(code) });
  }
}

function crashOf(error: Error & { readonly code?: string }): FunctionError {
  return error.code === "ERR_WORKER_OUT_OF_MEMORY"
    ? { errorType: "Runtime.OutOfMemory", errorMessage: KILLED }
    : { errorType: error.name, errorMessage: error.message };
}

function exitError(code: number): FunctionError {
  const reason = code === 0 ? "without providing a reason" : `with error: exit status ${code}`;
  return { errorType: "Runtime.ExitError", errorMessage: `Error: Runtime exited ${reason}` };
}
