import type { FunctionSettings } from "./functionSettings";
import type { Outcome } from "./functionWorker";

/** What the system itself notes of an invocation. */
export interface InvocationReport {
  readonly requestId: string;
  readonly traceId: string;
  readonly durationMs: number;
  /** Of the first invocation of a worker only. */
  readonly initMs: number | undefined;
  readonly outcome: Outcome;
}

/**
 * The system's own log lines: `platform.*` events in JSON (Lambda Telemetry API reference), or the START, END and
 * REPORT lines in text.
 */
export class PlatformLog {
  constructor(private readonly settings: FunctionSettings) {}

  /** @param now milliseconds since the epoch */
  initStart(now: number): string[] {
    const { name, logFormat } = this.settings;
    if (logFormat === "Text") return [`INIT_START Runtime Version: ${this.settings.runtime}`];
    const record = {
      initializationType: "on-demand",
      phase: "init",
      runtimeVersion: this.settings.runtime,
      functionName: name,
      functionVersion: "$LATEST",
    };
    return this.event(now, "platform.initStart", record);
  }

  start(now: number, requestId: string): string[] {
    if (this.settings.logFormat === "Text") return [`START RequestId: ${requestId} Version: $LATEST`];
    return this.event(now, "platform.start", { requestId, version: "$LATEST" });
  }

  end(now: number, report: InvocationReport): string[] {
    return this.settings.logFormat === "Text" ? this.textReport(report) : this.jsonReport(now, report);
  }

  private jsonReport(now: number, report: InvocationReport): string[] {
    const { outcome, requestId, traceId } = report;
    const record = {
      requestId,
      metrics: this.metrics(report),
      status: outcome.status,
      ...(outcome.status !== "success" && { errorType: outcome.error.errorType }),
      tracing: { type: "X-Amzn-Trace-Id", value: traceId },
    };
    const failed = outcome.status !== "success";
    return failed
      ? [platformEvent(now, "platform.report", record)]
      : this.event(now, "platform.report", record);
  }

  private textReport(report: InvocationReport): string[] {
    const { requestId, outcome } = report;
    const { durationMs, billedDurationMs, memorySizeMB, maxMemoryUsedMB, initDurationMs } =
      this.metrics(report);
    const fields = [
      `REPORT RequestId: ${requestId}`,
      `Duration: ${durationMs} ms`,
      `Billed Duration: ${billedDurationMs} ms`,
      `Memory Size: ${memorySizeMB} MB`,
      `Max Memory Used: ${maxMemoryUsedMB} MB`,
      ...(initDurationMs === undefined ? [] : [`Init Duration: ${initDurationMs} ms`]),
      ...(outcome.status === "success"
        ? []
        : [`Status: ${outcome.status}`, `Error Type: ${outcome.error.errorType}`]),
    ];
    return [`END RequestId: ${requestId}`, fields.join("\t")];
  }

  private metrics({ durationMs, initMs, outcome }: InvocationReport) {
    return {
      durationMs: round(durationMs),
      billedDurationMs: Math.ceil(durationMs + (initMs ?? 0)),
      memorySizeMB: this.settings.memoryMegabytes,
      maxMemoryUsedMB: outcome.usedMegabytes ?? this.settings.memoryMegabytes,
      ...(initMs !== undefined && { initDurationMs: round(initMs) }),
    };
  }

  /** An event of level INFO. */
  private event(now: number, type: string, record: object): string[] {
    return this.settings.systemLogLevel === "WARN" ? [] : [platformEvent(now, type, record)];
  }
}

function platformEvent(now: number, type: string, record: object): string {
  return JSON.stringify({ time: new Date(now).toISOString(), type, record });
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
