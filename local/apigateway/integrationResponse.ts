import type { GatewayAnswer } from "./answer";
import { mappingSources, templateVariables, type ApiCall } from "./call";
import { configurationFault } from "./faults";
import { HeaderSet } from "./headerSet";
import { compileTemplates } from "./integrationRequest";
import { compileMapping, type Mapping } from "./mapping";
import { DEFAULT_MEDIA_TYPE, forAccept } from "./mediaType";
import { BodyNotJson, Input } from "./templateVariables";
import { TemplateError } from "./vtl/syntax";
import type { Template } from "./vtl/template";

/** What an integration answered. */
export interface IntegrationReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An integration response as the graph sets it up. */
export interface IntegrationResponseDefinition {
  readonly statusCode: string;
  readonly selectionPattern?: string | undefined;
  readonly responseParameters: Readonly<Record<string, string>>;
  readonly responseTemplates: Readonly<Record<string, string>>;
}

interface CompiledResponse {
  /** Matches the whole HTTP status of the integration; the default response has none. */
  readonly pattern: RegExp | undefined;
  readonly status: number;
  readonly headers: readonly (readonly [name: string, mapping: Mapping])[];
  readonly templates: ReadonlyMap<string, Template>;
}

export const METHOD_HEADER = "method.response.header.";

/** The integration responses of one method. */
export class IntegrationResponses {
  private readonly responses: CompiledResponse[] = [];

  /** @throws Error that says what cannot be hosted */
  add({
    statusCode,
    selectionPattern,
    responseParameters,
    responseTemplates,
  }: IntegrationResponseDefinition): void {
    const pattern = selectionPattern ? new RegExp(`^(?:${selectionPattern})$`) : undefined;
    if (!pattern && this.responses.some((response) => !response.pattern))
      throw new Error("a method has one response without a selection pattern, the default");
    this.responses.push({
      pattern,
      status: Number(statusCode),
      headers: Object.entries(responseParameters).map(compileHeader),
      templates: compileTemplates(responseTemplates),
    });
  }

  /**
   * Turns the integration's answer into the client's.
   *
   * @throws GatewayFault 500 when no response is meant for that status, or when a template fails
   */
  answer(reply: IntegrationReply, call: ApiCall): GatewayAnswer {
    const response =
      this.responses.find(({ pattern }) => pattern?.test(String(reply.status))) ??
      this.responses.find(({ pattern }) => !pattern);
    if (!response)
      throw configurationFault(`No integration response for the status ${reply.status}, and no default.`);
    const input = new Input(reply.body, call.parameters);
    try {
      return map(response, reply, input, call);
    } catch (error) {
      if (error instanceof TemplateError || error instanceof BodyNotJson) throw configurationFault(error);
      throw error;
    }
  }
}

function map(
  response: CompiledResponse,
  reply: IntegrationReply,
  input: Input,
  call: ApiCall,
): GatewayAnswer {
  const chosen = forAccept(response.templates, call.accept);
  const body = chosen ? chosen[1].render(templateVariables(call, input)) : reply.body;
  const headers = new HeaderSet().set("Content-Type", chosen?.[0] ?? DEFAULT_MEDIA_TYPE);
  const sources = { ...mappingSources(call), reply: { headers: reply.headers, body: input } };
  for (const [name, mapping] of response.headers) {
    const value = mapping(sources);
    if (value !== undefined) headers.map(name, value);
  }
  const { responseOverride } = call.context;
  for (const [name, value] of responseOverride.group("header")) headers.map(name, value);
  return {
    status: statusOf(responseOverride.values.get("status"), response.status),
    headers,
    body,
  };
}

function statusOf(override: string | undefined, status: number): number {
  if (override === undefined) return status;
  if (/^[1-5]\d\d$/.test(override)) return Number(override);
  throw new TemplateError(`"${override}" is no HTTP status`);
}

function compileHeader([parameter, expression]: readonly [string, string]): readonly [string, Mapping] {
  if (!parameter.startsWith(METHOD_HEADER))
    throw new Error(`the response parameter "${parameter}" is not supported`);
  return [parameter.slice(METHOD_HEADER.length), compileMapping(expression)];
}
