import * as z from "zod";
import type { PolicyDocument } from "../aws/authorizer";
import { readInputs } from "../aws/properties";
import type { Resource } from "../aws/resource";
import { readResourcePolicy } from "../iam/resourcePolicy";

/** `aws:lambda/permission:Permission`. */
const inputs = z.strictObject({
  action: z.string(),
  function: z.string(),
  principal: z.string(),
  sourceArn: z.string().optional(),
  sourceAccount: z.string().optional(),
  statementId: z.string().optional(),
  statementIdPrefix: z.string().optional(),
});

/** The functions' own policies, which their permissions make up statement by statement. */
export class InvokePermissions {
  /** By the function's ARN. */
  private readonly policies = new Map<string, PolicyDocument>();
  private readonly statements = new Map<string, object[]>();

  /**
   * Adds the statement that Lambda's AddPermission makes of a permission.
   *
   * @param functionArn finds the function by the name or ARN that the permission has
   */
  add(resource: Resource, functionArn: (nameOrArn: string) => string): void {
    const given = readInputs(resource, inputs);
    const arn = functionArn(given.function);
    const isAccount = /^(\d{12}$|arn:)/.test(given.principal);
    const statement = {
      Effect: "Allow",
      Principal: isAccount ? { AWS: given.principal } : { Service: given.principal },
      Action: given.action,
      Resource: arn,
      Condition: {
        ...(given.sourceArn !== undefined && { ArnLike: { "aws:SourceArn": given.sourceArn } }),
        ...(given.sourceAccount !== undefined && {
          StringEquals: { "aws:SourceAccount": given.sourceAccount },
        }),
      },
    };
    const statements = [...(this.statements.get(arn) ?? []), statement];
    this.statements.set(arn, statements);
    const document = { Version: "2012-10-17", Statement: statements };
    this.policies.set(arn, readResourcePolicy(document, `The policy of the function ${arn}`));
  }

  policyOf(functionArn: string): PolicyDocument | undefined {
    return this.policies.get(functionArn);
  }
}
