import type { Caller } from "../aws/caller";
import type { Clock } from "../clock";
import { callIntegration, type TaskApis } from "./integration";
import type { Interrupter } from "./interruption";
import type { TaskState } from "./machine";
import { Payload } from "./payload";
import { matchesError, RetryCounter } from "./retry";
import { dataLimitExceeded, StateError } from "./stateError";
import type { StateRun, Step } from "./stateRun";

/** What a task works with. */
export interface TaskOptions {
  readonly apis: TaskApis;
  readonly caller: Caller;
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
  readonly region: string;
}

const TIMEOUT = "States.Timeout";

/**
 * Runs a Task state: calls the service, again as its retriers say, and leads an error that remains to the first
 * catcher that matches it.
 *
 * @throws StateError that nothing catches
 */
export async function runTask(
  task: TaskState,
  run: StateRun,
  interrupter: Interrupter,
  options: TaskOptions,
): Promise<Step> {
  const retries = new RetryCounter();
  for (;;) {
    try {
      return await attempt(task, run, interrupter, options);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      const delayMs = retries.delayAfter(error, task.retriers);
      if (delayMs === undefined) return leaveByCatcher(task, run, error);
      await run.pause(delayMs, options.clock, interrupter);
      run.retried(retries.total);
    }
  }
}

async function attempt(
  task: TaskState,
  run: StateRun,
  interrupter: Interrupter,
  options: TaskOptions,
): Promise<Step> {
  const args = task.arguments === undefined ? run.input : await run.evaluate(task.arguments);
  if (args.exceedsLimit) throw dataLimitExceeded(`The state/task '${task.name}' has arguments`);
  const timeoutSeconds = await timeoutOf(task, run);
  const { history } = run;
  history.taskScheduled(task, args, options.region, timeoutSeconds);
  history.taskStarted(task);
  const result = await call(task, args, timeoutSeconds, run, interrupter, options);
  history.taskSucceeded(task, result);
  return run.leave(task, result, { result: result.value });
}

async function timeoutOf(task: TaskState, run: StateRun): Promise<number | undefined> {
  if (task.timeoutSeconds === undefined) return undefined;
  const { value } = await run.evaluate(task.timeoutSeconds);
  if (!Number.isInteger(value) || Number(value) < 1)
    throw run.unexpectedResult("TimeoutSeconds", "integer", value);
  return Number(value);
}

async function call(
  task: TaskState,
  args: Payload,
  timeoutSeconds: number | undefined,
  run: StateRun,
  interrupter: Interrupter,
  options: TaskOptions,
): Promise<Payload> {
  try {
    const answer = callIntegration(task.integration, args.value, options);
    const result = new Payload(await within(timeoutSeconds, answer, interrupter, options.clock));
    if (result.exceedsLimit)
      throw dataLimitExceeded(`The state/task '${task.integration.resourceType}' returned a result`);
    return result;
  } catch (error) {
    if (error instanceof StateError) {
      if (error.error === TIMEOUT) run.history.taskTimedOut(task);
      else run.history.taskFailed(task, error);
    }
    throw error;
  }
}

/** The task is given up when its time is over; the call it has made is not undone. */
async function within<T>(
  seconds: number | undefined,
  answer: Promise<T>,
  interrupter: Interrupter,
  clock: Clock,
): Promise<T> {
  const cancel =
    seconds !== undefined &&
    clock.after(seconds * 1000, () => interrupter.giveUp(new StateError(TIMEOUT, "")));
  try {
    return await interrupter.orInterrupted(answer);
  } finally {
    if (cancel) cancel();
  }
}

async function leaveByCatcher(task: TaskState, run: StateRun, error: StateError): Promise<Step> {
  const catcher = task.catchers.find(({ errorEquals }) => matchesError(errorEquals, error));
  if (catcher === undefined) throw error;
  const errorOutput = { Error: error.error, Cause: error.reason };
  return run.leave(catcher, new Payload(errorOutput), { errorOutput });
}
