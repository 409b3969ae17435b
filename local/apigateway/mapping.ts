import type { CallContext } from "./context";
import { headerOf, type Input, type RequestParameters } from "./templateVariables";

/** The values that a parameter mapping can take. */
export interface MappingSources {
  readonly context: CallContext;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly request: RequestParameters;
  /** The client's body; a gateway response has none. */
  readonly body?: Input;
  /** What the integration answered, in mappings of its response. */
  readonly reply?: { readonly headers: Readonly<Record<string, string>>; readonly body: Input };
}

/** One compiled mapping: the value, or `undefined` when its source has none. */
export type Mapping = (sources: MappingSources) => string | undefined;

/**
 * Compiles the right side of a parameter mapping (API Gateway request and response data mapping reference).
 *
 * @param expression such as `'static'`, `method.request.header.X`, `integration.response.header.X`, `context.requestId`
 * @throws Error that names an expression which is not supported
 */
export function compileMapping(expression: string): Mapping {
  const literal = /^'(.*)'$/s.exec(expression);
  if (literal) return () => literal[1];
  const [head, rest] = split(
    expression,
    expression.startsWith("context.") || expression.startsWith("stageV") ? 1 : 3,
  );
  switch (head) {
    case "context": {
      const path = rest.split(".");
      return ({ context }) => context.text(path);
    }
    case "stageVariables":
      return ({ stageVariables }) => (Object.hasOwn(stageVariables, rest) ? stageVariables[rest] : undefined);
    case "method.request.path":
      return ({ request: { path } }) => (Object.hasOwn(path, rest) ? path[rest] : undefined);
    case "method.request.querystring":
      return ({ request: { querystring } }) =>
        Object.hasOwn(querystring, rest) ? querystring[rest] : undefined;
    case "method.request.header":
      return ({ request }) => headerOf(request.header, rest);
    case "method.request.body":
      return ({ body }) => body && bodyValue(body, rest);
    case "integration.response.header":
      return ({ reply }) => reply && headerOf(reply.headers, rest);
    case "integration.response.body":
      return ({ reply }) => reply && bodyValue(reply.body, rest);
    default:
      throw new Error(`the mapping "${expression}" is not supported`);
  }
}

/** `a.b.c.d` at the third dot: `a.b.c` and `d`. */
function split(expression: string, parts: number): readonly [string, string] {
  const steps = expression.split(".");
  return [steps.slice(0, parts).join("."), steps.slice(parts).join(".")];
}

/** The whole body, or the JSONPath that follows `body.`. */
function bodyValue(body: Input, path: string): string | undefined {
  if (path === "") return String(body.property("body"));
  const value = body.read(`$.${path}`);
  if (value === undefined) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}
