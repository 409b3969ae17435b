import type { Caller } from "../aws/caller";
import { compileCondition, type Condition } from "./conditions";
import { isKnownKey, type RequestContext } from "./context";
import type { StatementDocument } from "./document";
import { compilePattern, variableNames, type Matcher } from "./pattern";
import { compilePrincipal, type Coverage } from "./principals";

/** What a policy is attached to decides which elements its statements have. */
export type PolicyKind = "identity" | "resource" | "trust";

/** A statement that is ready to be asked. */
export interface Statement {
  readonly denies: boolean;
  readonly matchesAction: (action: string) => boolean;
  readonly matchesResource: Matcher;
  readonly covers: (caller: Caller) => Coverage;
  readonly holds: Condition;
}

/**
 * Compiles a statement.
 *
 * @param variables whether the policy's version has policy variables
 * @throws Error whose message is what the local run does not support, such as `the condition operator "X"`
 */
export function compileStatement(
  document: StatementDocument,
  kind: PolicyKind,
  variables: boolean,
): Statement {
  requireElements(document, kind);
  const resources = document.Resource ?? document.NotResource ?? ["*"];
  const resourceVariables = variables ? resources.flatMap(variableNames) : [];
  for (const variable of resourceVariables)
    if (!isKnownKey(variable)) throw new Error(`the policy variable "${variable}"`);
  return {
    denies: document.Effect === "Deny",
    matchesAction: compileActions(document),
    matchesResource: compileResources(resources, document.NotResource !== undefined, variables),
    covers: document.Principal === undefined ? () => "direct" : compilePrincipal(document.Principal),
    holds: compileConditions(document, variables),
  };
}

function requireElements(document: StatementDocument, kind: PolicyKind): void {
  const { Principal, Action, NotAction, Resource, NotResource } = document;
  if ((Action === undefined) === (NotAction === undefined))
    throw new Error("a statement without exactly one of Action and NotAction");
  if ((Principal === undefined) !== (kind === "identity"))
    throw new Error(`a statement ${Principal ? "with" : "without"} a Principal`);
  if ((Resource === undefined) === (NotResource === undefined) && kind !== "trust")
    throw new Error("a statement without exactly one of Resource and NotResource");
  if ((Resource ?? NotResource) !== undefined && kind === "trust")
    throw new Error("a statement with a Resource");
}

function compileActions({ Action, NotAction }: StatementDocument): (action: string) => boolean {
  const patterns = (Action ?? NotAction ?? []).map((text) => text.toLowerCase());
  for (const pattern of patterns)
    if (pattern !== "*" && !/^[a-z0-9-]+:[a-z0-9*?]+$/.test(pattern))
      throw new Error(`the action "${pattern}"`);
  const exact = new Set(patterns);
  const wild = patterns
    .filter((pattern) => /[*?]/.test(pattern))
    .map((pattern) => new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`));
  const listed = (action: string) => exact.has(action) || wild.some((pattern) => pattern.test(action));
  return (action) => listed(action.toLowerCase()) === (NotAction === undefined);
}

function compileResources(resources: readonly string[], negated: boolean, variables: boolean): Matcher {
  const matchers = resources.map((text) => compilePattern(text, { variables }));
  return (resource, context) => matchers.some((matches) => matches(resource, context)) !== negated;
}

/** Every entry of a Condition has to hold. */
function compileConditions({ Condition }: StatementDocument, variables: boolean): Condition {
  const conditions = Object.entries(Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, expected]) => compileCondition(operator, key, expected, variables)),
  );
  return (context: RequestContext) => conditions.every((holds) => holds(context));
}
