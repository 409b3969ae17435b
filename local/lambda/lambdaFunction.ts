import { randomUUID } from "node:crypto";
import type { Caller } from "../aws/caller";
import { AwsError } from "../aws/error";
import { randomText } from "../aws/randomText";
import type { Clock } from "../clock";
import type { MetricStore } from "../cloudwatch/metricStore";
import type { AbruptEnd, FaultInjector } from "../faults/faultInjector";
import { invokeWithFaults } from "../faults/faultyInvocation";
import type { Credentials } from "../iam/sessions";
import type { SignedEndpoint } from "./awsCallAnswers";
import { functionEnvironment } from "./environment";
import { FunctionLog, type LogWriter } from "./functionLog";
import type { FunctionSettings } from "./functionSettings";
import { FunctionMetrics } from "./functionMetrics";
import { FunctionWorker, type Outcome } from "./functionWorker";
import { PlatformLog } from "./platformLog";
import type { FunctionError } from "./runtime/protocol";
import { InitializationError, WorkerPool, type PooledWorker, type StartingWorker } from "./workerPool";

/** What `Invoke` answers. */
export interface InvocationResult {
  readonly requestId: string;
  readonly executedVersion: "$LATEST";
  /** What the function returned, as JSON text; with `functionError` the error. */
  readonly payload: string;
  /** Set when the function threw, timed out or ended its process. */
  readonly functionError?: "Unhandled";
}

export interface FunctionDependencies {
  readonly clock: Clock;
  readonly region: string;
  readonly origin: string;
  readonly endpoint: SignedEndpoint;
  readonly logs: LogWriter;
  readonly metrics: MetricStore;
  readonly faults?: FaultInjector;
  readonly onFault: (error: unknown) => void;
  /** The session of the function's role, and its credentials. */
  readonly caller: Caller;
  readonly credentials: Credentials;
  /** The folder of the unpacked archive. */
  readonly taskRoot: string;
}

interface InvocationRequest {
  readonly requestId: string;
  readonly payload: string;
  readonly traceId: string;
  readonly ending: AbruptEnd | undefined;
}

/** The largest event and the largest answer (Lambda quotas). */
export const LARGEST_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** One hosted function: its workers, its log, its limits. */
export class LambdaFunction {
  readonly metrics: FunctionMetrics;
  private readonly pool: WorkerPool;
  private readonly log: FunctionLog;
  private readonly platform: PlatformLog;
  private underWay = 0;

  /** @throws Error when the function's environment is not allowed */
  constructor(
    readonly settings: FunctionSettings,
    private readonly dependencies: FunctionDependencies,
  ) {
    const { clock, logs, caller, metrics, onFault } = dependencies;
    this.metrics = new FunctionMetrics(metrics, settings.name);
    this.log = new FunctionLog(clock, logs, settings.logGroupName, caller, onFault);
    this.platform = new PlatformLog(settings);
    this.pool = new WorkerPool(clock, () => this.startWorker());
    this.environment("");
  }

  /** The session of the function's role, as which its event sources read too. */
  get caller(): Caller {
    return this.dependencies.caller;
  }

  /** How many invocations are under way. */
  get running(): number {
    return this.underWay;
  }

  /** How many invocations can run side by side at present; more workers are started when these take long. */
  get workers(): number {
    return this.pool.size;
  }

  /** Starts the first worker before there is an invocation for it. */
  async warmUp(): Promise<void> {
    if (this.settings.reservedConcurrency > 0) await this.pool.warmUp();
  }

  /**
   * @param payload the event as JSON text
   * @param requestId a new one unless the invocation is a retry
   * @throws AwsError `TooManyRequestsException`, `RequestTooLargeException`
   */
  invoke(payload: string, traceHeader?: string, requestId: string = randomUUID()): Promise<InvocationResult> {
    const { faults } = this.dependencies;
    const throttled = () => this.metrics.throttled();
    return invokeWithFaults(faults, this.settings.arn, payload, throttled, (ending) =>
      this.invokeOnce({ requestId, payload, traceHeader, ending }),
    );
  }

  /** Ends the workers; invocations that run fail. */
  async end(): Promise<void> {
    await this.pool.end();
    this.log.flush();
  }

