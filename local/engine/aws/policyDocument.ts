import { createHash } from "node:crypto";
import * as z from "zod";

const texts = z.array(z.string());
const principals = z.array(z.strictObject({ type: z.string(), identifiers: texts }));
const statementSchema = z.strictObject({
  sid: z.string().optional(),
  effect: z.enum(["Allow", "Deny"]).default("Allow"),
  actions: texts.optional(),
  notActions: texts.optional(),
  resources: texts.optional(),
  notResources: texts.optional(),
  principals: principals.optional(),
  notPrincipals: principals.optional(),
  conditions: z.array(z.strictObject({ test: z.string(), variable: z.string(), values: texts })).optional(),
});
const argumentsSchema = z.strictObject({
  policyId: z.string().optional(),
  version: z.enum(["2008-10-17", "2012-10-17"]).default("2012-10-17"),
  statements: z.array(statementSchema).default([]),
});

type Statement = z.infer<typeof statementSchema>;

/**
 * `aws.iam.getPolicyDocument`: statements as IAM writes them, as indented JSON in `json` and dense in `minifiedJson`.
 * Merging other documents (`sourcePolicyDocuments`, `overridePolicyDocuments`) is not supported.
 *
 * @throws Error that names the argument which is not understood
 */
export function policyDocument(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const parsed = argumentsSchema.safeParse(args);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => [...issue.path, issue.message].join(" "));
    throw new Error(`aws.iam.getPolicyDocument: ${problems.join("; ")}.`);
  }
  const { policyId, version, statements } = parsed.data;
  const document = { Version: version, Id: policyId, Statement: statements.map(asIamStatement) };
  const minifiedJson = JSON.stringify(document);
  const id = createHash("sha256").update(minifiedJson).digest("hex").slice(0, 10);
  return { ...args, id, version, json: JSON.stringify(document, null, 2), minifiedJson };
}

/** Members that are `undefined` do not reach the JSON. */
function asIamStatement(statement: Statement): Record<string, unknown> {
  return {
    Sid: statement.sid,
    Effect: statement.effect,
    Action: oneOrMany(statement.actions),
    NotAction: oneOrMany(statement.notActions),
    Resource: oneOrMany(statement.resources),
    NotResource: oneOrMany(statement.notResources),
    Principal: asIamPrincipal(statement.principals),
    NotPrincipal: asIamPrincipal(statement.notPrincipals),
    Condition: asIamCondition(statement.conditions),
  };
}

function asIamPrincipal(list: Statement["principals"]): unknown {
  if (list === undefined || list.length === 0) return undefined;
  if (list.some(({ type }) => type === "*")) return "*";
  const byType = new Map<string, string[]>();
  for (const { type, identifiers } of list) byType.set(type, [...(byType.get(type) ?? []), ...identifiers]);
  return Object.fromEntries([...byType].map(([type, identifiers]) => [type, oneOrMany(identifiers)]));
}

function asIamCondition(list: Statement["conditions"]): unknown {
  if (list === undefined || list.length === 0) return undefined;
  const byTest = new Map<string, Map<string, string[]>>();
  for (const { test, variable, values } of list) {
    const variables = byTest.get(test) ?? new Map<string, string[]>();
    variables.set(variable, [...(variables.get(variable) ?? []), ...values]);
    byTest.set(test, variables);
  }
  return Object.fromEntries(
    [...byTest].map(([test, variables]) => [
      test,
      Object.fromEntries([...variables].map(([variable, values]) => [variable, oneOrMany(values)])),
    ]),
  );
}

function oneOrMany(values: readonly string[] | undefined): string | readonly string[] | undefined {
  return values?.length === 1 ? values[0] : values;
}
