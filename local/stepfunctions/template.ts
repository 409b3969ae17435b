import type { Clock } from "../clock";
import { compileExpression, expressionIn, type Bindings } from "./expression";
import { Payload } from "./payload";

/** A compiled value of a definition, such as `Arguments`: JSON in which any string may be an expression. */
export interface Template {
  /** The value when nothing in it has to be evaluated. */
  readonly constant?: Payload;
  /**
   * @returns the value, or a promise of it where JSONata is needed
   * @throws (the promise) EvaluationError of the first expression that fails
   */
  evaluate(bindings: Bindings): unknown;
}

/**
 * Compiles a value of a definition. What holds no expression is not looked at again.
 *
 * @param location the field, such as `Output`, for the errors
 * @throws DefinitionError when an expression in it is refused
 */
export function compileTemplate(value: unknown, location: string, clock: Clock): Template {
  if (typeof value === "string") {
    const source = expressionIn(value);
    return source === undefined ? constant(value) : compileExpression(source, location, clock);
  }
  if (Array.isArray(value)) {
    const items = value.map((item, index) => compileTemplate(item, `${location}[${index}]`, clock));
    if (items.every((item) => item.constant)) return constant(value);
    return { evaluate: (bindings) => evaluateAll(items, bindings) };
  }
  if (typeof value !== "object" || value === null) return constant(value);
  const members = Object.entries(value).map(
    ([name, member]) => [name, compileTemplate(member, `${location}/${name}`, clock)] as const,
  );
  if (members.every(([, member]) => member.constant)) return constant(value);
  return objectTemplate(members);
}

function constant(value: unknown): Template {
  return { constant: new Payload(value), evaluate: () => value };
}

/** The members that are constant are copied all at once, the others written over them. */
function objectTemplate(members: readonly (readonly [string, Template])[]): Template {
  const constants: Record<string, unknown> = Object.fromEntries(
    members.map(([name, { constant }]) => [name, constant?.value]),
  );
  const evaluated = members.filter(([, member]) => member.constant === undefined);
  const templates = evaluated.map(([, member]) => member);
  const fill = (values: readonly unknown[]) => {
    const object = { ...constants };
    evaluated.forEach(([name], index) => (object[name] = values[index]));
    return object;
  };
  return {
    evaluate(bindings) {
      const values = evaluateAll(templates, bindings);
      return values instanceof Promise ? values.then(fill) : fill(values);
    },
  };
}

function evaluateAll(templates: readonly Template[], bindings: Bindings): unknown[] | Promise<unknown[]> {
  const values: unknown[] = [];
  for (const template of templates) {
    const value = template.evaluate(bindings);
    if (value instanceof Promise) return evaluateRest(templates, bindings, values, value);
    values.push(value);
  }
  return values;
}

/** Goes on behind the first template that has to be waited for, one after another so that the first error counts. */
async function evaluateRest(
  templates: readonly Template[],
  bindings: Bindings,
  values: unknown[],
  pending: Promise<unknown>,
): Promise<unknown[]> {
  values.push(await pending);
  for (const template of templates.slice(values.length)) values.push(await template.evaluate(bindings));
  return values;
}
