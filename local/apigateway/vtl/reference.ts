import { compileExpression, type Evaluate, type Scope } from "./expression";
import { callMethod } from "./methods";
import { TemplateError, type Accessor, type Reference } from "./syntax";
import { Builtin, memberOf, toJavaString, type VtlValue } from "./values";

/** The gateway's own variables print nothing when they have no value; any other prints its own text. */
const OWN_VARIABLES = new Set(["context", "input", "stageVariables", "util"]);

type Step = (target: VtlValue, scope: Scope) => VtlValue;

/** Compiles `$a.b.c(1)` to what it is worth and to what it prints. */
export function compileReference(reference: Reference): {
  readonly evaluate: Evaluate;
  readonly print: (scope: Scope) => string;
} {
  const evaluate = compilePath(reference, reference.path ?? []);
  const absent = reference.leader === "$!" || OWN_VARIABLES.has(reference.id) ? "" : textOf(reference);
  return {
    evaluate,
    print(scope) {
      const value = evaluate(scope);
      return value === null || value === undefined ? absent : toJavaString(value);
    },
  };
}

/** Compiles the left side of `#set($a = ...)` or `#set($a.b = ...)`. */
export function compileAssignment(target: Reference): (scope: Scope, value: VtlValue) => void {
  const path = target.path ?? [];
  const last = path.at(-1);
  if (last === undefined)
    return (scope, value) => {
      // Velocity does not assign null: the variable keeps what it had.
      if (value !== null && value !== undefined) scope.variables[target.id] = value;
    };
  if (last.type !== "property") throw new TemplateError(`${textOf(target)} cannot be set`);
  const owner = compilePath(target, path.slice(0, -1));
  return (scope, value) => {
    const object = owner(scope);
    if (!(object instanceof Builtin)) throw new TemplateError(`${textOf(target)} cannot be set`);
    object.assign(last.id, value);
  };
}

function compilePath({ id, args }: Reference, path: readonly Accessor[]): Evaluate {
  if (args !== undefined) throw new TemplateError(`$${id}(...) is no variable`);
  const steps = path.map(compileStep);
  return (scope) => {
    let value = Object.hasOwn(scope.variables, id) ? scope.variables[id] : undefined;
    for (const step of steps) {
      if (value === null || value === undefined) return value;
      value = step(value, scope);
    }
    return value;
  };
}

function compileStep(accessor: Accessor): Step {
  if (accessor.type === "property") return (target) => memberOf(target, accessor.id);
  if (accessor.type === "index") {
    const key = compileExpression(accessor.id);
    return (target, scope) => memberOf(target, key(scope));
  }
  const args = (accessor.args || []).map(compileExpression);
  return (target, scope) =>
    callMethod(
      target,
      accessor.id,
      args.map((argument) => argument(scope)),
    );
}

/** The reference as the template has it, as far as it is needed to print one that has no value. */
function textOf({ leader, id, path = [], isWraped }: Reference): string {
  const text = id + path.map(accessorText).join("");
  return isWraped ? `${leader}{${text}}` : `${leader}${text}`;
}

function accessorText(accessor: Accessor): string {
  if (accessor.type === "property") return `.${accessor.id}`;
  return accessor.type === "method" ? `.${accessor.id}(...)` : "[...]";
}
