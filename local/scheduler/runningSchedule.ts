import type { AwsApi } from "../aws/api";
import { queueUrl } from "../aws/arn";
import type { KeyAuthorizer } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import { AwsError } from "../aws/error";
import type { Cancel, Clock } from "../clock";
import { newAttempt, type Attempt } from "./attempt";
import { deadLetter, type ExhaustedRetryCondition } from "./deadLetter";
import type { SchedulerMetrics } from "./schedulerMetrics";
import type { ScheduleSettings } from "./scheduleSettings";

/** Takes asynchronous invocations of functions. */
export interface AsyncInvoker {
  /** @throws AwsError when the event is not accepted */
  invokeAsync(functionArn: string, payload: string, options: { readonly caller: Caller }): Promise<unknown>;
}

export interface ScheduleContext {
  readonly clock: Clock;
  readonly origin: string;
  readonly lambda: AsyncInvoker;
  readonly sqs: AwsApi;
  readonly keys: KeyAuthorizer;
  readonly metrics: SchedulerMetrics;
  /** The session of the schedule's role. */
  readonly caller: Caller;
  /** Told of dead letters that cannot be sent, and of faults of the run itself. */
  readonly onFault: (error: unknown) => void;
}

/**
 * AWS documents "exponential backoff", not its figures: with these, the 185 retries of the default policy fill its 24
 * hours.
 */
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 512_000;

/** Invokes a schedule's function each time that it is due. */
export class RunningSchedule {
  private readonly pending = new Set<Cancel>();
  private readonly running = new Set<Promise<void>>();
  private stopped = false;

  constructor(
    private readonly schedule: ScheduleSettings,
    private readonly context: ScheduleContext,
  ) {}

  /** The schedule is first due one interval from now. */
  start(): void {
    this.fireAt(this.context.clock.now() + this.schedule.intervalMs);
  }

  /** Drops the retries that are pending; resolves when no attempt runs any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const cancel of this.pending) cancel();
    this.pending.clear();
    await Promise.all(this.running);
  }

  /** A clock that has passed several due times makes up for the last of them only. */
  private fireAt(dueAt: number): void {
    const { intervalMs } = this.schedule;
    this.at(dueAt, () => {
      const missed = Math.floor((this.context.clock.now() - dueAt) / intervalMs);
      const latest = dueAt + missed * intervalMs;
      this.fireAt(latest + intervalMs);
      return this.attempt(latest, 1);
    });
  }

  private async attempt(scheduledAt: number, number: number): Promise<void> {
    const { maximumRetries, maximumAgeMs } = this.schedule;
    const { clock } = this.context;
    const attempt = newAttempt(this.schedule, scheduledAt, number);
    const error = await this.invoke(attempt);
    if (error === undefined) return;
    if (number > maximumRetries) return this.giveUp(attempt, error, "MaximumRetryAttempts");
    const tooOldAt = scheduledAt + maximumAgeMs;
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** (number - 1), LONGEST_BACKOFF_MS);
    this.at(Math.min(clock.now() + backoffMs, tooOldAt), () =>
      clock.now() >= tooOldAt
        ? this.giveUp(attempt, error, "MaximumEventAgeInSeconds")
        : this.attempt(scheduledAt, number + 1),
    );
  }

  /** @returns what the target answered when it did not take the event */
  private async invoke({ input }: Attempt): Promise<AwsError | undefined> {
    const { keys, lambda, metrics, caller } = this.context;
    const { arn, functionArn, keyArn } = this.schedule;
    metrics.attempted();
    try {
      if (keyArn !== undefined)
        keys.authorizeKey(caller, "kms:Decrypt", keyArn, "scheduler", encryptionContext(arn));
      await lambda.invokeAsync(functionArn, input, { caller });
      return undefined;
    } catch (error) {
      const answer = this.asAnswer(error);
      metrics.targetFailed(answer.status === 429);
      return answer;
    }
  }

  private async giveUp(attempt: Attempt, error: AwsError, condition: ExhaustedRetryCondition): Promise<void> {
    const { caller, metrics, onFault, origin, sqs } = this.context;
    const { deadLetterQueueArn } = this.schedule;
    metrics.dropped();
    if (deadLetterQueueArn === undefined) return;
    const message = deadLetter(this.schedule, attempt, error, condition);
    try {
      await sqs.call("SendMessage", { ...message, QueueUrl: queueUrl(origin, deadLetterQueueArn) }, caller);
      metrics.sentToDeadLetterQueue();
    } catch (refusal) {
      metrics.notSentToDeadLetterQueue(this.asAnswer(refusal).code);
      onFault(refusal);
    }
  }

  private asAnswer(error: unknown): AwsError {
    if (error instanceof AwsError) return error;
    this.context.onFault(error);
    // User Guide, "Configuring a schedule's dead-letter queue".
    const message = "Unexpected error occurred while processing the request";
    return new AwsError("AWS.Scheduler.InternalServerError", message, 500);
  }

  private at(dueAt: number, run: () => Promise<void>): void {
    if (this.stopped) return;
    const { clock, onFault } = this.context;
    const cancel = clock.after(Math.max(dueAt - clock.now(), 0), () => {
      this.pending.delete(cancel);
      const work = run()
        .catch(onFault)
        .finally(() => this.running.delete(work));
      this.running.add(work);
    });
    this.pending.add(cancel);
  }
}

/** User Guide, "Encryption at rest". */
export function encryptionContext(scheduleArn: string): Readonly<Record<string, string>> {
  return { "kms:EncryptionContext:aws:scheduler:schedule:arn": scheduleArn };
}
