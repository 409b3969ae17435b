import type { FunctionError } from "./protocol";

/** A failure of the runtime rather than of the function's code; Lambda names them `Runtime.Something`. */
export class RuntimeError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** What Lambda's Node.js runtime answers for something that was thrown (aws-lambda-nodejs-runtime-interface-client). */
export function describeError(thrown: unknown): FunctionError {
  if (!(thrown instanceof Error))
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split("\n") ?? [] };
}
