import type { GatewayAnswer } from "./answer";
import type { CognitoAuthorizer } from "./authorization";
import type { ApiCall } from "./call";
import { GatewayFault } from "./faults";
import type { Integration } from "./integration";
import type { IntegrationResponses } from "./integrationResponse";
import { byMediaType } from "./mediaType";
import type { BodyModel } from "./model";
import { headerOf, type RequestParameters } from "./templateVariables";

/** `method.request.header.X`, taken apart. */
export interface MethodParameter {
  readonly location: "header" | "path" | "querystring";
  readonly name: string;
}

/** A method of the API, ready to answer. */
export interface ApiMethod {
  readonly resourceId: string;
  readonly resourcePath: string;
  readonly httpMethod: string;
  readonly authorizer: CognitoAuthorizer | undefined;
  readonly scopes: readonly string[];
  /** Empty when no validator checks them. */
  readonly requiredParameters: readonly MethodParameter[];
  /** By content type; empty when no validator checks bodies. */
  readonly models: ReadonlyMap<string, BodyModel>;
  readonly integration: Integration;
  readonly responses: IntegrationResponses;
}

/** @throws Error for anything but `method.request.{header|path|querystring}.{name}` */
export function parseMethodParameter(parameter: string): MethodParameter {
  const [, location, name] = /^method\.request\.(header|path|querystring)\.(.+)$/.exec(parameter) ?? [];
  if (location === undefined || name === undefined)
    throw new Error(`the request parameter "${parameter}" is not supported`);
  return { location: location as MethodParameter["location"], name };
}

/**
 * Answers a request that is authenticated and within its limits: validates, calls the integration, maps its answer.
 *
 * @throws GatewayFault
 */
export async function answerCall(method: ApiMethod, call: ApiCall): Promise<GatewayAnswer> {
  requireParameters(method.requiredParameters, call.parameters);
  requireValidBody(method.models, call);
  const reply = await method.integration.call(call);
  return method.responses.answer(reply, call);
}

/** "included and non-blank" (developer guide, request validation). */
function requireParameters(required: readonly MethodParameter[], parameters: RequestParameters): void {
  const missing = required.filter(({ location, name }) => {
    const values = parameters[location];
    const value =
      location === "header" ? headerOf(values, name) : Object.hasOwn(values, name) ? values[name] : "";
    return (value ?? "").trim() === "";
  });
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(", ");
  const message = `Missing required request parameters: [${names}]`;
  throw new GatewayFault("BAD_REQUEST_PARAMETERS", message, { validation: `[${names}]` });
}

/** A body whose content type has no model is not validated. */
function requireValidBody(models: ReadonlyMap<string, BodyModel>, { mediaType, body }: ApiCall): void {
  const validation = byMediaType(models, mediaType)?.check(body);
  if (validation !== undefined)
    throw new GatewayFault("BAD_REQUEST_BODY", "Invalid request body", { validation });
}
