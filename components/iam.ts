import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";

/** One statement of a policy document. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: "*" | Readonly<Record<string, pulumi.Input<string>>>;
  readonly Action: string | readonly string[];
  readonly Resource: pulumi.Input<string> | readonly pulumi.Input<string>[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, pulumi.Input<string> | readonly pulumi.Input<string>[]>>>
  >;
}

/** A policy document as JSON text. */
export function policyDocument(statements: readonly PolicyStatement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements });
}

/** Allows actions on resources, to the role that holds the statement. */
export function allow(actions: readonly string[], resource: PolicyStatement["Resource"]): PolicyStatement {
  return { Effect: "Allow", Action: actions, Resource: resource };
}

/** Refuses what does not come over TLS, from anyone. */
export function denyPlainHttp(action: string, resource: pulumi.Input<string>): PolicyStatement {
  return {
    Sid: "DenyPlainHttp",
    Effect: "Deny",
    Principal: "*",
    Action: action,
    Resource: resource,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}

export interface ServiceRoleArgs {
  /** Such as `lambda.amazonaws.com`. */
  readonly service: string;
  readonly description: string;
  /** What the service must say about itself to take the role, such as `aws:SourceAccount`. */
  readonly trustCondition?: PolicyStatement["Condition"];
  readonly statements: readonly PolicyStatement[];
}

/** A role that one AWS service takes, and its one policy. */
export interface ServiceRole {
  readonly role: iam.Role;
  /** Depend on it where the policy must be there before its user: a new policy takes a moment to reach every region. */
  readonly policy: iam.RolePolicy;
}

/** Creates a role for a service with the permissions listed, and no others. */
export function serviceRole(name: string, args: ServiceRoleArgs, opts: pulumi.ResourceOptions): ServiceRole {
  const role = new iam.Role(
    name,
    {
      description: args.description,
      assumeRolePolicy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: args.service },
            Action: "sts:AssumeRole",
            ...(args.trustCondition && { Condition: args.trustCondition }),
          },
        ],
      }),
    },
    opts,
  );
  const policy = new iam.RolePolicy(name, { role: role.id, policy: policyDocument(args.statements) }, opts);
  return { role, policy };
}
