import jsonata from "jsonata";
import type { Clock } from "../clock";
import { DefinitionError } from "./definitionError";
import { directReader } from "./directPath";
import { registerFunctions } from "./expressionFunctions";
import { forbiddenReference } from "./expressionScope";
import { EvaluationError } from "./stateError";

/** What an expression sees: `states` and the variables that were assigned. */
export type Bindings = Readonly<Record<string, unknown>>;

/** A compiled `{% ... %}`. */
export interface CompiledExpression {
  /**
   * @returns plain JSON, or a promise of it where JSONata is needed
   * @throws (the promise) EvaluationError when it fails, or returns nothing or what is no JSON
   */
  evaluate(bindings: Bindings): unknown;
}

/** Keeps a runaway expression from holding up the process. */
const GUARDS = { timeout: 5_000, stack: 500 };

/** The expression inside the text when it is one: Step Functions takes `{%` and `%}` only at the very ends. */
export function expressionIn(text: string): string | undefined {
  return text.startsWith("{%") && text.endsWith("%}") && text.length >= 4
    ? text.slice(2, -2).trim()
    : undefined;
}

/**
 * Compiles a JSONata expression.
 *
 * @param location the field, such as `Arguments/Message`, for the errors
 * @throws DefinitionError when it is no JSONata, or uses what Step Functions does not allow
 */
export function compileExpression(source: string, location: string, clock: Clock): CompiledExpression {
  const expression = parse(source, location);
  const forbidden = forbiddenReference(expression);
  if (forbidden !== undefined)
    throw new DefinitionError(
      `the expression of ${location} uses ${forbidden}, which Step Functions does not allow`,
    );
  registerFunctions(expression, clock);
  const subject = `The JSONata expression '${source}' specified for the field '${location}'`;
  const evaluate = async (bindings: Bindings): Promise<unknown> => {
    let result: unknown;
    try {
      result = await expression.evaluate(undefined, bindings);
    } catch (error) {
      throw new EvaluationError(`${subject} threw an error during evaluation. ${describe(error)}`, location);
    }
    if (result === undefined) throw new EvaluationError(`${subject} returned nothing (undefined).`, location);
    return plainJson(
      result,
      () => new EvaluationError(`${subject} returned a value that is no JSON.`, location),
    );
  };
  const readDirectly = directReader(expression);
  return { evaluate: (bindings) => readDirectly?.(bindings) ?? evaluate(bindings) };
}

function parse(source: string, location: string): jsonata.Expression {
  try {
    return jsonata(source, GUARDS);
  } catch (error) {
    throw new DefinitionError(`the expression of ${location} is no JSONata: ${describe(error)}`);
  }
}

/** JSONata throws plain objects with a code as well as errors. */
function describe(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const { code, message } = error as { code?: unknown; message?: unknown };
  return [code, message].filter((part) => typeof part === "string").join(": ");
}

/** A copy without the marks that JSONata leaves on its arrays. */
function plainJson(value: unknown, refuse: () => EvaluationError): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((item) => plainJson(item, refuse));
  if (typeof value !== "object" || "_jsonata_lambda" in value || "_jsonata_function" in value) throw refuse();
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([name, member]) => [name, plainJson(member, refuse)]));
}
