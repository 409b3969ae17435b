import { escapeJavaScript, urlDecode, urlEncode } from "./javaText";
import { JsonPathError, readPath } from "./jsonPath";
import { TemplateError } from "./vtl/syntax";
import { Builtin, isList, isMap, toJavaString, type VtlValue } from "./vtl/values";

/** The body that a template reads is not JSON, and the template needs it to be. */
export class BodyNotJson extends Error {}

/** The request's parameters as templates and mappings read them. */
export interface RequestParameters {
  readonly path: Readonly<Record<string, string>>;
  readonly querystring: Readonly<Record<string, string>>;
  /** By the names that the client sent. */
  readonly header: Readonly<Record<string, string>>;
}

/** A header by its name in any case, as authorizers, validators and parameter mappings find it. */
export function headerOf(headers: Readonly<Record<string, string>>, name: string): string | undefined {
  if (Object.hasOwn(headers, name)) return headers[name];
  const lower = name.toLowerCase();
  for (const key in headers)
    if (key.length === lower.length && key.toLowerCase() === lower) return headers[key];
  return undefined;
}

/** `$input`: a body and the request's parameters (API Gateway mapping template reference). */
export class Input extends Builtin {
  private document: unknown;
  private isParsed = false;

  constructor(
    private readonly body: string,
    private readonly parameters: RequestParameters,
  ) {
    super();
  }

  override property(name: string): VtlValue {
    return name === "body" ? this.body : undefined;
  }

  /** @throws BodyNotJson, TemplateError */
  override call(method: string, [argument]: readonly VtlValue[]): VtlValue {
    switch (method) {
      case "body":
        return this.body;
      case "json":
        return JSON.stringify(this.read(argument) ?? "");
      case "path":
        // What JSON.parse yields has nothing but the types of a template.
        return this.read(argument) as VtlValue;
      case "params":
        return argument === undefined ? this.allParameters() : this.parameter(toJavaString(argument));
      default:
        return super.call(`$input.${method}`, []);
    }
  }

  /** @returns `undefined` where the body has nothing */
  read(path: VtlValue): unknown {
    if (!this.isParsed) this.document = this.parse();
    this.isParsed = true;
    try {
      return readPath(this.document, toJavaString(path ?? "$"));
    } catch (error) {
      throw error instanceof JsonPathError ? new TemplateError(error.message) : error;
    }
  }

  /** A request without a body is an empty object to its template. */
  private parse(): unknown {
    if (this.body === "") return {};
    try {
      return JSON.parse(this.body) as unknown;
    } catch (error) {
      throw new BodyNotJson(error instanceof Error ? error.message : "");
    }
  }

  /**
   * Path, query string, header: searched in this order. "Header names and query parameters are processed in a
   * case-sensitive way" (important notes for REST APIs).
   */
  private parameter(name: string): VtlValue {
    const { path, querystring, header } = this.parameters;
    if (Object.hasOwn(path, name)) return path[name];
    if (Object.hasOwn(querystring, name)) return querystring[name];
    return Object.hasOwn(header, name) ? header[name] : "";
  }

  private allParameters(): VtlValue {
    const { path, querystring, header } = this.parameters;
    return { path, querystring, header };
  }
}

const UTILITIES: Readonly<Record<string, (text: string) => VtlValue>> = {
  base64Decode: (text) => Buffer.from(text, "base64").toString(),
  base64Encode: (text) => Buffer.from(text).toString("base64"),
  escapeJavaScript,
  parseJson: (text) => {
    try {
      return JSON.parse(text) as VtlValue;
    } catch {
      throw new TemplateError("$util.parseJson was given no JSON");
    }
  },
  urlDecode: (text) => {
    try {
      return urlDecode(text);
    } catch {
      throw new TemplateError("$util.urlDecode was given a malformed escape");
    }
  },
  urlEncode,
};

/** `$util` (API Gateway mapping template reference). */
class Utilities extends Builtin {
  override call(method: string, [argument]: readonly VtlValue[]): VtlValue {
    const utility = Object.hasOwn(UTILITIES, method) ? UTILITIES[method] : undefined;
    if (!utility) return super.call(`$util.${method}`, []);
    if (isList(argument) || isMap(argument))
      throw new TemplateError(`$util.${method} takes a string, not a map or a list: use $input.json`);
    return argument === null || argument === undefined ? "" : utility(toJavaString(argument));
  }
}

export const UTIL = new Utilities();

const NO_OVERRIDES: ReadonlyMap<string, string> = new Map();

/**
 * `$context.requestOverride` and `$context.responseOverride`: "an override may only be applied to each parameter
 * once", otherwise the gateway answers 5XX (developer guide, override request and response parameters).
 */
export class Overrides extends Builtin {
  readonly values = new Map<string, string>();
  private readonly groups = new Map<string, Overrides>();

  /**
   * @param groupNames what holds overrides of its own, such as `header`
   * @param allowed the names that may be set, `undefined` for any
   */
  constructor(
    private readonly groupNames: readonly string[],
    private readonly allowed?: readonly string[],
  ) {
    super();
  }

  /** The overrides below one name, such as `header`. */
  group(name: string): ReadonlyMap<string, string> {
    return this.groups.get(name)?.values ?? NO_OVERRIDES;
  }

  /** A group is made when a template first names it: few do. */
  override property(name: string): VtlValue {
    if (!this.groupNames.includes(name)) return this.values.get(name);
    const group = this.groups.get(name) ?? new Overrides([]);
    this.groups.set(name, group);
    return group;
  }

  override assign(name: string, value: VtlValue): void {
    if (this.allowed && !this.allowed.includes(name)) super.assign(name, value);
    if (this.values.has(name)) throw new TemplateError(`the override of "${name}" is applied twice`);
    this.values.set(name, toJavaString(value));
  }
}
