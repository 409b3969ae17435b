import type { AwsHttpRequest } from "../aws/http";
import type { IntegrationRequest } from "./integrationRequest";

const FORM = "application/x-www-form-urlencoded";

interface Service {
  readonly protocol: "query" | "json";
  /** The version of the Query protocol's API, or what stands before the dot of `X-Amz-Target`. */
  readonly api: string;
}

const SERVICES: Readonly<Record<string, Service>> = {
  dynamodb: { protocol: "json", api: "DynamoDB_20120810" },
  states: { protocol: "json", api: "AWSStepFunctions" },
  sns: { protocol: "query", api: "2010-03-31" },
  sqs: { protocol: "query", api: "2012-11-05" },
};

/** A service that an integration calls, and how its requests are built. */
export interface ServiceTarget {
  request(integration: IntegrationRequest, traceId: string | undefined): AwsHttpRequest;
}

/**
 * Reads the URI of an AWS integration: `arn:aws:apigateway:{region}:{service}:{path|action}/{service_api}` (API
 * Gateway API reference, Integration). An `action` becomes the header `X-Amz-Target` or the parameter `Action`, a
 * `path` is the request's own.
 *
 * @throws Error that names what is not supported
 */
export function parseServiceUri(uri: string): ServiceTarget {
  const [, name = "", kind, target = ""] =
    /^arn:aws:apigateway:[a-z0-9-]+:([\w.-]+):(path|action)\/(.+)$/.exec(uri) ?? [];
  if (kind === undefined)
    throw new Error(`"${uri}" is not arn:aws:apigateway:{region}:{service}:{path|action}/{service_api}`);
  const service = Object.hasOwn(SERVICES, name) ? SERVICES[name] : undefined;
  if (!service)
    throw new Error(`the service "${name}" is not supported: ${Object.keys(SERVICES).join(", ")} are`);
  if (service.protocol === "json") {
    if (kind === "path") throw new Error(`"${uri}": ${name} is called by action, not by path`);
    return {
      request: (integration, traceId) => jsonRequest(`${service.api}.${target}`, integration, traceId),
    };
  }
  const action = kind === "action" ? { Action: target, Version: service.api } : {};
  const path = kind === "action" ? "/" : `/${target}`;
  return { request: (integration, traceId) => queryRequest(path, action, integration, traceId) };
}

/** API Gateway asks every service for JSON. */
function commonHeaders(traceId: string | undefined): Record<string, string> {
  return traceId === undefined
    ? { accept: "application/json" }
    : { accept: "application/json", "x-amzn-trace-id": `Root=${traceId};Sampled=1` };
}

function jsonRequest(
  target: string,
  { body, headers }: IntegrationRequest,
  traceId: string | undefined,
): AwsHttpRequest {
  return {
    path: "/",
    headers: {
      ...commonHeaders(traceId),
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": target,
      ...headers,
    },
    body,
  };
}

/** Parameters of the query string join those of the form: the services take them from either. */
function queryRequest(
  path: string,
  action: Readonly<Record<string, string>>,
  { body, headers: mapped, querystring, path: placeholders }: IntegrationRequest,
  traceId: string | undefined,
): AwsHttpRequest {
  const parameters = new URLSearchParams({ ...action, ...querystring }).toString();
  const isForm = mapped["content-type"]?.startsWith(FORM);
  const headers = { ...commonHeaders(traceId), "content-type": "application/json", ...mapped };
  if (parameters !== "") headers["content-type"] = FORM;
  return {
    path: path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(placeholders[name] ?? "")),
    headers,
    body: parameters === "" ? body : isForm && body !== "" ? `${parameters}&${body}` : parameters,
  };
}
