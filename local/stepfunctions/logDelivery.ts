import { randomBytes } from "node:crypto";
import type { Caller } from "../aws/caller";
import type { Cancel, Clock } from "../clock";
import type { LogEvent } from "../logs";

/** Where events go: CloudWatch Logs in this process. */
export interface LogSink {
  hasGroup(name: string): boolean;
  /** @throws AwsError when the group is not there any more */
  write(group: string, stream: string, events: readonly LogEvent[], caller: Caller): void;
}

/** How long an event of a running execution waits at most before it can be read. */
const LONGEST_WAIT_MS = 500;

/**
 * Brings the history events of a machine's executions to its log group. Those of one execution are written together
 * when it ends, and what a longer one has so far every half second: few writes, and a killed process loses little.
 */
export class LogDelivery {
  private readonly stream: string;
  private readonly caller: Caller;
  private readonly waiting = new Set<LogBuffer>();
  private cancelFlush: Cancel | undefined;

  constructor(
    private readonly sink: LogSink,
    private readonly clock: Clock,
    private readonly group: string,
    machine: { readonly name: string; readonly arn: string },
    private readonly onFault: (error: unknown) => void,
  ) {
    this.caller = { type: "service", service: "delivery.logs.amazonaws.com", sourceArn: machine.arn };
    this.stream = streamName(machine.name, clock.now());
  }

  /** The events of one execution, in order. */
  open(): LogBuffer {
    return new LogBuffer(this);
  }

  /** Writes what waits. */
  flush(): void {
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    for (const buffer of this.waiting) buffer.flush();
  }

  /** @internal called by a buffer that has something to write */
  wait(buffer: LogBuffer): void {
    this.waiting.add(buffer);
    this.cancelFlush ??= this.clock.after(LONGEST_WAIT_MS, () => this.flush());
  }

  /** @internal called by a buffer */
  write(buffer: LogBuffer, events: readonly LogEvent[]): void {
    this.waiting.delete(buffer);
    try {
      this.sink.write(this.group, this.stream, events, this.caller);
    } catch (error) {
      // As on AWS: logging neither blocks nor fails an execution, and its completeness is not guaranteed.
      this.onFault(error);
    }
  }
}

/** The events of one execution that are not written yet. */
export class LogBuffer {
  private events: LogEvent[] = [];

  constructor(private readonly delivery: LogDelivery) {}

  add(event: LogEvent): void {
    if (this.events.push(event) === 1) this.delivery.wait(this);
  }

  flush(): void {
    const events = this.events;
    if (events.length === 0) return;
    this.events = [];
    this.delivery.write(this, events);
  }
}

/** Such as `states/my-machine/2024-06-05-19-27/3f9a1c2b`, as Step Functions names its streams. */
function streamName(machine: string, now: number): string {
  const minute = new Date(now).toISOString().slice(0, 16).replace(/[T:]/g, "-");
  return `states/${machine}/${minute}/${randomBytes(4).toString("hex")}`;
}
