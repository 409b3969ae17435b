import { mappingSources, templateVariables, type ApiCall } from "./call";
import { configurationFault, GatewayFault } from "./faults";
import { compileMapping, type Mapping } from "./mapping";
import { byMediaType } from "./mediaType";
import { BodyNotJson } from "./templateVariables";
import { compileTemplate, type Template } from "./vtl/template";
import { TemplateError } from "./vtl/syntax";

type Passthrough = "WHEN_NO_MATCH" | "WHEN_NO_TEMPLATES" | "NEVER";

const LOCATIONS = ["header", "querystring", "path"];

/** What goes to the integration: a body and named parameters. */
export interface IntegrationRequest {
  readonly body: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly querystring: Readonly<Record<string, string>>;
  readonly path: Readonly<Record<string, string>>;
}

interface CompiledParameter {
  readonly location: "header" | "querystring" | "path";
  readonly name: string;
  readonly mapping: Mapping;
}

/** The integration request of a method: its templates and its parameter mappings, compiled. */
export class IntegrationRequestMapping {
  private readonly templates: ReadonlyMap<string, Template>;
  private readonly parameters: readonly CompiledParameter[];

  /** @throws Error that names a template or a parameter which cannot be hosted */
  constructor(
    requestTemplates: Readonly<Record<string, string>>,
    requestParameters: Readonly<Record<string, string>>,
    private readonly passthrough: Passthrough,
  ) {
    this.templates = compileTemplates(requestTemplates);
    this.parameters = Object.entries(requestParameters).map(compileParameter);
  }

  /**
   * @throws GatewayFault 415 for a content type without a template, 400 when the template needs JSON and gets none,
   *   500 when the template fails
   */
  build(call: ApiCall): IntegrationRequest {
    const body = this.body(call);
    const values = { header: {}, querystring: {}, path: {} } as Record<string, Record<string, string>>;
    const sources = mappingSources(call);
    for (const { location, name, mapping } of this.parameters) {
      const value = mapping(sources);
      if (value !== undefined) set(values, location, name, value);
    }
    const { requestOverride } = call.context;
    for (const location of LOCATIONS)
      for (const [name, value] of requestOverride.group(location)) set(values, location, name, value);
    return {
      body,
      headers: values["header"] ?? {},
      querystring: values["querystring"] ?? {},
      path: values["path"] ?? {},
    };
  }

  /** Developer guide, integration passthrough behaviors. */
  private body(call: ApiCall): string {
    const template = byMediaType(this.templates, call.mediaType);
    if (template) return renderRequest(template, call);
    const passes =
      this.passthrough === "WHEN_NO_MATCH" ||
      (this.passthrough === "WHEN_NO_TEMPLATES" && this.templates.size === 0);
    if (passes) return call.body;
    throw new GatewayFault("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type");
  }
}

/** @throws Error that names the content type of a template which cannot be hosted */
export function compileTemplates(templates: Readonly<Record<string, string>>): ReadonlyMap<string, Template> {
  return new Map(
    Object.entries(templates).map(([mediaType, text]) => {
      try {
        return [mediaType.toLowerCase(), compileTemplate(text)];
      } catch (error) {
        throw new Error(
          `its template for ${mediaType}: ${error instanceof Error ? error.message : String(error)}`,
          { cause: error },
        );
      }
    }),
  );
}

function renderRequest(template: Template, call: ApiCall): string {
  try {
    return template.render(templateVariables(call, call.input));
  } catch (error) {
    if (error instanceof BodyNotJson)
      throw new GatewayFault("BAD_REQUEST_BODY", `Could not parse request body into json: ${error.message}`);
    if (error instanceof TemplateError) throw configurationFault(error);
    throw error;
  }
}

function compileParameter([parameter, expression]: readonly [string, string]): CompiledParameter {
  const match = /^integration\.request\.(header|querystring|path)\.(.+)$/.exec(parameter);
  const [, location, name] = match ?? [];
  if (location === undefined || name === undefined)
    throw new Error(`the parameter "${parameter}" is not supported`);
  if (expression.startsWith("integration.")) throw new Error(`a request cannot map "${expression}"`);
  return { location: location as CompiledParameter["location"], name, mapping: compileMapping(expression) };
}

function set(
  values: Record<string, Record<string, string>>,
  location: string,
  name: string,
  value: string,
): void {
  const group = values[location];
  if (group) group[location === "header" ? name.toLowerCase() : name] = value;
}
