import { CallContext } from "../../../local/apigateway/context";
import { Input, UTIL } from "../../../local/apigateway/templateVariables";
import { compileTemplate } from "../../../local/apigateway/vtl/template";
import { CUSTOMER_ID, PLACED_AT } from "../../support/orders";

/*
 * The mapping templates, rendered by the local run's Velocity engine. What of AWS's engine is not documented, only a
 * deployment can show: `docs/unverified.md`.
 */

/** What a template reads. */
export interface Call {
  readonly body?: unknown;
  readonly path?: Readonly<Record<string, string>>;
  readonly querystring?: Readonly<Record<string, string>>;
  readonly header?: Readonly<Record<string, string>>;
  readonly xrayTraceId?: string;
}

/** What a template wrote and chose. */
export interface Rendered {
  readonly text: string;
  readonly extendedRequestId: string;
  /** What the template chose instead of the answer's own status. */
  readonly status: string | undefined;
  /** The origin that it let read the answer. */
  readonly origin: string | undefined;
}

/** Renders a template for a call of the customer. */
export function render(template: string, call: Call = {}): Rendered {
  const context = new CallContext({
    apiId: "api",
    stage: "v1",
    httpMethod: "GET",
    path: "/v1/orders",
    protocol: "HTTP/1.1",
    domainName: "api.example.com",
    sourceIp: "192.0.2.1",
    userAgent: "test",
    requestTimeEpoch: Date.parse(PLACED_AT),
    requestId: "chosen-by-the-client",
    xrayTraceId: call.xrayTraceId,
    claims: { sub: CUSTOMER_ID },
  });
  const body = typeof call.body === "string" ? call.body : JSON.stringify(call.body ?? {});
  const parameters = { path: {}, querystring: {}, header: {}, ...call };
  const variables = { input: new Input(body, parameters), util: UTIL, context, stageVariables: {} };
  return {
    text: compileTemplate(template).render(variables),
    extendedRequestId: context.extendedRequestId,
    status: context.responseOverride.values.get("status"),
    origin: context.responseOverride.group("header").get("Access-Control-Allow-Origin"),
  };
}

/** Renders a template that writes JSON. */
export function renderJson(template: string, call?: Call): unknown {
  return JSON.parse(render(template, call).text);
}

/** Texts that would mean something to SQS, DynamoDB, JSON or Velocity. */
export const HOSTILE = [
  `&Action=DeleteQueue&MessageBody=x`,
  `"},"KeyConditionExpression":"customerId <> :customer`,
  `'"\\ \n\t\r\u2028 {} ]} #set($x = 1) $context.authorizer.claims.sub \${util}`,
  `\\'\\"\\\\'`,
  `%22%7D`,
  `\u{1F49B} é \u0001`,
  `"}}`,
];
