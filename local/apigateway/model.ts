import type { ValidateFunction } from "ajv";
import AjvDraft04 from "ajv-draft-04";
import { checkSchema } from "./modelSchema";
import { JsonFault, parseStrictJson } from "./strictJson";
import { validationText } from "./validationText";

/** All faults of a larger body are not collected: they could be many more than the body has bytes. */
const ALL_FAULTS_LIMIT_CHARACTERS = 131_072;

const OPTIONS = {
  strict: false,
  verbose: true,
  // The validator takes the regular expressions of ECMA 262 without the flag u.
  unicodeRegExp: false,
  // Unsourced: public projects report that `format` is not checked, so it is not relied on here either.
  validateFormats: false,
} as const;

/** A request model, compiled. */
export interface BodyModel {
  /** @returns the text of `$context.error.validationErrorString`, `undefined` when the body is valid */
  check(body: string): string | undefined;
}

/**
 * Compiles a model.
 *
 * @param schema JSON text of a JSON schema of draft 4
 * @throws Error that names what API Gateway does not take in it
 */
export function compileModel(schema: string): BodyModel {
  const document = parseSchema(schema);
  checkSchema(document);
  const isValid = compile(document, false);
  const collect = compile(document, true);
  return {
    check(body) {
      let value: unknown;
      try {
        value = parseStrictJson(body);
      } catch (error) {
        if (error instanceof JsonFault) return `[Could not parse request body into json: ${error.message}]`;
        throw error;
      }
      if (isValid(value)) return undefined;
      if (body.length > ALL_FAULTS_LIMIT_CHARACTERS) return validationText(isValid.errors ?? []);
      collect(value);
      return validationText(collect.errors ?? []);
    },
  };
}

function parseSchema(schema: string): object {
  let document: unknown;
  try {
    document = JSON.parse(schema);
  } catch {
    document = undefined;
  }
  if (typeof document !== "object" || document === null) throw new Error("its schema is not a JSON object");
  return document;
}

function compile(schema: object, allErrors: boolean): ValidateFunction {
  try {
    return new AjvDraft04({ ...OPTIONS, allErrors }).compile(schema);
  } catch (error) {
    throw new Error(`it is no JSON schema of draft 4: ${String(error)}`, {
      cause: error,
    });
  }
}
