import { parse } from "velocityjs";

/** A template that cannot be hosted, or that fails on a request's values. */
export class TemplateError extends Error {}

/** `$a.b`, `$a.get("b")`, `$a[0]`. */
export interface Reference {
  readonly type: "references";
  readonly id: string;
  /** `$!` prints nothing instead of the reference's own text when there is no value. */
  readonly leader: "$" | "$!";
  readonly isWraped?: boolean;
  readonly path?: readonly Accessor[];
  readonly args?: unknown;
}

export type Accessor =
  | { readonly type: "property"; readonly id: string }
  | { readonly type: "method"; readonly id: string; readonly args: readonly Expression[] | false }
  | { readonly type: "index"; readonly id: Expression };

export type Expression =
  | Reference
  | { readonly type: "string"; readonly value: string; readonly isEval?: boolean }
  | { readonly type: "integer" | "decimal"; readonly value: string | number }
  | { readonly type: "bool"; readonly value: "true" | "false" | "null" }
  | { readonly type: "array"; readonly value: readonly Expression[]; readonly isRange?: false }
  | { readonly type: "array"; readonly value: readonly (Expression | string)[]; readonly isRange: true }
  | { readonly type: "map"; readonly value: Readonly<Record<string, Expression>> }
  | { readonly type: "math"; readonly operator: string; readonly expression: readonly Expression[] };

export interface Directive {
  readonly type: string;
}
export interface SetDirective extends Directive {
  readonly equal: readonly [Reference, Expression];
}
export interface Condition extends Directive {
  readonly condition: Expression;
}
export interface ForEach extends Directive {
  readonly to: string;
  readonly from: Expression;
}
export interface Raw extends Directive {
  readonly value: string;
}

/** A block is its opening directive followed by its content; `#else` and `#elseif` stand in the content. */
export type Block = readonly [Directive, ...Statement[]];
export type Statement = string | Directive | Block;

const COMMENTS_AND_RAW = /##[^\n]*|#\*[\s\S]*?\*#|#\[\[[\s\S]*?\]\]#/g;
const OPENING = /#\{?(?:if|foreach|macro|define|noescape)\}?\s*\(/g;
const CLOSING = /#(?:end\b|\{end\})/g;
const STOP = /#(?:stop\b|\{stop\})/;

/**
 * Parses a mapping template.
 *
 * @throws TemplateError for what the parser refuses, and for an unclosed block, which it would accept
 */
export function parseTemplate(text: string): readonly Statement[] {
  const code = text.replace(COMMENTS_AND_RAW, "");
  const opened = code.match(OPENING)?.length ?? 0;
  const closed = code.match(CLOSING)?.length ?? 0;
  if (opened !== closed) throw new TemplateError(`it opens ${opened} blocks and closes ${closed} with #end`);
  if (STOP.test(code)) throw new TemplateError("the directive #stop is not supported");
  try {
    return parse(text) as unknown as readonly Statement[];
  } catch (error) {
    throw new TemplateError(error instanceof Error ? error.message : String(error));
  }
}
