import type { CompiledExpression } from "./expression";
import type { Integration } from "./integration";
import type { Retrier } from "./retry";
import type { Template } from "./template";

/** A compiled definition. */
export interface Machine {
  readonly startAt: string;
  /** How long an execution may take, milliseconds. */
  readonly timeoutMs: number;
  readonly states: ReadonlyMap<string, State>;
}

/** Where a state leads; undefined ends the execution. */
type Next = string | undefined;

/** What a transition may compute. */
export interface Transition {
  readonly output: Template | undefined;
  readonly assign: ReadonlyMap<string, Template>;
  readonly next: Next;
}

export interface Catcher extends Transition {
  readonly errorEquals: readonly string[];
}

interface Named {
  readonly name: string;
  /** The name as JSON, for the log. */
  readonly quotedName: string;
}

export type PassState = Named & Transition & { readonly type: "Pass" };

export type SucceedState = Named & Transition & { readonly type: "Succeed" };

export type WaitState = Named &
  Transition & {
    readonly type: "Wait";
    readonly until: { readonly unit: "Seconds" | "Timestamp"; readonly value: Template };
  };

export type ChoiceState = Named & {
  readonly type: "Choice";
  readonly choices: readonly (Transition & {
    readonly condition: CompiledExpression | boolean;
    readonly field: string;
  })[];
  /** Where it goes when no condition holds; undefined is an error then. */
  readonly otherwise: Transition | undefined;
};

export type TaskState = Named &
  Transition & {
    readonly type: "Task";
    readonly integration: Integration;
    readonly arguments: Template | undefined;
    readonly timeoutSeconds: Template | undefined;
    readonly retriers: readonly Retrier[];
    readonly catchers: readonly Catcher[];
  };

export type FailState = Named & {
  readonly type: "Fail";
  readonly error: Template | undefined;
  readonly cause: Template | undefined;
};

export type State = PassState | SucceedState | WaitState | ChoiceState | TaskState | FailState;
