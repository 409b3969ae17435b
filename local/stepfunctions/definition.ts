import * as z from "zod";
import type { Clock } from "../clock";
import { DefinitionError } from "./definitionError";
import { CHOICE, DEFINITION, FAIL, PASS, SUCCEED, TASK, WAIT } from "./definitionSchema";
import { compileExpression, expressionIn } from "./expression";
import { findIntegration } from "./integration";
import type { Catcher, ChoiceState, Machine, State, TaskState, Transition, WaitState } from "./machine";
import { compileTemplate, type Template } from "./template";

/** An EXPRESS execution ends after five minutes (Developer Guide, "Choosing workflow type"). */
const EXPRESS_LIMIT_SECONDS = 300;
const VARIABLE_NAME = /^[\p{L}_][\p{L}\p{N}_]{0,79}$/u;

type StateFields = Readonly<Record<string, unknown>>;

/**
 * Compiles a definition in the Amazon States Language, JSONata mode, for an EXPRESS machine.
 *
 * @throws DefinitionError that names the state and the field which is malformed, refused, or not hosted here
 */
export function compileDefinition(definitionJson: string, clock: Clock): Machine {
  const definition = check(DEFINITION, parseJson(definitionJson), "the definition");
  if (definition.QueryLanguage !== "JSONata")
    throw new DefinitionError(
      `its QueryLanguage is ${definition.QueryLanguage ?? "JSONPath (the default)"}; only JSONata is supported here`,
    );
  const compiler = new StateCompiler(clock);
  const states = new Map(
    Object.entries(definition.States).map(([name, fields]) => [name, compiler.compile(name, fields)]),
  );
  const targets = [definition.StartAt, ...[...states.values()].flatMap(targetsOf)];
  const missing = targets.find((target) => !states.has(target));
  if (missing !== undefined)
    throw new DefinitionError(`it leads to the state ${missing}, which it does not have`);
  const timeoutSeconds = Math.min(definition.TimeoutSeconds ?? EXPRESS_LIMIT_SECONDS, EXPRESS_LIMIT_SECONDS);
  return { startAt: definition.StartAt, timeoutMs: timeoutSeconds * 1000, states };
}

class StateCompiler {
  private readonly compilers: Readonly<Record<string, (name: string, fields: StateFields) => State>> = {
    Pass: (name, fields) => ({ type: "Pass", ...named(name), ...this.step(name, check(PASS, fields, name)) }),
    Succeed: (name, fields) => ({
      type: "Succeed",
      ...named(name),
      ...this.transition(name, check(SUCCEED, fields, name), undefined),
    }),
    Fail: (name, fields) => {
      const { Error: error, Cause: cause } = check(FAIL, fields, name);
      return {
        type: "Fail",
        ...named(name),
        error: this.optional(error, "Error", name),
        cause: this.optional(cause, "Cause", name),
      };
    },
    Wait: (name, fields) => this.wait(name, fields),
    Choice: (name, fields) => this.choice(name, fields),
    Task: (name, fields) => this.task(name, fields),
  };

  constructor(private readonly clock: Clock) {}

  compile(name: string, fields: StateFields): State {
    if (name === "" || name.length > 80)
      throw new DefinitionError(`the name of the state "${name}" must have 1 to 80 characters`);
    const type = String(fields.Type);
    const compile = Object.hasOwn(this.compilers, type) ? this.compilers[type] : undefined;
    if (compile === undefined)
      throw new DefinitionError(`the state ${name} is of type ${type}, which is not supported here`);
    return compile(name, fields);
  }

  private wait(name: string, fields: StateFields): WaitState {
    const wait = check(WAIT, fields, name);
    if ((wait.Seconds === undefined) === (wait.Timestamp === undefined))
      throw new DefinitionError(`the state ${name} must have either Seconds or Timestamp`);
    const unit = wait.Seconds === undefined ? "Timestamp" : "Seconds";
    const value = this.template(wait[unit], unit, name);
    return { type: "Wait", ...named(name), ...this.step(name, wait), until: { unit, value } };
  }

