import { CREATED, type NewResource, type ResourceTypes } from "./newResource";

const ID_LENGTH = 6;
const API_ID_LENGTH = 10;
const NAME_LENGTH = 1024;

/** REST APIs. Keeps the path of every API resource, which a child's path begins with. */
export function apiGatewayResources(): ResourceTypes {
  const paths = new Map<string, string>();
  return {
    "aws:apigateway/account:Account": () => ({
      id: "api-gateway-account",
      apiKeyVersion: "4",
      features: ["UsagePlans"],
    }),
    "aws:apigateway/authorizer:Authorizer": (resource) => {
      const id = resource.lowerCaseId(ID_LENGTH);
      return {
        id,
        name: resource.physicalName({ maxLength: NAME_LENGTH }),
        arn: apiArn(resource, `/${apiOf(resource)}/authorizers/${id}`),
      };
    },
    "aws:apigateway/deployment:Deployment": (resource) => ({
      id: resource.lowerCaseId(ID_LENGTH),
      createdDate: CREATED,
    }),
    "aws:apigateway/integration:Integration": (resource) => ({ id: methodId("agi", resource) }),
    "aws:apigateway/integrationResponse:IntegrationResponse": (resource) => ({
      id: `${methodId("agir", resource)}-${resource.text("statusCode")}`,
    }),
    "aws:apigateway/method:Method": (resource) => ({ id: methodId("agm", resource) }),
    "aws:apigateway/methodResponse:MethodResponse": (resource) => ({
      id: `${methodId("agmr", resource)}-${resource.text("statusCode")}`,
    }),
    "aws:apigateway/methodSettings:MethodSettings": (resource) => ({
      id: `${apiOf(resource)}-${resource.text("stageName")}-${resource.text("methodPath")}`,
    }),
    "aws:apigateway/model:Model": model,
    "aws:apigateway/requestValidator:RequestValidator": (resource) => ({
      id: resource.lowerCaseId(ID_LENGTH),
      name: resource.physicalName({ maxLength: NAME_LENGTH }),
    }),
    "aws:apigateway/resource:Resource": (resource) => {
      const id = resource.lowerCaseId(ID_LENGTH);
      const parentPath = paths.get(resource.text("parentId"));
      if (parentPath === undefined) return resource.refuse("has a parent that is not of this stack");
      const path = `${parentPath === "/" ? "" : parentPath}/${resource.text("pathPart")}`;
      paths.set(id, path);
      return { id, path };
    },
    "aws:apigateway/response:Response": (resource) => ({
      id: `aggr-${resource.text("restApiId")}-${resource.text("responseType")}`,
    }),
    "aws:apigateway/restApi:RestApi": (resource) => {
      const id = resource.lowerCaseId(API_ID_LENGTH);
      const rootResourceId = resource.lowerCaseId(API_ID_LENGTH, "root");
      paths.set(rootResourceId, "/");
      return {
        id,
        name: resource.physicalName({ maxLength: NAME_LENGTH }),
        arn: apiArn(resource, `/${id}`),
        executionArn: resource.arn("execute-api", id),
        rootResourceId,
        createdDate: CREATED,
      };
    },
    "aws:apigateway/stage:Stage": stage,
  };
}

function stage(resource: NewResource) {
  const stageName = resource.text("stageName");
  const api = apiOf(resource);
  return {
    id: `ags-${api}-${stageName}`,
    arn: apiArn(resource, `/${api}/stages/${stageName}`),
    executionArn: resource.arn("execute-api", `${api}/${stageName}`),
    invokeUrl: `${resource.origin}/${stageName}`,
  };
}

function model(resource: NewResource) {
  const name = resource.physicalName({ maxLength: NAME_LENGTH });
  // API Gateway API reference, CreateModel: "The name of the model. Must be alphanumeric."
  if (!/^[a-zA-Z0-9]+$/.test(name))
    resource.refuse(`would be named "${name}", and a model's name is alphanumeric: give it a "name"`);
  return { id: resource.lowerCaseId(ID_LENGTH), name };
}

function methodId(kind: string, resource: NewResource): string {
  return `${kind}-${apiOf(resource)}-${resource.text("resourceId")}-${resource.text("httpMethod")}`;
}

function apiOf(resource: NewResource): string {
  return resource.text("restApi");
}

function apiArn(resource: NewResource, path: string): string {
  return `arn:aws:apigateway:${resource.region}::/restapis${path}`;
}
