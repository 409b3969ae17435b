import * as z from "zod";

const oneOrMore = z
  .union([z.string(), z.array(z.string()).min(1)])
  .transform((value) => (typeof value === "string" ? [value] : value));

const conditionValue = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const conditionValues = z
  .union([conditionValue, z.array(conditionValue).min(1)])
  .transform((value) => (typeof value === "string" ? [value] : value));

/** `NotPrincipal` is left out: AWS advises against it, and it is refused by name like any unknown element. */
const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Principal: z.union([z.literal("*"), z.record(z.string(), oneOrMore)]).optional(),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
  Resource: oneOrMore.optional(),
  NotResource: oneOrMore.optional(),
  Condition: z.record(z.string(), z.record(z.string(), conditionValues)).optional(),
});

const policy = z.strictObject({
  Version: z.enum(["2008-10-17", "2012-10-17"]).optional(),
  Id: z.string().optional(),
  Statement: z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(statement).min(1)),
});

/** A statement of a policy, its single values made lists. */
export type StatementDocument = z.output<typeof statement>;

/**
 * Reads a policy document: elements as the IAM policy grammar has them, unknown ones refused.
 *
 * @param document the JSON text, or what it says
 * @param name what the error calls the policy
 * @throws Error that names the policy and what is malformed
 */
export function readPolicy(document: unknown, name: string): z.output<typeof policy> {
  const parsed = policy.safeParse(typeof document === "string" ? parseJson(document, name) : document);
  if (!parsed.success) throw new Error(`${name} is malformed: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${name} is malformed: it is not JSON.`);
  }
}
