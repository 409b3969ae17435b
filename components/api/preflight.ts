import * as apigateway from "@pulumi/aws/apigateway";
import type * as pulumi from "@pulumi/pulumi";
import type { ApiParts } from "./parts";
import { choosingOrigin } from "./templates";

const HEADERS = {
  "Access-Control-Allow-Headers": "Authorization,Content-Type",
  "Access-Control-Allow-Methods": "GET,POST,OPTIONS",
  "Access-Control-Max-Age": "7200",
  Vary: "Origin",
};

/** Answers a browser's preflight request (CORS) on one resource, without authorization as browsers send none. */
export function preflight(
  name: string,
  restApi: apigateway.RestApi,
  resourceId: pulumi.Input<string>,
  allowedOrigins: readonly string[],
  parts: ApiParts,
): void {
  const target = { restApi: restApi.id, resourceId, httpMethod: "OPTIONS" };
  const method = parts.add(apigateway.Method, name, { ...target, authorization: "NONE" });
  const integration = parts.add(
    apigateway.Integration,
    name,
    {
      ...target,
      type: "MOCK",
      requestTemplates: { "application/json": '{"statusCode":200}' },
      passthroughBehavior: "NEVER",
    },
    [method],
  );
  const names = [...Object.keys(HEADERS), "Access-Control-Allow-Origin"];
  const methodResponse = parts.add(
    apigateway.MethodResponse,
    name,
    {
      ...target,
      statusCode: "200",
      responseParameters: Object.fromEntries(
        names.map((header) => [`method.response.header.${header}`, true]),
      ),
    },
    [method],
  );
  const [only, ...others] = allowedOrigins;
  const constant = { ...HEADERS, ...(others.length === 0 && { "Access-Control-Allow-Origin": only }) };
  parts.add(
    apigateway.IntegrationResponse,
    name,
    {
      ...target,
      statusCode: "200",
      responseParameters: Object.fromEntries(
        Object.entries(constant).map(([header, value]) => [`method.response.header.${header}`, `'${value}'`]),
      ),
      responseTemplates: { "application/json": choosingOrigin(allowedOrigins, "{}") },
    },
    [integration, methodResponse],
  );
}
