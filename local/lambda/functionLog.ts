import type { Caller } from "../aws/caller";
import { AwsError } from "../aws/error";
import type { Cancel, Clock } from "../clock";

/** Where functions write to: the log groups of the run. */
export interface LogWriter {
  /**
   * @param events in order of time
   * @throws AwsError when the caller may not write to the group, or the group is not there
   */
  write(
    logGroupName: string,
    logStreamName: string,
    events: readonly { readonly timestamp: number; readonly message: string }[],
    caller: Caller,
  ): void;
}

/** Lambda says that logs arrive within seconds; written one by one they would cost more than the invocations. */
const FLUSH_AFTER_MS = 100;

/** The log group of one function: what its workers write, kept back a moment and written together. */
export class FunctionLog {
  /** By log stream. */
  private readonly pending = new Map<string, { timestamp: number; message: string }[]>();
  private cancelFlush: Cancel | undefined;

  /** @param caller the function's role: without permission for its log group, its logs are lost as on AWS */
  constructor(
    private readonly clock: Clock,
    private readonly writer: LogWriter,
    private readonly logGroupName: string,
    private readonly caller: Caller,
    private readonly onFault: (error: unknown) => void,
  ) {}

  add(logStreamName: string, messages: readonly string[]): void {
    if (messages.length === 0) return;
    const timestamp = this.clock.now();
    let events = this.pending.get(logStreamName);
    if (!events) this.pending.set(logStreamName, (events = []));
    for (const message of messages) events.push({ timestamp, message });
    this.cancelFlush ??= this.clock.after(FLUSH_AFTER_MS, () => this.flush());
  }

  flush(): void {
    this.cancelFlush?.();
    this.cancelFlush = undefined;
    for (const [logStreamName, events] of this.pending) {
      this.pending.delete(logStreamName);
      try {
        this.writer.write(this.logGroupName, logStreamName, events, this.caller);
      } catch (error) {
        // Refused logs are lost without anybody's notice (Lambda Developer Guide, "Sending logs to CloudWatch Logs").
        if (!(error instanceof AwsError)) this.onFault(error);
      }
    }
  }
}
