import type { Cancel, Clock } from "../clock";
import type { CompiledExpression } from "./expression";
import type { History } from "./history";
import type { Interrupter } from "./interruption";
import type { State, Transition } from "./machine";
import { Payload } from "./payload";
import type { Scope, StateResult } from "./scope";
import { dataLimitExceeded, EvaluationError, StateError } from "./stateError";
import type { Template } from "./template";

/** Where a state has led, with what. */
export interface Step {
  readonly next: string | undefined;
  readonly output: Payload;
}

/** One visit to a state: evaluates its fields, keeps the history of it, and leaves it. */
export class StateRun {
  private readonly enteredEventId: number;

  constructor(
    private readonly state: State,
    readonly input: Payload,
    private readonly enteredAt: number,
    readonly history: History,
    private readonly scope: Scope,
  ) {
    this.enteredEventId = history.eventId;
    scope.enter(state, input, enteredAt, state.type === "Task" ? 0 : undefined);
  }

  /** Lets expressions see that the state runs again. */
  retried(retryCount: number): void {
    this.scope.enter(this.state, this.input, this.enteredAt, retryCount);
  }

  /** @throws StateError `States.QueryEvaluationError` */
  async evaluate(template: Template, result: StateResult = {}): Promise<Payload> {
    if (template.constant !== undefined) return template.constant;
    const value = await this.evaluateExpression(template, result);
    // A state that hands its input on hands on the text of it, too.
    return value === this.input.value ? this.input : new Payload(value);
  }

  /** @throws StateError `States.QueryEvaluationError` */
  async evaluateExpression(expression: CompiledExpression, result: StateResult = {}): Promise<unknown> {
    try {
      return await expression.evaluate(this.scope.bindings(result));
    } catch (error) {
      throw error instanceof EvaluationError ? this.evaluationFailed(error) : error;
    }
  }

  /** @throws StateError `States.QueryEvaluationError`, also when it is no string */
  async optionalText(template: Template | undefined, field: string): Promise<string | undefined> {
    if (template === undefined) return undefined;
    const { value } = await this.evaluate(template);
    if (typeof value !== "string") throw this.unexpectedResult(field, "string", value);
    return value;
  }

  /**
   * Leaves the state: its output and its variables are both evaluated with the variables from before it.
   *
   * @param fallback the output when the transition does not say another
   * @throws StateError `States.QueryEvaluationError`, `States.DataLimitExceeded`
   */
  async leave(transition: Transition, fallback: Payload, result: StateResult = {}): Promise<Step> {
    const output =
      transition.output === undefined ? fallback : await this.evaluate(transition.output, result);
    const assigned = new Map<string, Payload>();
    for (const [name, template] of transition.assign)
      assigned.set(name, await this.evaluate(template, result));
    if (output.exceedsLimit) throw dataLimitExceeded(`The state/task '${this.state.name}' returned a result`);
    for (const [name, variable] of assigned)
      if (variable.exceedsLimit)
        throw dataLimitExceeded(`The state '${this.state.name}' assigned the variable '${name}'`);
    this.history.stateExited(this.state, output, assigned);
    this.scope.assign(assigned);
    return { next: transition.next, output };
  }

  /** An error that names the state as Step Functions does. */
  error(error: string, reason: string): StateError {
    const where = `(entered at the event id #${this.enteredEventId})`;
    return new StateError(
      error,
      `An error occurred while executing the state '${this.state.name}' ${where}. ${reason}`,
    );
  }

  /** The error of a field whose expression gives a value of the wrong type. */
  unexpectedResult(field: string, expected: string, value: unknown): StateError {
    const reason = `The value of the field '${field}' is of an unexpected type. Expected '${expected}', but was '${JSON.stringify(value)}'.`;
    return this.evaluationFailed(new EvaluationError(reason, field));
  }

  async pause(delayMs: number, clock: Clock, interrupter: Interrupter): Promise<void> {
    let cancel: Cancel = () => undefined;
    const slept = new Promise<void>((resolve) => {
      cancel = clock.after(delayMs, resolve);
    });
    try {
      await interrupter.orInterrupted(slept);
    } finally {
      cancel();
    }
  }

  private evaluationFailed(error: EvaluationError): StateError {
    const named = this.error(error.error, error.reason);
    this.history.evaluationFailed(this.state, error);
    return named;
  }
}
