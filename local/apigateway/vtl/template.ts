import { compileExpression, isTrue, type Evaluate, type Scope } from "./expression";
import { compileReference, compileAssignment } from "./reference";
import {
  parseTemplate,
  TemplateError,
  type Block,
  type Condition,
  type Directive,
  type ForEach,
  type Raw,
  type Reference,
  type SetDirective,
  type Statement,
} from "./syntax";
import { isList, isMap, type VtlValue } from "./values";

/** API Gateway Developer Guide, important notes for REST APIs: a `#foreach` iterates at most 1,000 times. */
const FOREACH_LIMIT = 1_000;

/** A mapping template, parsed once and rendered for every request. */
export interface Template {
  /** @throws TemplateError when a value does not allow what the template does with it */
  render(variables: Readonly<Record<string, VtlValue>>): string;
}

type Render = (scope: Scope) => string;

/**
 * Compiles a mapping template in Apache Velocity's language.
 *
 * The parser is velocityjs's; its evaluator is not used, because it has JavaScript's equality, division and prototypes
 * where API Gateway has Java's. What differs between Velocity 1 and 2 (whether an empty string is true) is refused
 * when it happens, since nobody documents which of them API Gateway runs.
 *
 * @throws TemplateError for an unclosed block and for directives that are not supported
 */
export function compileTemplate(text: string): Template {
  const render = compileContent(parseTemplate(text));
  return { render: (variables) => render({ variables: { ...variables }, breaking: false }) };
}

function compileContent(statements: readonly Statement[]): Render {
  const parts = statements.map(compileStatement);
  const [only] = parts;
  if (only && parts.length === 1) return only;
  return (scope) => {
    let output = "";
    for (const part of parts) {
      output += part(scope);
      if (scope.breaking) break;
    }
    return output;
  };
}

function compileStatement(statement: Statement): Render {
  if (typeof statement === "string") return () => statement;
  if (isBlock(statement)) return compileBlock(statement);
  switch (statement.type) {
    case "references":
      return compileReference(statement as Reference).print;
    case "set":
      return compileSet(statement as SetDirective);
    case "raw":
      return () => (statement as Raw).value;
    case "comment":
      return () => "";
    case "break":
      return (scope) => {
        scope.breaking = true;
        return "";
      };
    default:
      throw unsupported(statement);
  }
}

function isBlock(statement: Directive | Block): statement is Block {
  return Array.isArray(statement);
}

function compileSet({ equal: [target, expression] }: SetDirective): Render {
  const assign = compileAssignment(target);
  const value = compileExpression(expression);
  return (scope) => {
    assign(scope, value(scope));
    return "";
  };
}

function compileBlock([directive, ...content]: Block): Render {
  if (directive.type === "if") return compileIf(directive as Condition, content);
  if (directive.type === "foreach") return compileForEach(directive as ForEach, content);
  throw unsupported(directive);
}

function compileIf(first: Condition, content: readonly Statement[]): Render {
  const branches: { condition: Evaluate | undefined; statements: Statement[] }[] = [
    { condition: compileExpression(first.condition), statements: [] },
  ];
  for (const statement of content) {
    const type = typeof statement === "string" || isBlock(statement) ? "" : statement.type;
    if (type === "elseif")
      branches.push({ condition: compileExpression((statement as Condition).condition), statements: [] });
    else if (type === "else") branches.push({ condition: undefined, statements: [] });
    else branches.at(-1)?.statements.push(statement);
  }
  const compiled = branches.map(({ condition, statements }) => ({
    condition,
    render: compileContent(statements),
  }));
  return (scope) => {
    const taken = compiled.find(({ condition }) => condition === undefined || isTrue(condition(scope)));
    return taken ? taken.render(scope) : "";
  };
}

function compileForEach({ to, from }: ForEach, content: readonly Statement[]): Render {
  const list = compileExpression(from);
  const body = compileContent(content);
  return (scope) => {
    const items = itemsOf(list(scope)).slice(0, FOREACH_LIMIT);
    const { [to]: outerItem, foreach: outerLoop } = scope.variables;
    let output = "";
    for (const [index, item] of items.entries()) {
      scope.variables[to] = item;
      scope.variables["foreach"] = { index, count: index + 1, hasNext: index + 1 < items.length };
      output += body(scope);
      if (scope.breaking) break;
    }
    scope.breaking = false;
    scope.variables[to] = outerItem;
    scope.variables["foreach"] = outerLoop;
    return output;
  };
}

/** A loop over a map runs over its values, over anything else not at all. */
function itemsOf(value: VtlValue): readonly VtlValue[] {
  if (isList(value)) return value;
  return isMap(value) ? Object.values(value) : [];
}

function unsupported(directive: Directive): TemplateError {
  const name = "id" in directive ? String(directive.id) : "";
  return new TemplateError(`the directive #${directive.type}${name && ` (${name})`} is not supported`);
}
