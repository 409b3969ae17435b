import type { CallContext } from "./context";
import type { MappingSources } from "./mapping";
import type { Input, RequestParameters } from "./templateVariables";
import { UTIL } from "./templateVariables";
import type { VtlValue } from "./vtl/values";

/** One request to a method, as far as integrations and their responses need it. */
export interface ApiCall {
  readonly context: CallContext;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly parameters: RequestParameters;
  /** Without parameters; JSON when the client sent none. */
  readonly mediaType: string;
  readonly accept: string | undefined;
  readonly body: string;
  readonly input: Input;
}

/** The variables of a template that reads `input`. */
export function templateVariables(call: ApiCall, input: Input): Readonly<Record<string, VtlValue>> {
  return { context: call.context, input, stageVariables: call.stageVariables, util: UTIL };
}

/** What a parameter mapping of this call can read. */
export function mappingSources(call: ApiCall): MappingSources {
  return {
    context: call.context,
    stageVariables: call.stageVariables,
    request: call.parameters,
    body: call.input,
  };
}
