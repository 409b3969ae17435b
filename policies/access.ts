import * as apigateway from "@pulumi/aws/apigateway";
import * as iam from "@pulumi/aws/iam";
import type {
  Policies,
  PolicyResource,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { namesResource } from "./lib/arn";
import { dependenciesOf, referredBy, resourcesOf, type Stack } from "./lib/graph";
import { listOf } from "./lib/json";
import { statementsOf, type Statement } from "./lib/policyDocument";
import {
  documentsOf,
  IDENTITY_POLICIES,
  OTHER_RESOURCE_POLICIES,
  QUEUE_AND_TOPIC_POLICIES,
  TRUST_POLICIES,
} from "./lib/policyHolders";

const NO_DOCUMENT = "is no JSON policy document, so that nobody can tell what it allows. Write one";

const HOLDERS = [
  ...IDENTITY_POLICIES,
  ...QUEUE_AND_TOPIC_POLICIES,
  ...OTHER_RESOURCE_POLICIES,
  ...TRUST_POLICIES,
];

/**
 * The policies of KMS keys are not asked: they are where an account keeps hold of its key, by `kms:*` for its root (KMS
 * Developer Guide, "Default key policy").
 */
const wildcardActions: ResourceValidationPolicy = {
  name: "iam-no-wildcard-actions",
  description: "A permission names each action: it does not grow when AWS adds one.",
  configSchema: {
    properties: {
      allowedActions: {
        type: "array",
        items: { type: "string" },
        default: [],
        description: "Actions with a wildcard that may be written, such as `kms:ReEncrypt*`.",
      },
    },
  },
  validateResource: (args, report) => {
    const { allowedActions } = args.getConfig<{ readonly allowedActions: readonly string[] }>();
    for (const document of documentsOf(args, HOLDERS)) {
      const statements = statementsOf(document);
      if (statements === undefined) report(`The policy of "${args.name}" ${NO_DOCUMENT}.`);
      for (const { allows, actions } of statements ?? []) {
        const wild = actions?.filter((action) => /[*?]/.test(action) && !allowedActions.includes(action)) ?? [
          "all but some actions (NotAction)",
        ];
        if (!allows || wild.length === 0) continue;
        report(
          `The policy of "${args.name}" allows ${wild.join(", ")}: more than anybody has thought of, and whatever AWS adds. ` +
            "Name each action that is needed as its Action.",
        );
      }
    }
  },
};

/**
 * Actions that take no resource, and so need `*` (Service Authorization Reference, actions tables), and those of log
 * delivery, which AWS asks to be written with it (CloudWatch Logs User Guide, "Logs sent to CloudWatch Logs"; Step
 * Functions Developer Guide, "Using CloudWatch Logs to log execution history").
 */
const ACTIONS_WITHOUT_RESOURCES = [
  "cloudwatch:PutMetricData",
  "ec2:DescribeNetworkInterfaces",
  "kms:GenerateRandom",
  "logs:CreateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:DescribeLogGroups",
  "logs:DescribeResourcePolicies",
  "logs:GetLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:UpdateLogDelivery",
  "sts:GetCallerIdentity",
  "xray:GetSamplingRules",
  "xray:GetSamplingStatisticSummaries",
  "xray:GetSamplingTargets",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
];

/**
 * What API Gateway's role of the region needs on every log group: it writes the logs of all APIs, those of other stacks
 * too (API Gateway Developer Guide, "Permissions for CloudWatch logging": AmazonAPIGatewayPushToCloudWatchLogs).
 */
const API_GATEWAY_LOGGING = [
  "logs:CreateLogGroup",
  "logs:CreateLogStream",
  "logs:DescribeLogGroups",
  "logs:DescribeLogStreams",
  "logs:FilterLogEvents",
  "logs:GetLogEvents",
  "logs:PutLogEvents",
];

const wildcardResources: StackValidationPolicy = {
  name: "iam-no-wildcard-resources",
  description: "A permission names the resources that it is for.",
  configSchema: {
    properties: {
      actionsWithoutResources: {
        type: "array",
        items: { type: "string" },
        default: ACTIONS_WITHOUT_RESOURCES,
        description: "Actions that have no narrower resource than *.",
      },
    },
  },
  validateStack: (stack, report) => {
    const { actionsWithoutResources } = stack.getConfig<{
      readonly actionsWithoutResources: readonly string[];
    }>();
    const loggingRoles = apiGatewayLoggingRoles(stack);
    for (const resource of writtenOutFirst(stack)) {
      const logs = rolesOf(resource).some((role) => loggingRoles.includes(role));
      const exempt = [...actionsWithoutResources, ...(logs ? API_GATEWAY_LOGGING : [])];
      for (const document of documentsOf(resource, IDENTITY_POLICIES)) {
        const statements = statementsOf(document);
        if (statements === undefined)
          report(`The policy of "${resource.name}" ${NO_DOCUMENT}.`, resource.urn);
        for (const fault of (statements ?? []).flatMap((statement) => resourceFault(statement, exempt) ?? []))
          report(
            `The policy of "${resource.name}" allows ${fault}: what else is in the account is open to it too. Name the ` +
              "ARNs that it is for as its Resource.",
            resource.urn,
          );
      }
    }
  },
};

/** AWS's own policies are for everybody: they name no resource, and AWS changes them. */
const awsManagedPolicies: ResourceValidationPolicy = {
  name: "iam-no-aws-managed-policies",
  description: "Permissions are the stack's own, not policies of AWS that are the same for everybody.",
  configSchema: {
    properties: {
      allowedPolicyArns: {
        type: "array",
        items: { type: "string" },
        default: [],
        description: "ARNs of policies of AWS that may be attached.",
      },
    },
  },
  validateResource: (args, report) => {
    const { allowedPolicyArns } = args.getConfig<{ readonly allowedPolicyArns: readonly string[] }>();
    for (const [type, property] of ATTACHMENTS) {
      if (!args.isType(type)) continue;
      for (const arn of listOf<unknown>(args.props[property]).map(String))
        if (AWS_MANAGED_POLICY.test(arn) && !allowedPolicyArns.includes(arn))
          report(
            `"${args.name}" attaches ${arn}, a policy of AWS: it names no resource of this stack, and AWS extends it. Write ` +
              "the actions and resources that are needed in an aws.iam.RolePolicy.",
          );
    }
  },
};

/** Nobody may do more than the stack needs. */
export const accessPolicies: Policies = [wildcardActions, wildcardResources, awsManagedPolicies];

/** In any partition. */
const AWS_MANAGED_POLICY = /^arn:[^:]+:iam::aws:policy\//;

const ATTACHMENTS: readonly (readonly [Parameters<PolicyResource["isType"]>[0], string])[] = [
  [iam.RolePolicyAttachment, "policyArn"],
  [iam.UserPolicyAttachment, "policyArn"],
  [iam.GroupPolicyAttachment, "policyArn"],
  [iam.PolicyAttachment, "policyArn"],
  [iam.RolePolicyAttachmentsExclusive, "policyArns"],
  [iam.UserPolicyAttachmentsExclusive, "policyArns"],
  [iam.GroupPolicyAttachmentsExclusive, "policyArns"],
  [iam.Role, "managedPolicyArns"],
];

/** What a statement allows on resources that it does not name. */
function resourceFault(statement: Statement, exempt: readonly string[]): string | undefined {
  const { allows, actions, resources } = statement;
  if (!allows || resources?.every(namesResource)) return undefined;
  if (actions?.every((action) => exempt.includes(action))) return undefined;
  const unnamed = actions?.filter((action) => !exempt.includes(action)).join(", ");
  const where = resources?.filter((resource) => !namesResource(resource)).join(", ");
  return `${unnamed ?? "all but some actions"} on ${where ?? "all but some resources (NotResource)"}`;
}

/** The roles with which API Gateway logs in the region: one of an `aws.apigateway.Account`. */
function apiGatewayLoggingRoles(stack: Stack): readonly PolicyResource[] {
  return resourcesOf(stack, apigateway.Account).flatMap(({ resource }) =>
    referredBy(stack, resource, "cloudwatchRoleArn"),
  );
}

/** The roles of the stack that a policy is for; a role's inline policies are its own. */
function rolesOf(resource: PolicyResource): readonly PolicyResource[] {
  return [resource, ...dependenciesOf(resource, "role")].filter((each) => each.isType(iam.Role));
}

/** Those first that were made of nothing, so that a preview has said what it can before it meets an unknown one. */
function writtenOutFirst({ resources }: Stack): readonly PolicyResource[] {
  const isMade = (resource: PolicyResource) => Number(resource.dependencies.length > 0);
  return [...resources].sort((one, other) => isMade(one) - isMade(other));
}
