import { GATEWAY_RESPONSE_STATUS, type GatewayResponseType } from "./faults";
import { HeaderSet } from "./headerSet";
import { compileMapping, type Mapping, type MappingSources } from "./mapping";
import { DEFAULT_MEDIA_TYPE, forAccept } from "./mediaType";
import type { GatewayAnswer } from "./answer";

/** A gateway response as the graph sets it up. */
export interface GatewayResponseDefinition {
  readonly statusCode: string | undefined;
  readonly responseParameters: Readonly<Record<string, string>>;
  readonly responseTemplates: Readonly<Record<string, string>>;
}

interface CompiledResponse {
  readonly status: number | undefined;
  readonly headers: readonly (readonly [name: string, mapping: Mapping])[];
  readonly templates: ReadonlyMap<string, (sources: MappingSources) => string>;
}

const HEADER = "gatewayresponse.header.";
const DEFAULT_TEMPLATE = '{"message":$context.error.messageString}';
const VARIABLE = /\$(context|stageVariables)((?:\.\w+)+)/g;

/** What an API answers by itself: refusals and failures. */
export class GatewayResponses {
  private readonly responses = new Map<GatewayResponseType, CompiledResponse>();

  /**
   * @throws Error that names a response type, parameter or expression which is not supported
   */
  add(type: string, definition: GatewayResponseDefinition): void {
    if (!isResponseType(type)) throw new Error(`there is no gateway response "${type}"`);
    this.responses.set(type, {
      status: definition.statusCode === undefined ? undefined : Number(definition.statusCode),
      headers: Object.entries(definition.responseParameters).map(compileHeader),
      templates: new Map(
        Object.entries(definition.responseTemplates).map(([key, text]) => [key, compileSubstitution(text)]),
      ),
    });
  }

  /** The answer of a type: its own response, otherwise that for all 4XX or 5XX, otherwise the built-in one. */
  answer(type: GatewayResponseType, sources: MappingSources, accept: string | undefined): GatewayAnswer {
    const builtInStatus = GATEWAY_RESPONSE_STATUS[type];
    const response = this.responses.get(type) ?? this.fallback(type);
    if (!response && type === "REQUEST_TOO_LARGE") return tooLarge(sources);
    const [contentType, template] = (response && forAccept(response.templates, accept)) ?? [
      DEFAULT_MEDIA_TYPE,
      BUILT_IN_TEMPLATE,
    ];
    const headers = new HeaderSet().set("Content-Type", contentType);
    for (const [name, mapping] of response?.headers ?? []) {
      const value = mapping(sources);
      if (value !== undefined) headers.map(name, value);
    }
    return { status: response?.status ?? builtInStatus, headers, body: template(sources) };
  }

  private fallback(type: GatewayResponseType): CompiledResponse | undefined {
    if (type === "REQUEST_TOO_LARGE") return undefined;
    return this.responses.get(GATEWAY_RESPONSE_STATUS[type] < 500 ? "DEFAULT_4XX" : "DEFAULT_5XX");
  }
}

/**
 * The refusal of a large body comes from before the API: deployed ones answer plain text, without what DEFAULT_4XX adds.
 */
function tooLarge({ context }: MappingSources): GatewayAnswer {
  return {
    status: GATEWAY_RESPONSE_STATUS.REQUEST_TOO_LARGE,
    headers: new HeaderSet().set("Content-Type", "text/plain"),
    body: context.text(["error", "message"]) ?? "",
  };
}

function isResponseType(type: string): type is GatewayResponseType {
  return Object.hasOwn(GATEWAY_RESPONSE_STATUS, type);
}

function compileHeader([parameter, expression]: readonly [string, string]): readonly [string, Mapping] {
  if (!parameter.startsWith(HEADER))
    throw new Error(`the response parameter "${parameter}" is not supported`);
  if (expression.startsWith("integration.") || expression.startsWith("method.request.body"))
    throw new Error(`a gateway response cannot map "${expression}"`);
  return [parameter.slice(HEADER.length), compileMapping(expression)];
}

/**
 * Gateway responses are no Velocity templates: they only substitute variables.
 *
 * `validationErrorString` is escaped as in a JSON string: answers of deployed APIs that people published show it
 * (`{"message": "Invalid request body", "error": "[object has missing required properties ([\"username\"])]"}`).
 */
export function compileSubstitution(text: string): (sources: MappingSources) => string {
  const parts: ((sources: MappingSources) => string)[] = [];
  let copied = 0;
  for (const match of text.matchAll(VARIABLE)) {
    const literal = text.slice(copied, match.index);
    parts.push(() => literal, compileVariable(match[0].slice(1)));
    copied = match.index + match[0].length;
  }
  const rest = text.slice(copied);
  return (sources) => parts.map((part) => part(sources)).join("") + rest;
}

function compileVariable(name: string): (sources: MappingSources) => string {
  const mapping = compileMapping(name);
  // The one variable that brings its own quotes.
  if (name === "context.error.messageString") return (sources) => mapping(sources) ?? '""';
  return (sources) => JSON.stringify(mapping(sources) ?? "").slice(1, -1);
}

const BUILT_IN_TEMPLATE = compileSubstitution(DEFAULT_TEMPLATE);
