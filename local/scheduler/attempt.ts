import { randomUUID } from "node:crypto";
import { parseArn } from "../aws/arn";
import { randomText } from "../aws/randomText";
import type { ScheduleSettings } from "./scheduleSettings";

/** One attempt to invoke the target at one of the times at which a schedule was due. */
export interface Attempt {
  /** Milliseconds since the epoch. */
  readonly scheduledAt: number;
  /** From 1. */
  readonly number: number;
  /** "For each attempted invocation", such as `d32c5kddcf5bb8c3`. */
  readonly executionId: string;
  /** What the target gets. */
  readonly input: string;
}

/** Begins an attempt: the input's context attributes are replaced (User Guide, "Adding context attributes"). */
export function newAttempt(schedule: ScheduleSettings, scheduledAt: number, number: number): Attempt {
  const executionId = randomText(8, "hex");
  const values = new Map([
    ["<aws.scheduler.schedule-arn>", schedule.arn],
    ["<aws.scheduler.scheduled-time>", timeText(scheduledAt)],
    ["<aws.scheduler.execution-id>", executionId],
    ["<aws.scheduler.attempt-number>", String(number)],
  ]);
  const input = schedule.input ?? notification(schedule, scheduledAt);
  const replaced = input.replace(/<aws\.scheduler\.[a-z-]+>/g, (keyword) => values.get(keyword) ?? keyword);
  return { scheduledAt, number, executionId, input: replaced };
}

/** To the second, as Scheduler writes times. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

/**
 * What a target without an input gets: "a default notification" (API reference, Target). Its shape is that of events
 * which functions have received; AWS does not document it.
 */
function notification({ arn }: ScheduleSettings, scheduledAt: number): string {
  const { account, region } = parseArn(arn);
  return JSON.stringify({
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.scheduler",
    account,
    time: timeText(scheduledAt),
    region,
    resources: [arn],
    detail: "{}",
  });
}
