import * as apigateway from "@pulumi/aws/apigateway";
import {
  validateResourceOfType,
  type Policies,
  type PolicyResource,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { dependenciesOf, isSame, resourcesOf, type Stack, type Typed } from "./lib/graph";
import { jsonObject } from "./lib/json";

/** Kinds of authorization, and whether they need an authorizer (API Gateway API Reference, `PutMethod`). */
const AUTHORIZATIONS: Readonly<Record<string, { readonly needsAuthorizer: boolean }>> = {
  AWS_IAM: { needsAuthorizer: false },
  COGNITO_USER_POOLS: { needsAuthorizer: true },
  CUSTOM: { needsAuthorizer: true },
};

/** A browser sends no credentials with OPTIONS (Fetch Standard, CORS preflight); an API key is no authorization. */
const methodAuthorizer: ResourceValidationPolicy = {
  name: "apigateway-method-authorizer",
  description: "Every method of an API but OPTIONS asks who calls it.",
  validateResource: validateResourceOfType(apigateway.Method, (method, { name }, report) => {
    const { httpMethod, authorization } = method;
    if (httpMethod === "OPTIONS") return;
    const kind = AUTHORIZATIONS[authorization];
    if (kind && (!kind.needsAuthorizer || method.authorizerId)) return;
    report(
      `Method "${name}" (${httpMethod}) ${kind ? "names no authorizer" : "lets anybody in"}: whoever finds the URL calls ` +
        "it. Set authorization to COGNITO_USER_POOLS or CUSTOM with the authorizerId of an aws.apigateway.Authorizer, or to " +
        "AWS_IAM.",
    );
  }),
};

/**
 * A validator checks a body against the model of its content type; the model `Empty`, which every API has, takes
 * everything (API Gateway Developer Guide, "Request validation for REST APIs").
 */
const requestValidator: StackValidationPolicy = {
  name: "apigateway-method-request-validator",
  description: "A method that takes a body holds it to a model before it reaches anything.",
  configSchema: {
    properties: {
      methods: {
        type: "array",
        items: { type: "string" },
        default: ["ANY", "PATCH", "POST", "PUT"],
        description: "HTTP methods that take a body.",
      },
    },
  },
  validateStack: (stack, report) => {
    const { methods } = stack.getConfig<{ readonly methods: readonly string[] }>();
    for (const method of resourcesOf(stack, apigateway.Method)) {
      if (!methods.includes(method.props.httpMethod)) continue;
      const fault =
        validatorFault(stack, method) ?? modelFault(stack, method) ?? contentTypeFault(stack, method);
      if (fault === undefined) continue;
      report(
        `Method "${method.resource.name}" (${method.props.httpMethod}) ${fault}: it passes on whatever it is sent. Set ` +
          "requestValidatorId to an aws.apigateway.RequestValidator of the stack with validateRequestBody: true, and " +
          "requestModels to an aws.apigateway.Model for each content type that the integration takes, with " +
          "passthroughBehavior: NEVER.",
        method.resource.urn,
      );
    }
  },
};

/** Nothing reaches a service behind an API that is not allowed or not well-formed. */
export const apiMethodPolicies: Policies = [methodAuthorizer, requestValidator];

function validatorFault(stack: Stack, { resource, props }: Typed<apigateway.Method>): string | undefined {
  const made = dependenciesOf(resource, "requestValidatorId");
  if (made.length === 0 && !props.requestValidatorId) return "has no request validator";
  const validators = resourcesOf(stack, apigateway.RequestValidator).filter(
    (validator) => made.includes(validator.resource) || isNamed(validator.resource, resource),
  );
  if (validators.length === 0) return "has a request validator that is not in this stack";
  return validators.every((validator) => validator.props.validateRequestBody === true)
    ? undefined
    : "has a request validator that does not look at the body";
}

/** Where the id is written out; the provider shows a resource's own among its outputs. */
function isNamed(validator: PolicyResource, method: PolicyResource): boolean {
  const { id } = validator.props as { readonly id?: unknown };
  return (
    dependenciesOf(method, "requestValidatorId").length === 0 &&
    Boolean(id) &&
    id === method.props["requestValidatorId"]
  );
}

/** Models that take everything; one of the stack is looked at, another of the API can only be known by its name. */
function modelFault(stack: Stack, { props }: Typed<apigateway.Method>): string | undefined {
  const names = Object.values(props.requestModels ?? {});
  if (names.length === 0) return "has no request model";
  if (names.includes("Empty")) return "has the request model Empty, which takes everything";
  const loose = resourcesOf(stack, apigateway.Model).find(
    (model) => names.includes(model.props.name) && !asksForSomething(model.props.schema),
  );
  return loose && `has the request model "${loose.resource.name}", which takes everything`;
}

/** Keywords of JSON schema that ask for nothing, or for no more than some object. */
const ANNOTATIONS = ["$schema", "$id", "id", "title", "description", "definitions", "default", "type"];

function asksForSomething(schema: unknown): boolean {
  return Object.entries(jsonObject(schema) ?? {}).some(
    ([keyword, value]) => !ANNOTATIONS.includes(keyword) && value !== true && !isEmpty(value),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** The key of the model that is for every content type (API Gateway API Reference, `PutMethod`, `requestModels`). */
const EVERY_CONTENT_TYPE = "$default";

/**
 * A body is held to the model of its content type; one of another type passes as it is, where the integration takes it
 * (API Gateway Developer Guide, "Method request behavior for payloads without mapping templates for REST APIs in API
 * Gateway"). Proxy integrations take every type; they are not asked.
 */
function contentTypeFault(stack: Stack, { resource, props }: Typed<apigateway.Method>): string | undefined {
  const models = Object.keys(props.requestModels ?? {});
  if (models.includes(EVERY_CONTENT_TYPE)) return undefined;
  for (const integration of resourcesOf(stack, apigateway.Integration)) {
    const { type, passthroughBehavior, requestTemplates } = integration.props;
    if (type !== "AWS" && type !== "HTTP") continue;
    if (!METHOD_KEY.every((property) => isSame(integration.resource, resource, property))) continue;
    if (passthroughBehavior !== "NEVER") return "takes a body of a content type that has no model";
    const open = Object.keys(requestTemplates ?? {}).find((contentType) => !models.includes(contentType));
    if (open !== undefined) return `takes a body of the content type ${open}, which has no model`;
  }
  return undefined;
}

/** What an integration has in common with its method. */
const METHOD_KEY = ["restApi", "resourceId", "httpMethod"];
