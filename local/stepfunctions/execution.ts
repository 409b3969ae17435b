import { setImmediate as nextTurn } from "node:timers/promises";
import type { Caller } from "../aws/caller";
import type { Clock } from "../clock";
import type { History } from "./history";
import type { TaskApis } from "./integration";
import { Interrupter, Interruption, type InterruptionReason } from "./interruption";
import type { ChoiceState, FailState, Machine, State, Transition, WaitState } from "./machine";
import type { Payload } from "./payload";
import type { Scope } from "./scope";
import { StateError } from "./stateError";
import { StateRun, type Step } from "./stateRun";
import { runTask } from "./task";

/** How an execution ended. */
export type Outcome =
  | { readonly status: "SUCCEEDED"; readonly output: Payload }
  | { readonly status: "FAILED"; readonly error: string | undefined; readonly cause: string | undefined }
  | { readonly status: InterruptionReason };

/** What an execution works with. */
export interface ExecutionOptions {
  readonly apis: TaskApis;
  /** The machine's role. */
  readonly caller: Caller;
  readonly clock: Clock;
  readonly history: History;
  readonly input: Payload;
  readonly machine: Machine;
  /** Told of what goes wrong in the local run itself. */
  readonly onFault: (error: unknown) => void;
  readonly region: string;
  readonly roleArn: string;
  readonly scope: Scope;
}

/** The execution ends in failure: a Fail state, or an error that no state catches. */
class ExecutionFailure extends Error {
  constructor(
    readonly error: string | undefined,
    readonly reason: string | undefined,
  ) {
    super(reason);
  }
}

/** After this many states other work of the process gets a turn, so that a machine that loops cannot stop it. */
const STATES_PER_TURN = 25;

/** One execution of a machine: walks from state to state. */
export class Execution {
  private readonly interrupter = new Interrupter();

  constructor(private readonly options: ExecutionOptions) {}

  /** Ends the execution where it stands; what a task has begun goes on without it. */
  abandon(): void {
    this.interrupter.interrupt("ABANDONED");
  }

  /** Runs to the end; never rejects. */
  async run(): Promise<Outcome> {
    const { clock, history, input, machine, roleArn } = this.options;
    history.executionStarted(input, roleArn);
    const cancelTimeout = clock.after(machine.timeoutMs, () => this.interrupter.interrupt("TIMED_OUT"));
    try {
      const output = await this.walk();
      history.executionSucceeded(output);
      return { status: "SUCCEEDED", output };
    } catch (error) {
      return this.fail(error);
    } finally {
      cancelTimeout();
    }
  }

  private fail(error: unknown): Outcome {
    const { history, onFault } = this.options;
    if (error instanceof Interruption) {
      if (error.reason === "TIMED_OUT") history.executionTimedOut();
      return { status: error.reason };
    }
    const isExpected = error instanceof StateError || error instanceof ExecutionFailure;
    if (!isExpected) onFault(error);
    const failure = isExpected
      ? error
      : new ExecutionFailure("States.Runtime", "Internal error of the local run.");
    history.executionFailed(failure.error, failure.reason);
    return { status: "FAILED", error: failure.error, cause: failure.reason };
  }

  private async walk(): Promise<Payload> {
    const { machine } = this.options;
    let step: Step = { next: machine.startAt, output: this.options.input };
    for (let count = 1; step.next !== undefined; count += 1) {
      if (count % STATES_PER_TURN === 0) await nextTurn();
      this.interrupter.check();
      const state = machine.states.get(step.next);
      if (state === undefined) throw new StateError("States.Runtime", `There is no state ${step.next}.`);
      step = await this.enter(state, step.output);
    }
    return step.output;
  }

  private async enter(state: State, input: Payload): Promise<Step> {
    const { clock, history, scope } = this.options;
    history.stateEntered(state, input);
    const run = new StateRun(state, input, clock.now(), history, scope);
    switch (state.type) {
      case "Pass":
      case "Succeed":
        return run.leave(state, input);
      case "Wait":
        await this.wait(state, run);
        return run.leave(state, input);
      case "Choice":
        return run.leave(await choose(state, run), input);
      case "Task":
        return runTask(state, run, this.interrupter, this.options);
      case "Fail":
        throw await failureOf(state, run);
    }
  }

  private async wait({ until: { unit, value } }: WaitState, run: StateRun): Promise<void> {
    const { clock } = this.options;
    const given = (await run.evaluate(value)).value;
    const wake = typeof given === "string" ? Date.parse(given) : Number(given) * 1000 + clock.now();
    const fits =
      unit === "Seconds" ? Number.isInteger(given) && Number(given) >= 0 : typeof given === "string";
    if (!fits || Number.isNaN(wake))
      throw run.unexpectedResult(unit, unit === "Seconds" ? "integer" : "timestamp", given);
    await run.pause(wake - clock.now(), clock, this.interrupter);
  }
}

async function choose(state: ChoiceState, run: StateRun): Promise<Transition> {
  for (const choice of state.choices) {
    const { condition, field } = choice;
    const holds = typeof condition === "boolean" ? condition : await run.evaluateExpression(condition);
    if (typeof holds !== "boolean") throw run.unexpectedResult(field, "boolean", holds);
    if (holds) return choice;
  }
  if (state.otherwise === undefined)
    throw run.error(
      "States.NoChoiceMatched",
      "Failed to transition out of the state. The state does not point to a next state.",
    );
  return state.otherwise;
}

async function failureOf(state: FailState, run: StateRun): Promise<ExecutionFailure> {
  const [error, cause] = [
    await run.optionalText(state.error, "Error"),
    await run.optionalText(state.cause, "Cause"),
  ];
  return new ExecutionFailure(error, cause);
}
