import * as z from "zod";
import type { StateError } from "./stateError";

const ERROR_EQUALS = z.array(z.string().min(1)).min(1);

/** The fields of a retrier, with Step Functions' defaults (Developer Guide, "Retrying after an error"). */
export const RETRIER = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: ERROR_EQUALS,
  IntervalSeconds: z.number().int().min(1).max(99_999_999).default(1),
  MaxAttempts: z.number().int().min(0).max(99_999_999).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.number().int().min(1).max(31_622_399).optional(),
  JitterStrategy: z.enum(["FULL", "NONE"]).default("NONE"),
});

export type Retrier = z.infer<typeof RETRIER>;

/** The fields of a catcher of a JSONata state. */
export const CATCHER = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: ERROR_EQUALS,
  Next: z.string(),
  Output: z.unknown().optional(),
  Assign: z.record(z.string(), z.unknown()).optional(),
});

/** Errors that end the execution whatever a state retries or catches. */
const TERMINAL = "States.Runtime";
/** The wildcards match every error but these (Developer Guide, "Error names"). */
const NOT_ALL = new Set(["States.DataLimitExceeded"]);
const NOT_TASK_FAILED = new Set([...NOT_ALL, "States.Timeout"]);

/** Whether a list of error names, with its wildcards, covers the error. */
export function matchesError(errorEquals: readonly string[], { error }: StateError): boolean {
  if (error === TERMINAL) return false;
  return errorEquals.some(
    (name) =>
      name === error ||
      (name === "States.ALL" && !NOT_ALL.has(error)) ||
      (name === "States.TaskFailed" && !NOT_TASK_FAILED.has(error)),
  );
}

/** Counts a state's retries: every retrier has its own count, from when the state is entered. */
export class RetryCounter {
  private readonly attempts = new Map<Retrier, number>();
  /** All retries of the state, as `$states.context.State.RetryCount` shows them. */
  total = 0;

  /** @returns how long to wait before the state runs again, milliseconds; undefined when it shall not */
  delayAfter(error: StateError, retriers: readonly Retrier[]): number | undefined {
    const retrier = retriers.find(({ ErrorEquals }) => matchesError(ErrorEquals, error));
    if (retrier === undefined) return undefined;
    const attempt = this.attempts.get(retrier) ?? 0;
    if (attempt >= retrier.MaxAttempts) return undefined;
    this.attempts.set(retrier, attempt + 1);
    this.total += 1;
    const backedOff = retrier.IntervalSeconds * retrier.BackoffRate ** attempt;
    const seconds = Math.min(backedOff, retrier.MaxDelaySeconds ?? Infinity);
    return seconds * 1000 * (retrier.JitterStrategy === "FULL" ? Math.random() : 1);
  }
}
