import * as z from "zod";

/** A state of a machine, for drawing. */
export interface MachineState {
  readonly name: string;
  /** Such as `Task`. */
  readonly type: string;
  /** How often a failed call is repeated at most, over all its retriers; 0 when it is not. */
  readonly retries: number;
}

/** A way from one state to the next; `from` and `to` may be `START` and `END`. */
export interface Transition {
  readonly from: string;
  readonly to: string;
  readonly kind: "next" | "choice" | "catch";
  /** Of a catch: the errors. */
  readonly label: string | undefined;
}

/** A state machine as a graph. */
export interface MachineGraph {
  readonly states: readonly MachineState[];
  readonly transitions: readonly Transition[];
}

/** Where an execution begins and where it ends with success; no state is called so. */
export const START = "(start)";
export const END = "(end)";

const state = z.object({
  Type: z.string(),
  Next: z.string().optional(),
  End: z.boolean().optional(),
  Default: z.string().optional(),
  Choices: z.array(z.object({ Next: z.string() })).default([]),
  Catch: z.array(z.object({ Next: z.string(), ErrorEquals: z.array(z.string()) })).default([]),
  Retry: z.array(z.object({ MaxAttempts: z.number().default(3) })).default([]),
});

const machine = z.object({ StartAt: z.string(), States: z.record(z.string(), state) });

/**
 * The states and transitions of a definition in the Amazon States Language. What a Map or Parallel state holds is not
 * looked into: it is one state here.
 *
 * @param definition JSON text
 * @throws Error when it is no state machine
 */
export function machineGraph(definition: string): MachineGraph {
  const { StartAt, States } = machine.parse(JSON.parse(definition));
  const states = Object.entries(States);
  return {
    states: states.map(([name, { Type: type, Retry }]) => ({
      name,
      type,
      retries: Retry.reduce((sum, { MaxAttempts }) => sum + MaxAttempts, 0),
    })),
    transitions: [
      { from: START, to: StartAt, kind: "next", label: undefined },
      ...states.flatMap(([name, definition]) => transitionsOf(name, definition)),
    ],
  };
}

function transitionsOf(from: string, { Next, End, Default, Choices, Catch }: z.infer<typeof state>) {
  const to = Next ?? (End ? END : undefined);
  return [
    ...(to === undefined ? [] : [{ from, to, kind: "next" as const, label: undefined }]),
    ...Choices.map((choice) => ({ from, to: choice.Next, kind: "choice" as const, label: undefined })),
    ...(Default === undefined ? [] : [{ from, to: Default, kind: "choice" as const, label: "otherwise" }]),
    ...Catch.map((caught) => ({
      from,
      to: caught.Next,
      kind: "catch" as const,
      label: caught.ErrorEquals.map((error) => (error === "States.ALL" ? "any error" : error)).join(", "),
    })),
  ];
}
