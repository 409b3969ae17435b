import type jsonata from "jsonata";

/** Properties of a node whose expressions are evaluated against the result of the node, not against the input. */
const INNER = new Set(["predicate", "stages", "group", "terms", "pattern", "update", "delete"]);
/** Nodes that read the context, and how the definition writes them. */
const CONTEXT_NODES: Readonly<Record<string, string>> = {
  wildcard: "*",
  descendant: "**",
  parent: "%",
};

/**
 * What an expression uses that Step Functions refuses when a machine is created: `$eval`, and at its top level `$`,
 * `$$` or an unqualified name, since a state's data is in `$states` only (Developer Guide, "Transforming data with
 * JSONata").
 *
 * @returns the offending text; undefined when the expression is fine
 */
export function forbiddenReference(expression: jsonata.Expression): string | undefined {
  return forbiddenIn(expression.ast(), true);
}

function forbiddenIn(node: unknown, topLevel: boolean): string | undefined {
  if (Array.isArray(node)) return first(node, (item) => forbiddenIn(item, topLevel));
  if (typeof node !== "object" || node === null) return undefined;
  const { type, value, steps } = node as { type?: unknown; value?: unknown; steps?: unknown };
  if (type === "variable" && value === "eval") return "$eval";
  if (topLevel) {
    if (type === "variable" && (value === "" || value === "$")) return `$${value}`;
    if (type === "name") return String(value);
    if (typeof type === "string" && CONTEXT_NODES[type] !== undefined) return CONTEXT_NODES[type];
  }
  if (type === "path" && Array.isArray(steps)) {
    const inSteps = first(steps, (step, index) => forbiddenIn(step, topLevel && index === 0));
    if (inSteps !== undefined) return inSteps;
  }
  return first(Object.entries(node), ([property, child]) =>
    property === "steps" ? undefined : forbiddenIn(child, topLevel && !INNER.has(property)),
  );
}

function first<T>(
  items: readonly T[],
  find: (item: T, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = find(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}
