import * as apigateway from "@pulumi/aws/apigateway";
import type { ApiParts } from "./parts";

/** API Gateway fills in the variables; there is no Velocity here, and `messageString` brings its own quotes. */
const MESSAGE = `{"message":$context.error.messageString}`;
const MESSAGE_AND_ID = `{"message":$context.error.messageString,"requestId":"$context.extendedRequestId"}`;
const MESSAGE_AND_DETAIL = `{"message":$context.error.messageString,"detail":"$context.error.validationErrorString"}`;

/** What the gateway answers by itself, before or instead of a method's own answers. */
const RESPONSES: Readonly<Record<string, { readonly status?: string; readonly template: string }>> = {
  BAD_REQUEST_BODY: { template: MESSAGE_AND_DETAIL },
  BAD_REQUEST_PARAMETERS: { template: MESSAGE_AND_DETAIL },
  MISSING_AUTHENTICATION_TOKEN: {
    status: "404",
    // The gateway's own text speaks of a token where there is no such route.
    template: `{"message":"There is no such resource. Use POST /orders, GET /orders or GET /orders/{orderId}."}`,
  },
  DEFAULT_4XX: { template: MESSAGE },
  DEFAULT_5XX: { template: MESSAGE_AND_ID },
};

/** Gives the gateway's own answers the shape, and the CORS headers, of the rest. */
export function gatewayResponses(
  name: string,
  restApi: apigateway.RestApi,
  allowedOrigins: readonly string[],
  parts: ApiParts,
): void {
  // No template can choose among several origins here; the API takes bearer tokens and no cookies.
  const [only, ...others] = allowedOrigins;
  const origin = others.length === 0 ? only : "*";
  for (const [responseType, { status, template }] of Object.entries(RESPONSES))
    parts.add(apigateway.Response, `${name}-${responseType.toLowerCase().replaceAll("_", "-")}`, {
      restApiId: restApi.id,
      responseType,
      ...(status !== undefined && { statusCode: status }),
      responseTemplates: { "application/json": template },
      responseParameters: { "gatewayresponse.header.Access-Control-Allow-Origin": `'${origin}'` },
    });
}
