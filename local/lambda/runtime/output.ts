import { format } from "node:util";
import { LOG_LEVELS, type LogFormat, type LogLevel } from "./protocol";

type ConsoleMethod = "trace" | "debug" | "info" | "log" | "warn" | "error";

const CONSOLE_LEVELS: Readonly<Record<ConsoleMethod, LogLevel>> = {
  trace: "TRACE",
  debug: "DEBUG",
  info: "INFO",
  log: "INFO",
  warn: "WARN",
  error: "ERROR",
};

/**
 * Everything the function writes, as log events: one for each call of a console method, formatted as Lambda's Node.js
 * runtime does, and one for each line on standard output and standard error, as it is.
 */
export class Output {
  /** Of the invocation that runs; empty outside of one. */
  requestId = "";
  /** A line of standard output that has not been ended yet. */
  private unfinished = "";

  /** @param send takes one log event */
  constructor(private readonly send: (message: string) => void) {}

  /** Takes over the console and the process's streams. */
  capture(logFormat: LogFormat, level: LogLevel): void {
    const write = (chunk: string | Uint8Array, ...rest: readonly unknown[]) => this.write(chunk, rest);
    process.stdout.write = write;
    process.stderr.write = write;
    for (const [method, own] of Object.entries(CONSOLE_LEVELS) as [ConsoleMethod, LogLevel][]) {
      const silent = logFormat === "JSON" && LOG_LEVELS.indexOf(own) < LOG_LEVELS.indexOf(level);
      const render = logFormat === "JSON" ? renderJson : renderText;
      console[method] = silent
        ? () => undefined
        : (...values: readonly unknown[]) => this.send(render(this.requestId, own, values));
    }
  }

  /** Ends a line that has no end. */
  flush(): void {
    if (this.unfinished !== "") this.send(this.unfinished);
    this.unfinished = "";
  }

  private write(chunk: string | Uint8Array, rest: readonly unknown[]): boolean {
    const lines = (
      this.unfinished + (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString())
    ).split("\n");
    this.unfinished = lines.pop() ?? "";
    for (const line of lines) if (line !== "") this.send(line);
    const written = rest.find((argument): argument is () => void => typeof argument === "function");
    if (written) process.nextTick(written);
    return true;
  }
}

function renderText(requestId: string, level: LogLevel, values: readonly unknown[]): string {
  return [new Date().toISOString(), requestId, level, format(...values)].join("\t");
}

function renderJson(requestId: string, level: LogLevel, values: readonly unknown[]): string {
  const entry = { timestamp: new Date().toISOString(), level, requestId };
  if (values.length === 1) {
    try {
      return JSON.stringify({ ...entry, message: values[0] }, withErrors);
    } catch {
      return JSON.stringify({ ...entry, message: format(values[0]) });
    }
  }
  const error = values.slice(1).find((value) => value instanceof Error);
  return JSON.stringify({ ...entry, message: format(...values), ...(error && errorMembers(error)) });
}

function withErrors(_name: string, value: unknown): unknown {
  return value instanceof Error ? { ...errorMembers(value), ...value } : value;
}

function errorMembers(error: Error): object {
  return {
    errorType: error.constructor.name,
    errorMessage: error.message,
    stackTrace: error.stack?.split("\n") ?? [],
  };
}