  private async invokeOnce({
    requestId,
    payload,
    traceHeader,
    ending,
  }: {
    readonly requestId: string;
    readonly payload: string;
    readonly traceHeader: string | undefined;
    readonly ending: AbruptEnd | undefined;
  }): Promise<InvocationResult> {
    const bytes = Buffer.byteLength(payload);
    if (bytes > LARGEST_PAYLOAD_BYTES) throw requestTooLarge(bytes, "RequestResponse", LARGEST_PAYLOAD_BYTES);
    if (this.underWay >= this.settings.reservedConcurrency) {
      this.metrics.throttled();
      throw tooManyRequests();
    }
    this.underWay++;
    const begun = performance.now();
    try {
      const traceId = traceHeader ?? newTraceId(this.dependencies.clock.now());
      const outcome = await this.run({ requestId, payload, traceId, ending });
      this.metrics.invoked(performance.now() - begun, outcome.status !== "success");
      return { requestId, executedVersion: "$LATEST", ...answerOf(outcome) };
    } finally {
      this.underWay--;
    }
  }

  private async run(request: InvocationRequest): Promise<Outcome> {
    let pooled: PooledWorker;
    try {
      pooled = await this.pool.acquire();
    } catch (error) {
      if (error instanceof InitializationError) return { status: "error", error: error.error };
      throw error;
    }
    try {
      return await this.runIn(pooled, request);
    } finally {
      this.pool.release(pooled);
    }
  }

  private async runIn(
    pooled: PooledWorker,
    { requestId, payload, traceId, ending }: InvocationRequest,
  ): Promise<Outcome> {
    const { clock } = this.dependencies;
    this.log.add(pooled.logStreamName, this.platform.start(clock.now(), requestId));
    const begun = performance.now();
    const outcome = limited(
      await pooled.worker.invoke(
        {
          type: "invoke",
          requestId,
          payload,
          traceId,
          functionArn: this.settings.arn,
          remainingMs: this.settings.timeoutMs,
          clockAheadMs: clock.aheadMs,
        },
        ending,
      ),
    );
    const { initMs } = pooled;
    pooled.initMs = undefined;
    const report = { requestId, traceId, durationMs: performance.now() - begun, initMs, outcome };
    this.log.add(pooled.logStreamName, this.platform.end(clock.now(), report));
    return outcome;
  }

  private startWorker(): StartingWorker {
    const { clock, endpoint, origin, taskRoot } = this.dependencies;
    const { handler, logFormat, applicationLogLevel: logLevel, memoryMegabytes } = this.settings;
    const date = new Date(clock.now()).toISOString().slice(0, 10).replaceAll("-", "/");
    const logStreamName = `${date}/[$LATEST]${randomText(16, "hex")}`;
    this.log.add(logStreamName, this.platform.initStart(clock.now()));
    const begun = performance.now();
    const worker = new FunctionWorker(clock, {
      runtime: { taskRoot, handler, logFormat, logLevel, origin },
      environment: this.environment(logStreamName),
      memoryMegabytes,
      endpoint,
      onLog: (message) => this.log.add(logStreamName, [message]),
    });
    const pooled: PooledWorker = { worker, logStreamName, initMs: undefined };
    const error = worker.initialized.then((failure) => {
      pooled.initMs = performance.now() - begun;
      return failure;
    });
    return { pooled, error };
  }

  private environment(logStreamName: string): Record<string, string> {
    const { region, origin, credentials, taskRoot } = this.dependencies;
    return functionEnvironment(this.settings, { region, origin, credentials, taskRoot, logStreamName });
  }
}

function answerOf(outcome: Outcome): Pick<InvocationResult, "payload" | "functionError"> {
  return outcome.status === "success"
    ? { payload: outcome.payload }
    : { payload: JSON.stringify(outcome.error), functionError: "Unhandled" };
}

function limited(outcome: Outcome): Outcome {
  if (outcome.status !== "success" || Buffer.byteLength(outcome.payload) <= LARGEST_PAYLOAD_BYTES)
    return outcome;
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${LARGEST_PAYLOAD_BYTES} bytes).`;
  const error: FunctionError = { errorType: "Function.ResponseSizeTooLarge", errorMessage };
  return { status: "error", error, usedMegabytes: outcome.usedMegabytes };
}

/** Like one that X-Ray begins: `Root=1-EPOCH-96 BITS`. */
function newTraceId(now: number): string {
  const epoch = Math.floor(now / 1000).toString(16);
  return `Root=1-${epoch}-${randomText(12, "hex")};Parent=${randomText(8, "hex")};Sampled=1`;
}

export function requestTooLarge(bytes: number, invocationType: string, limit: number): AwsError {
  const message = `${bytes} byte payload is too large for the ${invocationType} invocation type (limit ${limit} bytes)`;
  return new AwsError("RequestTooLargeException", message, 413);
}

function tooManyRequests(): AwsError {
  const fields = { Reason: "ReservedFunctionConcurrentInvocationLimitExceeded", Type: "User" };
  return new AwsError("TooManyRequestsException", "Rate Exceeded.", 429, fields);
}
