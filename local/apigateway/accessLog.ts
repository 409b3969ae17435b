import { createHash } from "node:crypto";
import { parseArn } from "../aws/arn";
import type { Caller } from "../aws/caller";
import type { Cancel, Clock } from "../clock";
import type { CallContext } from "./context";

/** Writes access logs: CloudWatch Logs. */
export interface LogWriter {
  /** @throws AwsError when there is no such group, or the caller may not write to it */
  write(
    groupName: string,
    streamName: string,
    events: readonly { readonly timestamp: number; readonly message: string }[],
    caller: Caller,
  ): void;
}

export interface AccessLogSettings {
  readonly groupName: string;
  readonly streamName: string;
  readonly format: string;
}

/**
 * Where a stage's access logs go: all of them to one stream, named by a hash as on AWS.
 *
 * @throws Error for settings that AWS refuses
 */
export function accessLogOf(
  apiId: string,
  stage: string,
  { destinationArn, format }: { readonly destinationArn: string; readonly format: string },
): AccessLogSettings {
  const { service, resource } = parseArn(destinationArn);
  const groupName = /^log-group:([^:]+)(?::\*)?$/.exec(resource)?.[1];
  if (service !== "logs" || groupName === undefined)
    throw new Error(`access logs go to a log group, not to "${destinationArn}"`);
  if (!format.includes("$context.requestId") && !format.includes("$context.extendedRequestId"))
    throw new Error("the format of access logs needs $context.requestId or $context.extendedRequestId");
  if (format.includes("\n")) throw new Error("the format of access logs is a single line");
  return { groupName, streamName: createHash("md5").update(`${apiId}/${stage}`).digest("hex"), format };
}

const VARIABLE = /\$context((?:\.\w+)+)/g;

/** Compiles the format of an access log; a variable without a value is `-`. */
function compileFormat(format: string): (context: CallContext) => string {
  // Literal, variable, literal and so on.
  const [first = "", ...rest] = format.split(VARIABLE);
  const parts: { readonly value: (context: CallContext) => string; readonly literal: string }[] = [];
  for (let index = 0; index < rest.length; index += 2)
    parts.push({ value: compileVariable((rest[index] ?? "").slice(1)), literal: rest[index + 1] ?? "" });
  return (context) => {
    let line = first;
    for (const { value, literal } of parts) line += value(context) + literal;
    return line;
  };
}

function compileVariable(name: string): (context: CallContext) => string {
  const path = name.split(".");
  // The one variable that brings its own quotes.
  if (name === "error.messageString") return (context) => context.text(path) ?? "-";
  return (context) => {
    const value = context.text(path);
    return value === undefined ? "-" : JSON.stringify(value).slice(1, -1);
  };
}

/** How long a line waits for others: one write of many costs hardly more than one of one. */
const GATHERING_MS = 100;

export interface AccessLogDependencies {
  readonly clock: Clock;
  readonly logs: LogWriter;
  /** @throws AwsError when the role for logs cannot be assumed */
  readonly writer: () => Caller;
  /** Told of lines that could not be written. */
  readonly onFault: (error: unknown) => void;
}

/**
 * The access log of a stage. Lines reach the log group a moment after the answer, as on AWS: a run that is killed loses
 * the last ones.
 */
export class AccessLog {
  private readonly line: (context: CallContext) => string;
  private gathered: { readonly timestamp: number; readonly message: string }[] = [];
  private cancel: Cancel = () => undefined;

  constructor(
    private readonly settings: AccessLogSettings,
    private readonly dependencies: AccessLogDependencies,
  ) {
    this.line = compileFormat(settings.format);
  }

  add(context: CallContext): void {
    this.gathered.push({ timestamp: context.values.requestTimeEpoch, message: this.line(context) });
    if (this.gathered.length === 1)
      this.cancel = this.dependencies.clock.after(GATHERING_MS, () => this.flush());
  }

  /** Writes what has been gathered. Never throws. */
  flush(): void {
    this.cancel();
    const lines = this.gathered;
    if (lines.length === 0) return;
    this.gathered = [];
    const { logs, writer, onFault } = this.dependencies;
    try {
      logs.write(this.settings.groupName, this.settings.streamName, lines, writer());
    } catch (error) {
      onFault(error);
    }
  }
}
