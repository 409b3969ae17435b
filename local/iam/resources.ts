import * as z from "zod";

const document = z.union([z.string(), z.record(z.string(), z.unknown())]);
const tags = z.record(z.string(), z.string()).optional();
const names = { name: z.string().optional(), namePrefix: z.string().optional() };

/** `aws:iam/role:Role`. */
export const roleInputs = z.strictObject({
  ...names,
  tags,
  assumeRolePolicy: document,
  description: z.string().optional(),
  path: z.string().optional(),
  forceDetachPolicies: z.boolean().optional(),
  maxSessionDuration: z.number().optional(),
  inlinePolicies: z.array(z.strictObject({ name: z.string(), policy: document })).optional(),
  managedPolicyArns: z.array(z.string()).optional(),
});

/** `aws:iam/rolePolicy:RolePolicy`; `role` is the role's name. */
export const rolePolicyInputs = z.strictObject({ ...names, role: z.string(), policy: document });

/** `aws:iam/policy:Policy`. */
export const policyInputs = z.strictObject({
  ...names,
  tags,
  policy: document,
  description: z.string().optional(),
  path: z.string().optional(),
});

/** `aws:iam/rolePolicyAttachment:RolePolicyAttachment`; `role` is the role's name. */
export const attachmentInputs = z.strictObject({ role: z.string(), policyArn: z.string() });

export const roleOutputs = z.object({ name: z.string(), arn: z.string() });
export const policyOutputs = z.object({ arn: z.string() });
