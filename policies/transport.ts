import * as sns from "@pulumi/aws/sns";
import * as sqs from "@pulumi/aws/sqs";
import {
  validateResourceOfType,
  type Policies,
  type PolicyResource,
  type ReportViolation,
  type ResourceValidationPolicy,
  type StackValidationArgs,
  type StackValidationPolicy,
} from "@pulumi/policy";
import type { Resource } from "@pulumi/pulumi";
import { resourcesOf, type ResourceClass } from "./lib/graph";
import {
  coversAction,
  coversResource,
  isAboutEverybody,
  statementsOf,
  type Condition,
  type Statement,
} from "./lib/policyDocument";
import { holdersFor } from "./lib/policyHolders";

/** What reaches into messages. */
const QUEUE_ACTIONS = [
  "sqs:SendMessage",
  "sqs:ReceiveMessage",
  "sqs:DeleteMessage",
  "sqs:ChangeMessageVisibility",
  "sqs:PurgeQueue",
];

/** SQS Developer Guide, "Amazon SQS security best practices": "Enforce encryption of data in transit". */
const queueTlsOnly: StackValidationPolicy = {
  name: "sqs-queue-policy-tls-only",
  description: "A queue's policy refuses requests over plain HTTP.",
  configSchema: actionsSchema(QUEUE_ACTIONS),
  validateStack: (stack, report) =>
    checkEach(stack, report, {
      kind: "Queue",
      type: sqs.Queue,
      policyType: sqs.QueuePolicy,
      reference: "queueUrl",
      remedy: "Add an aws.sqs.QueuePolicy",
    }),
};

/** SNS Developer Guide, "Amazon SNS security best practices"; `sns:*` is no action of a topic policy. */
const topicTlsOnly: StackValidationPolicy = {
  name: "sns-topic-policy-tls-only",
  description: "A topic's policy refuses requests over plain HTTP.",
  configSchema: actionsSchema(["sns:Publish"]),
  validateStack: (stack, report) =>
    checkEach(stack, report, {
      kind: "Topic",
      type: sns.Topic,
      policyType: sns.TopicPolicy,
      reference: "arn",
      remedy: "Add an aws.sns.TopicPolicy",
    }),
};

/** SNS delivers to an endpoint of the protocol `http` as it says (SNS Developer Guide, "HTTP/HTTPS notifications"). */
const subscriptionTlsOnly: ResourceValidationPolicy = {
  name: "sns-subscription-tls-only",
  description: "A subscription does not deliver over plain HTTP.",
  validateResource: validateResourceOfType(sns.TopicSubscription, ({ protocol }, { name }, report) => {
    if (protocol !== "http") return;
    report(
      `Subscription "${name}" delivers over plain HTTP: messages can be read on the way. Set protocol to https, with an ` +
        "endpoint that begins with https.",
    );
  }),
};

/** Nothing travels in plain text. */
export const transportPolicies: Policies = [queueTlsOnly, topicTlsOnly, subscriptionTlsOnly];

/** What has a policy: a type whose own property `policy` holds it, or a resource of another type that refers to it. */
interface Guarded {
  readonly kind: string;
  readonly type: ResourceClass<Resource>;
  readonly policyType: ResourceClass<Resource>;
  /** The property of the policy's type that names what it is for. */
  readonly reference: string;
  readonly remedy: string;
}

function actionsSchema(actions: readonly string[]) {
  return {
    properties: {
      actions: {
        type: "array" as const,
        items: { type: "string" as const },
        default: [...actions],
        description: "What must be refused over plain HTTP.",
      },
    },
  };
}

function checkEach(stack: StackValidationArgs, report: ReportViolation, guarded: Guarded): void {
  const { actions } = stack.getConfig<{ readonly actions: readonly string[] }>();
  for (const { resource } of resourcesOf(stack, guarded.type)) {
    const holders = holdersFor(stack, resource, guarded.policyType, guarded.reference);
    const [fault] = holders.flatMap((holder) => faultOf(holder, resource, actions) ?? []);
    if (fault === undefined) continue;
    report(
      `${guarded.kind} "${resource.name}" ${fault}: messages and signatures can be read on the way. ${guarded.remedy} ` +
        `with a statement Deny, Principal "*", Action ${actions.join(", ")}, Resource the ARN, and the one Condition ` +
        '{"Bool": {"aws:SecureTransport": "false"}}.',
      resource.urn,
    );
  }
}

/** What a policy lets through over plain HTTP; there is one policy in force, so that each must refuse everything. */
function faultOf(
  holder: PolicyResource,
  { props }: PolicyResource,
  actions: readonly string[],
): string | undefined {
  const document: unknown = holder.props["policy"];
  if (!document) return "has no policy and takes plain HTTP";
  const statements = statementsOf(document);
  if (statements === undefined) return "has a policy that is no JSON policy document";
  const arn = String(props["arn"]);
  const refusals = statements.filter(
    (statement) => refusesPlainHttp(statement) && coversResource(statement, arn),
  );
  const exposed = actions.find((action) => !refusals.some((refusal) => coversAction(refusal, action)));
  return exposed && `takes ${exposed} over plain HTTP`;
}

/** A second condition would let plain HTTP through wherever it does not hold. */
function refusesPlainHttp(statement: Statement): boolean {
  const [condition, ...others] = statement.conditions;
  return (
    !statement.allows &&
    isAboutEverybody(statement) &&
    condition !== undefined &&
    others.length === 0 &&
    isPlainHttp(condition)
  );
}

function isPlainHttp({ operator, key, values }: Condition): boolean {
  return (
    /^Bool(IfExists)?$/i.test(operator) &&
    key.toLowerCase() === "aws:securetransport" &&
    values.length > 0 &&
    values.every((value) => value.toLowerCase() === "false")
  );
}
