import type { Bindings } from "./expression";
import type { State } from "./machine";
import type { Payload } from "./payload";

/** What is the same for all of an execution's states: the part `Execution` and `StateMachine` of the Context object. */
export interface ExecutionContext {
  readonly Execution: {
    readonly Id: string;
    readonly Input: unknown;
    readonly Name: string;
    readonly RedriveCount: 0;
    readonly RoleArn: string;
    /** ISO 8601. */
    readonly StartTime: string;
  };
  readonly StateMachine: { readonly Id: string; readonly Name: string };
}

/** What `$states` has besides the input and the context. */
export interface StateResult {
  readonly result?: unknown;
  readonly errorOutput?: unknown;
}

/** What the expressions of an execution see: `$states` of the current state and the variables assigned so far. */
export class Scope {
  /** Without a prototype: a variable may have any name. */
  private readonly variables = Object.create(null) as Record<string, unknown>;
  private input: unknown;
  private context: unknown;

  constructor(private readonly execution: ExecutionContext) {}

  /**
   * Moves to a state.
   *
   * @param enteredAt milliseconds since the epoch
   * @param retryCount how often the state has been retried; left out for a state that cannot be
   */
  enter(state: State, input: Payload, enteredAt: number, retryCount?: number): void {
    this.input = input.value;
    const entered = { EnteredTime: new Date(enteredAt).toISOString(), Name: state.name };
    this.context = {
      ...this.execution,
      State: retryCount === undefined ? entered : { ...entered, RetryCount: retryCount },
    };
  }

  bindings(result: StateResult): Bindings {
    return { ...this.variables, states: { input: this.input, context: this.context, ...result } };
  }

  assign(variables: ReadonlyMap<string, Payload>): void {
    for (const [name, { value }] of variables) this.variables[name] = value;
  }
}
