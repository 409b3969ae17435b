import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import * as s3 from "@pulumi/aws/s3";
import * as scheduler from "@pulumi/aws/scheduler";
import * as sns from "@pulumi/aws/sns";
import type { Policies, PolicyResource, StackValidationPolicy } from "@pulumi/policy";
import type { Resource } from "@pulumi/pulumi";
import { dependenciesOf, referredBy, resourcesOf, type ResourceClass, type Stack } from "./lib/graph";

/** Services that invoke asynchronously (Lambda Developer Guide, "Services that can invoke Lambda functions"). */
const ASYNCHRONOUS_SERVICES = [
  "cloudformation",
  "codecommit",
  "codepipeline",
  "config",
  "events",
  "iot",
  "logs",
  "s3",
  "scheduler",
  "ses",
  "sns",
];

/**
 * Lambda tries an event of an asynchronous invocation three times, for six hours at most, and then drops it unless there
 * is an on-failure destination or a dead-letter queue (Lambda Developer Guide, "Retaining records of asynchronous
 * invocations").
 */
const failureDestination: StackValidationPolicy = {
  name: "lambda-asynchronous-failure-destination",
  description: "A function that is invoked asynchronously says where the events go that it fails on.",
  configSchema: {
    properties: {
      asynchronousServices: {
        type: "array",
        items: { type: "string" },
        default: ASYNCHRONOUS_SERVICES,
        description:
          "Services, as in SERVICE.amazonaws.com, whose permission to invoke makes a function one.",
      },
    },
  },
  validateStack: (stack, report) => {
    const { asynchronousServices } = stack.getConfig<{ readonly asynchronousServices: readonly string[] }>();
    const reported = new Set<PolicyResource>();
    for (const [target, invoker] of invocations(stack, asynchronousServices)) {
      if (reported.has(target) || keepsFailures(stack, target)) continue;
      reported.add(target);
      report(
        `Function "${target.name}" is invoked asynchronously ("${invoker.name}") and has no on-failure destination: an ` +
          "event that it fails on three times is dropped. Add an aws.lambda.FunctionEventInvokeConfig with " +
          "destinationConfig.onFailure.destination, the ARN of a queue, or set the function's deadLetterConfig.",
        target.urn,
      );
    }
  },
};

/** No event is lost because a function that nobody waits for failed on it. */
export const asynchronousFunctionPolicies: Policies = [failureDestination];

/** What invokes asynchronously: a type, the property that names the function, and which of the type do so. */
const INVOKERS: readonly (readonly [ResourceClass<Resource>, string])[] = [
  [cloudwatch.EventTarget, "arn"],
  [scheduler.Schedule, "target"],
  [sns.TopicSubscription, "endpoint"],
  [s3.BucketNotification, "lambdaFunctions"],
  [lambda.FunctionEventInvokeConfig, "destinationConfig"],
];

/** Functions and aliases of the stack that are invoked asynchronously, each with what does it. */
function* invocations(
  stack: Stack,
  services: readonly string[],
): Generator<[PolicyResource, PolicyResource]> {
  for (const { resource, props } of resourcesOf(stack, lambda.Permission))
    if (services.includes(props.principal.split(".")[0] ?? ""))
      for (const target of functionsIn(stack, resource, "function")) yield [target, resource];
  for (const [type, property] of INVOKERS)
    for (const { resource } of resourcesOf(stack, type))
      for (const target of functionsIn(stack, resource, property)) yield [target, resource];
}

/** The functions and aliases behind a property, which may also hold a function's name. */
function functionsIn(stack: Stack, resource: PolicyResource, property: string): readonly PolicyResource[] {
  const referred = referredBy(stack, resource, property).filter(isInvocable);
  if (referred.length > 0 || dependenciesOf(resource, property).length > 0) return referred;
  const name: unknown = resource.props[property];
  return resourcesOf(stack, lambda.Function).flatMap(({ resource: each, props }) =>
    name && props.name === name ? [each] : [],
  );
}

function isInvocable(resource: PolicyResource): boolean {
  return resource.isType(lambda.Function) || resource.isType(lambda.Alias);
}

function keepsFailures(stack: Stack, target: PolicyResource): boolean {
  const [handler = target] = target.isType(lambda.Alias) ? functionsIn(stack, target, "functionName") : [];
  if (dependenciesOf(handler, "deadLetterConfig").length > 0) return true;
  if (handler.asType(lambda.Function)?.deadLetterConfig?.targetArn) return true;
  return resourcesOf(stack, lambda.FunctionEventInvokeConfig).some(
    ({ resource, props }) =>
      isConfigOf(stack, resource, props.qualifier, target, handler) &&
      Boolean(props.destinationConfig?.onFailure?.destination),
  );
}

/** A configuration without qualifier is for the function itself, one with an alias's name for that alias alone. */
function isConfigOf(
  stack: Stack,
  config: PolicyResource,
  qualifier: string | undefined,
  target: PolicyResource,
  handler: PolicyResource,
): boolean {
  const configured = functionsIn(stack, config, "functionName");
  if (!configured.includes(handler) && !configured.includes(target)) return false;
  if (!target.isType(lambda.Alias)) return !qualifier || qualifier === "$LATEST";
  return Boolean(qualifier) && qualifier === target.props["name"];
}