  private choice(name: string, fields: StateFields): ChoiceState {
    const choice = check(CHOICE, fields, name);
    const choices = choice.Choices.map((rule, index) => {
      const field = `Choices[${index}]`;
      return {
        ...this.transition(name, rule, rule.Next, `${field}/`),
        condition: this.condition(rule.Condition, `${field}/Condition`, name),
        field: `${field}/Condition`,
      };
    });
    const otherwise =
      choice.Default === undefined ? undefined : this.transition(name, choice, choice.Default);
    return { type: "Choice", ...named(name), choices, otherwise };
  }

  private task(name: string, fields: StateFields): TaskState {
    const task = check(TASK, fields, name);
    const args = this.optional(task.Arguments, "Arguments", name);
    const catchers = task.Catch.map((catcher, index): Catcher => ({
      ...this.transition(name, catcher, catcher.Next, `Catch[${index}]/`),
      errorEquals: catcher.ErrorEquals,
    }));
    checkWildcards(
      name,
      "Retry",
      task.Retry.map(({ ErrorEquals }) => ErrorEquals),
    );
    checkWildcards(
      name,
      "Catch",
      task.Catch.map(({ ErrorEquals }) => ErrorEquals),
    );
    return within(name, () => ({
      type: "Task",
      ...named(name),
      ...this.step(name, task),
      integration: findIntegration(task.Resource, task.Arguments),
      arguments: args,
      timeoutSeconds: this.optional(task.TimeoutSeconds, "TimeoutSeconds", name),
      retriers: task.Retry,
      catchers,
    }));
  }

  /** The transition of a state that has either `Next` or `End`. */
  private step(
    name: string,
    fields: {
      Next?: string | undefined;
      End?: true | undefined;
      Output?: unknown;
      Assign?: StateFields | undefined;
    },
  ): Transition {
    if ((fields.Next === undefined) === (fields.End === undefined))
      throw new DefinitionError(`the state ${name} must have either Next or End`);
    return this.transition(name, fields, fields.Next);
  }

  private transition(
    name: string,
    fields: { Output?: unknown; Assign?: StateFields | undefined },
    next: string | undefined,
    prefix = "",
  ): Transition {
    const assign = Object.entries(fields.Assign ?? {}).map(([variable, value]) => {
      if (!VARIABLE_NAME.test(variable) || variable === "states")
        throw new DefinitionError(
          `the state ${name} assigns to ${variable}, which is no name for a variable`,
        );
      return [variable, this.template(value, `${prefix}Assign/${variable}`, name)] as const;
    });
    return { output: this.optional(fields.Output, `${prefix}Output`, name), assign: new Map(assign), next };
  }

  private condition(condition: string | boolean, field: string, name: string) {
    if (typeof condition === "boolean") return condition;
    const source = expressionIn(condition);
    if (source === undefined)
      throw new DefinitionError(`${field} of the state ${name} must be a JSONata expression`);
    return within(name, () => compileExpression(source, field, this.clock));
  }

  private optional(value: unknown, field: string, name: string): Template | undefined {
    return value === undefined ? undefined : this.template(value, field, name);
  }

  private template(value: unknown, field: string, name: string): Template {
    return within(name, () => compileTemplate(value, field, this.clock));
  }
}

/** `States.ALL` stands alone, in the last entry (Amazon States Language, "Errors"). */
function checkWildcards(name: string, field: string, entries: readonly (readonly string[])[]): void {
  entries.forEach((errors, index) => {
    if (!errors.includes("States.ALL")) return;
    if (errors.length > 1 || index < entries.length - 1)
      throw new DefinitionError(
        `States.ALL must stand alone and in the last entry of ${field} of the state ${name}`,
      );
  });
}

function targetsOf(state: State): string[] {
  const transitions: readonly (Transition | undefined)[] =
    state.type === "Fail"
      ? []
      : state.type === "Choice"
        ? [...state.choices, state.otherwise]
        : state.type === "Task"
          ? [state, ...state.catchers]
          : [state];
  return transitions.flatMap((transition) => transition?.next ?? []);
}

function named(name: string): { name: string; quotedName: string } {
  return { name, quotedName: JSON.stringify(name) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new DefinitionError("it is not JSON");
  }
}

function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DefinitionError(`${what}: ${z.prettifyError(parsed.error)}`);
}

/** Puts the state's name before whatever is wrong with it. */
function within<T>(name: string, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    throw error instanceof DefinitionError
      ? new DefinitionError(`the state ${name}: ${error.message}`)
      : error;
  }
}
