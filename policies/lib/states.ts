import { isObject, listOf, type JsonObject } from "./json";

/** A Task state with its name. */
export interface Task {
  readonly name: string;
  readonly state: JsonObject;
}

/** The Task states of a state machine, those in branches of Parallel and in Map states too (Amazon States Language). */
export function* tasksOf(machine: JsonObject): Generator<Task> {
  const { States: states } = machine;
  if (!isObject(states)) return;
  for (const name of Object.keys(states)) {
    const state = states[name];
    if (!isObject(state)) continue;
    if (state["Type"] === "Task") yield { name, state };
    for (const nested of [state["Branches"], state["ItemProcessor"], state["Iterator"]].flatMap(listOf))
      if (isObject(nested)) yield* tasksOf(nested);
  }
}

/** One entry of a state's `Retry` or `Catch`. */
export interface ErrorHandler {
  readonly errors: readonly unknown[];
  readonly fields: JsonObject;
}

/** The entries of a state's `Retry` or `Catch`, in their order: the first that names an error takes it. */
export function handlersOf(state: JsonObject, field: "Catch" | "Retry"): readonly ErrorHandler[] {
  return listOf(state[field])
    .filter(isObject)
    .map((fields) => ({ errors: listOf(fields["ErrorEquals"]), fields }));
}
