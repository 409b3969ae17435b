import * as apigateway from "@pulumi/aws/apigateway";
import type * as pulumi from "@pulumi/pulumi";
import type { ApiParts } from "./parts";
import { choosingOrigin } from "./templates";

/** An answer of a method. */
export interface ApiResponse {
  readonly status: number;
  /** Regular expression on the service's HTTP status; the answer without one takes the rest. */
  readonly selectionPattern?: string;
  readonly template: string;
  /** Other statuses that the template may choose instead. */
  readonly overrides?: readonly number[];
}

/** A method that calls an AWS service by mapping templates, without a function. */
export interface ApiMethod {
  readonly httpMethod: "GET" | "POST";
  /** The token needs any of these. */
  readonly scopes: readonly string[];
  /** `method.request.path.x` or `method.request.querystring.x`, and whether it is required. */
  readonly requestParameters?: Readonly<Record<string, boolean>>;
  /** Name of the model that an `application/json` body is held to. */
  readonly requestModel?: pulumi.Input<string>;
  readonly integration: {
    readonly uri: pulumi.Input<string>;
    readonly roleArn: pulumi.Input<string>;
    /** Of the request that goes to the service. */
    readonly contentType: string;
    readonly template: pulumi.Input<string>;
  };
  readonly responses: readonly ApiResponse[];
}

export interface ApiMethodContext {
  readonly parts: ApiParts;
  readonly restApi: apigateway.RestApi;
  readonly resourceId: pulumi.Input<string>;
  readonly authorizer: apigateway.Authorizer;
  readonly validator: apigateway.RequestValidator;
  readonly allowedOrigins: readonly string[];
}

/** Creates a method with its integration and answers. */
export function apiMethod(name: string, definition: ApiMethod, context: ApiMethodContext): void {
  const { parts, restApi, resourceId } = context;
  const method = parts.add(apigateway.Method, name, {
    restApi: restApi.id,
    resourceId,
    httpMethod: definition.httpMethod,
    authorization: "COGNITO_USER_POOLS",
    authorizerId: context.authorizer.id,
    authorizationScopes: [...definition.scopes],
    requestValidatorId: context.validator.id,
    ...(definition.requestParameters && { requestParameters: definition.requestParameters }),
    ...(definition.requestModel !== undefined && {
      requestModels: { "application/json": definition.requestModel },
    }),
  });
  const integration = parts.add(apigateway.Integration, name, {
    restApi: restApi.id,
    resourceId,
    httpMethod: method.httpMethod,
    type: "AWS",
    integrationHttpMethod: "POST",
    uri: definition.integration.uri,
    credentials: definition.integration.roleArn,
    requestParameters: {
      "integration.request.header.Content-Type": `'${definition.integration.contentType}'`,
    },
    requestTemplates: { "application/json": definition.integration.template },
    // A body of another type would otherwise pass without being validated.
    passthroughBehavior: "NEVER",
  });
  for (const response of definition.responses) apiResponse(name, response, method, integration, context);
}

function apiResponse(
  name: string,
  response: ApiResponse,
  method: apigateway.Method,
  integration: apigateway.Integration,
  { parts, restApi, resourceId, allowedOrigins }: ApiMethodContext,
): void {
  const target = { restApi: restApi.id, resourceId, httpMethod: method.httpMethod };
  const statuses = [response.status, ...(response.overrides ?? [])];
  const methodResponses = statuses.map((status) =>
    parts.add(
      apigateway.MethodResponse,
      `${name}-${response.status}${status === response.status ? "" : `-${status}`}`,
      {
        ...target,
        statusCode: String(status),
        responseParameters: {
          "method.response.header.Access-Control-Allow-Origin": true,
          "method.response.header.Vary": true,
        },
      },
      [method],
    ),
  );
  parts.add(
    apigateway.IntegrationResponse,
    `${name}-${response.status}`,
    {
      ...target,
      statusCode: String(response.status),
      ...(response.selectionPattern !== undefined && { selectionPattern: response.selectionPattern }),
      responseParameters: corsHeaders(allowedOrigins),
      responseTemplates: { "application/json": choosingOrigin(allowedOrigins, response.template) },
    },
    [integration, ...methodResponses],
  );
}

/** Headers that are the same for every caller; with several origins the response template adds the one that asks. */
function corsHeaders(allowedOrigins: readonly string[]): Record<string, string> {
  const [only, ...others] = allowedOrigins;
  return {
    "method.response.header.Vary": "'Origin'",
    ...(others.length === 0 && { "method.response.header.Access-Control-Allow-Origin": `'${only}'` }),
  };
}
