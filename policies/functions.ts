import * as apigateway from "@pulumi/aws/apigateway";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import * as scheduler from "@pulumi/aws/scheduler";
import * as sfn from "@pulumi/aws/sfn";
import {
  validateResourceOfType,
  type Policies,
  type PolicyResource,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import type { Resource } from "@pulumi/pulumi";
import { functionsBehind } from "./lib/functions";
import {
  dependenciesOf,
  referredBy,
  resourcesOf,
  type ResourceClass,
  type Stack,
  type Typed,
} from "./lib/graph";
import { readsQueue } from "./lib/queueMappings";

/** Those that AWS patches, previews left out (Lambda Developer Guide, "Lambda runtimes", in November 2026). */
const SUPPORTED_RUNTIMES = [
  "nodejs22.x",
  "nodejs24.x",
  "python3.11",
  "python3.12",
  "python3.13",
  "python3.14",
  "java8.al2",
  "java8.al2023",
  "java11",
  "java11.al2023",
  "java17",
  "java17.al2023",
  "java21",
  "java25",
  "dotnet10",
  "ruby3.3",
  "ruby3.4",
  "ruby4.0",
  "provided.al2023",
];

/** A container image brings its own runtime, which cannot be seen here. */
const supportedRuntime: ResourceValidationPolicy = {
  name: "lambda-supported-runtime",
  description: "A function runs on a runtime that still gets security updates.",
  configSchema: {
    properties: {
      runtimes: {
        type: "array",
        items: { type: "string" },
        default: SUPPORTED_RUNTIMES,
        description: "The identifiers of the runtimes that functions may use.",
      },
    },
  },
  validateResource: validateResourceOfType(lambda.Function, ({ packageType, runtime }, args, report) => {
    const { runtimes } = args.getConfig<{ readonly runtimes: readonly string[] }>();
    if (packageType === "Image" || runtimes.includes(runtime ?? "")) return;
    report(
      `Function "${args.name}" ${runtime ? `runs on ${runtime}, which is not supported any more` : "names no runtime"}: ` +
        `its security holes stay open. Set runtime to one of ${runtimes.join(", ")}.`,
    );
  }),
};

/**
 * A function without bounds takes the concurrency of all others in the region (Lambda Developer Guide, "Understanding
 * Lambda function scaling"). A stream is bounded by itself, by its shards times `parallelizationFactor`, and so are topics
 * of Kafka and queues of Amazon MQ; a queue of SQS by `maximumConcurrency` or the provisioned pollers ("Configuring
 * scaling behavior for SQS event source mappings"). Whatever else invokes it is not.
 */
const boundedConcurrency: StackValidationPolicy = {
  name: "lambda-bounded-concurrency",
  description: "A function has a bound on how many of it run at once.",
  validateStack: (stack, report) => {
    const mappings = resourcesOf(stack, lambda.EventSourceMapping);
    for (const { resource, props } of resourcesOf(stack, lambda.Function)) {
      if (isReserved(props.reservedConcurrentExecutions)) continue;
      const own = mappings.filter((mapping) =>
        functionsBehind(stack, mapping.resource, "functionName").includes(resource),
      );
      const unbounded = own.find((mapping) => !isBounded(mapping))?.resource ?? invokerOf(stack, resource);
      if (own.length > 0 && unbounded === undefined) continue;
      report(
        `Function "${resource.name}" may run as often at once as the region allows` +
          `${unbounded ? ` ("${unbounded.name}" calls it without a bound)` : ""}: it starves every other function, and ` +
          "whatever it calls. Set reservedConcurrentExecutions, or scalingConfig.maximumConcurrency of its queue's event " +
          "source mapping where nothing else calls it.",
        resource.urn,
      );
    }
  },
};

/** Without one Lambda makes it: not encrypted with the team's key, and kept for ever. */
const ownLogGroup: StackValidationPolicy = {
  name: "lambda-own-log-group",
  description: "A function logs to a log group of the stack that nothing else writes to.",
  validateStack: (stack, report) => {
    const functions = resourcesOf(stack, lambda.Function);
    const groups = new Map(functions.map((each) => [each.resource, logGroupOf(stack, each)]));
    for (const { resource } of functions) {
      const group = groups.get(resource);
      const sharer =
        [...groups].find(([other, its]) => other !== resource && its === group)?.[0] ??
        otherWriterTo(stack, group);
      if (group !== undefined && sharer === undefined) continue;
      const fault =
        group === undefined
          ? "logs to a group that is not in this stack, or that Lambda makes: nobody set its key or retention"
          : `shares the log group "${group.name}" with "${sharer?.name}": what it logged cannot be told apart, read or ` +
            "deleted on its own";
      report(
        `Function "${resource.name}" ${fault}. Set loggingConfig.logGroup to the name of an aws.cloudwatch.LogGroup of its own.`,
        resource.urn,
      );
    }
  },
};

/** A function is patched, leaves room for others, and can be understood afterwards. */
export const functionPolicies: Policies = [supportedRuntime, boundedConcurrency, ownLogGroup];

/** The provider shows -1 where nothing is reserved. */
function isReserved(executions: number | undefined): boolean {
  return executions !== undefined && executions >= 0;
}

function isBounded({ props }: Typed<lambda.EventSourceMapping>): boolean {
  const most = props.scalingConfig?.maximumConcurrency || props.provisionedPollerConfig?.maximumPollers;
  return !readsQueue(props) || Boolean(most);
}

/** What invokes a function besides event source mappings: a type, and the property that names the function. */
const INVOKERS: readonly (readonly [ResourceClass<Resource>, string])[] = [
  [lambda.Permission, "function"],
  [lambda.FunctionUrl, "functionName"],
  [apigateway.Integration, "uri"],
  [sfn.StateMachine, "definition"],
  [scheduler.Schedule, "target"],
];

function invokerOf(stack: Stack, handler: PolicyResource): PolicyResource | undefined {
  return INVOKERS.flatMap(([type, property]) =>
    resourcesOf(stack, type).filter(({ resource }) =>
      functionsBehind(stack, resource, property).includes(handler),
    ),
  )[0]?.resource;
}

/** Lambda writes to `/aws/lambda/NAME` unless it is told otherwise (Lambda Developer Guide, "Configuring CloudWatch log groups"). */
function logGroupOf(stack: Stack, { resource, props }: Typed<lambda.Function>): PolicyResource | undefined {
  const groups = resourcesOf(stack, cloudwatch.LogGroup);
  const made = groups.find((group) => dependenciesOf(resource, "loggingConfig").includes(group.resource));
  if (made !== undefined) return made.resource;
  const name = props.loggingConfig?.logGroup || `/aws/lambda/${props.name}`;
  return groups.find((group) => group.props.name === name)?.resource;
}

/** What else logs to a group: a type, and the property that names the group. */
const OTHER_WRITERS: readonly (readonly [ResourceClass<Resource>, string])[] = [
  [sfn.StateMachine, "loggingConfiguration"],
  [apigateway.Stage, "accessLogSettings"],
];

function otherWriterTo(stack: Stack, group: PolicyResource | undefined): PolicyResource | undefined {
  if (group === undefined) return undefined;
  return OTHER_WRITERS.flatMap(([type, property]) =>
    resourcesOf(stack, type).filter(({ resource }) => referredBy(stack, resource, property).includes(group)),
  )[0]?.resource;
}
