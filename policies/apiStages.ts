import * as apigateway from "@pulumi/aws/apigateway";
import {
  validateResourceOfType,
  type Policies,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { dependenciesOf, isSame, resourcesOf, type Typed } from "./lib/graph";

/** API Gateway Developer Guide, "Set up CloudWatch logging for REST APIs in API Gateway". */
const accessLogs: ResourceValidationPolicy = {
  name: "apigateway-stage-access-logs",
  description: "A stage of an API logs each request.",
  validateResource: validateResourceOfType(apigateway.Stage, ({ accessLogSettings }, { name }, report) => {
    if (accessLogSettings?.format && accessLogSettings.destinationArn) return;
    report(
      `Stage "${name}" has no access log: nobody can tell which requests were refused or failed. Set accessLogSettings ` +
        "with a format and, as destinationArn, the ARN of an aws.cloudwatch.LogGroup.",
    );
  }),
};

/** API Gateway Developer Guide, "Trace user requests to REST APIs using X-Ray". */
const tracing: ResourceValidationPolicy = {
  name: "apigateway-stage-tracing",
  description: "A stage of an API traces requests, so that one can be followed through all services.",
  validateResource: validateResourceOfType(apigateway.Stage, ({ xrayTracingEnabled }, { name }, report) => {
    if (xrayTracingEnabled === true) return;
    report(
      `Stage "${name}" traces no request: where one was slow or was lost cannot be seen. Set xrayTracingEnabled to true.`,
    );
  }),
};

/** All methods of a stage (API Gateway API Reference, `UpdateStage`, method settings). */
const EVERY_METHOD = "*/*";

/**
 * Without limits one caller takes the rate that the account has for all its APIs; settings of a single method replace
 * those of the stage (API Gateway Developer Guide, "Throttle requests to your REST APIs").
 */
const throttling: StackValidationPolicy = {
  name: "apigateway-stage-throttling",
  description: "A stage of an API bounds the requests that it takes.",
  validateStack: (stack, report) => {
    const all = resourcesOf(stack, apigateway.MethodSettings);
    for (const stage of resourcesOf(stack, apigateway.Stage)) {
      const settings = all.filter((each) => isOfStage(each, stage));
      const open = settings.find((each) => !isThrottled(each));
      if (open === undefined && settings.some(({ props }) => props.methodPath === EVERY_METHOD)) continue;
      report(
        `Stage "${stage.resource.name}" takes as many requests as the account does` +
          `${open ? ` for ${open.props.methodPath} ("${open.resource.name}")` : ""}: one caller shuts out those of every ` +
          `other API. Add an aws.apigateway.MethodSettings for ${EVERY_METHOD} with throttlingRateLimit and ` +
          "throttlingBurstLimit above 0, and set both wherever a method has settings of its own.",
        stage.resource.urn,
      );
    }
  },
};

/** An API stays up, and what it did can be seen. */
export const apiStagePolicies: Policies = [accessLogs, tracing, throttling];

/** Whether settings are those of a stage: made of it, or with its name and its API. */
function isOfStage(settings: Typed<apigateway.MethodSettings>, stage: Typed<apigateway.Stage>): boolean {
  const made = dependenciesOf(settings.resource, "stageName");
  const stages = made.filter((each) => each.isType(apigateway.Stage));
  if (stages.length > 0) return stages.includes(stage.resource);
  return (
    isSame(settings.resource, stage.resource, "restApi") && settings.props.stageName === stage.props.stageName
  );
}

/** The provider shows -1 where nothing is set, which is without limit. */
function isThrottled({ props: { settings } }: Typed<apigateway.MethodSettings>): boolean {
  return Number(settings.throttlingRateLimit) > 0 && Number(settings.throttlingBurstLimit) > 0;
}
