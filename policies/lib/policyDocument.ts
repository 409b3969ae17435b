import { isObject, jsonObject, listOf, type JsonObject } from "./json";

/** One statement of a policy document, with lists where JSON lets there be one or several. */
export interface Statement {
  readonly sid: string | undefined;
  readonly allows: boolean;
  /** Whom it speaks of; undefined where it says `NotPrincipal`, or nothing as in the policy of a role. */
  readonly principals: readonly Principal[] | undefined;
  readonly notPrincipals: readonly Principal[] | undefined;
  readonly actions: readonly string[] | undefined;
  readonly notActions: readonly string[] | undefined;
  readonly resources: readonly string[] | undefined;
  readonly notResources: readonly string[] | undefined;
  readonly conditions: readonly Condition[];
}

/** `{"AWS": "*"}` is `{ type: "AWS", id: "*" }`, and so is `"*"`. */
export interface Principal {
  /** Such as `AWS` or `Service`. */
  readonly type: string;
  readonly id: string;
}

/** One key of one operator; all of a statement's conditions must hold. */
export interface Condition {
  /** Such as `StringEquals`. */
  readonly operator: string;
  /** Such as `aws:SourceArn`. */
  readonly key: string;
  readonly values: readonly string[];
}

/**
 * The statements of a policy document, given as JSON text or as an object (IAM User Guide, "Grammar of the IAM JSON
 * policy language").
 *
 * @returns undefined when it is no policy document
 */
export function statementsOf(document: unknown): readonly Statement[] | undefined {
  const statements = jsonObject(document)?.["Statement"];
  const list = listOf(statements);
  return list.length > 0 && list.every(isObject) ? list.map(statementOf) : undefined;
}

/** Whether a statement's actions include one, such as `sqs:SendMessage`. */
export function coversAction({ actions, notActions = [] }: Statement, action: string): boolean {
  const matches = (pattern: string) => matchesPattern(pattern.toLowerCase(), action.toLowerCase());
  return actions ? actions.some(matches) : notActions.length > 0 && !notActions.some(matches);
}

/** Whether a statement's resources include the one of an ARN. */
export function coversResource({ resources, notResources = [] }: Statement, arn: string): boolean {
  const matches = (pattern: string) => matchesPattern(pattern, arn);
  return resources ? resources.some(matches) : notResources.length > 0 && !notResources.some(matches);
}

/** Whether a statement speaks of everybody: `"*"` and `{"AWS": "*"}` are the same. */
export function isAboutEverybody({ principals = [] }: Statement): boolean {
  return principals.some(({ type, id }) => type === "AWS" && id === "*");
}

/** IAM's wildcards: `*` is any text, `?` any character. */
export function matchesPattern(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[\\^$.+()|[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${expression}$`, "s").test(text);
}

function statementOf(statement: JsonObject): Statement {
  return {
    sid: textsOf(statement["Sid"])?.[0],
    allows: statement["Effect"] !== "Deny",
    principals: principalsOf(statement["Principal"]),
    notPrincipals: principalsOf(statement["NotPrincipal"]),
    actions: textsOf(statement["Action"]),
    notActions: textsOf(statement["NotAction"]),
    resources: textsOf(statement["Resource"]),
    notResources: textsOf(statement["NotResource"]),
    conditions: conditionsOf(statement["Condition"]),
  };
}

function principalsOf(value: unknown): readonly Principal[] | undefined {
  if (!isObject(value)) return textsOf(value)?.map((id) => ({ type: "AWS", id }));
  return Object.keys(value).flatMap((type) => (textsOf(value[type]) ?? []).map((id) => ({ type, id })));
}

function conditionsOf(value: unknown): readonly Condition[] {
  if (!isObject(value)) return [];
  return Object.keys(value).flatMap((operator) => {
    const keys = value[operator];
    if (!isObject(keys)) return [];
    return Object.keys(keys).map((key) => ({ operator, key, values: textsOf(keys[key]) ?? [] }));
  });
}

/** Texts; JSON also has `false` and numbers in conditions. */
function textsOf(value: unknown): readonly string[] | undefined {
  return value === undefined ? undefined : listOf(value).map(String);
}
