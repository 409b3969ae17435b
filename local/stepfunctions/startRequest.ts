import { randomUUID } from "node:crypto";
import type { AwsDocument } from "../aws/api";
import { optionalString } from "../aws/document";
import { AwsError } from "../aws/error";
import { isNestedTooDeep } from "../aws/nesting";
import { exceeds, Payload, PAYLOAD_LIMIT_BYTES } from "./payload";

/** A checked request to start an execution. */
export interface StartRequest {
  readonly name: string;
  readonly input: Payload;
  /** The input as it was sent. */
  readonly inputText: string;
  readonly traceHeader: string | undefined;
}

/** Characters that a name cannot have (API reference, StartExecution). */
const FORBIDDEN = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}\p{Cs}\uFFFE\uFFFF]/u;
const LONGEST_NAME = 80;
const LONGEST_TRACE_HEADER = 256;

/**
 * Reads what StartExecution and StartSyncExecution have in common.
 *
 * @throws AwsError `InvalidName`, `InvalidExecutionInput`, `ValidationException`
 */
export function readStartRequest(request: AwsDocument): StartRequest {
  const name = optionalString(request, "name") ?? randomUUID();
  if (name === "" || name.length > LONGEST_NAME || FORBIDDEN.test(name))
    throw new AwsError("InvalidName", `Invalid Name: '${name}'`);
  const inputText = optionalString(request, "input") ?? "{}";
  if (exceeds(inputText, PAYLOAD_LIMIT_BYTES)) throw tooLong("input", PAYLOAD_LIMIT_BYTES);
  const traceHeader = optionalString(request, "traceHeader");
  if (traceHeader !== undefined && traceHeader.length > LONGEST_TRACE_HEADER)
    throw tooLong("traceHeader", LONGEST_TRACE_HEADER);
  return { name, input: new Payload(parseInput(inputText), inputText), inputText, traceHeader };
}

function parseInput(text: string): unknown {
  const refuse = (reason: string) =>
    new AwsError("InvalidExecutionInput", `Invalid State Machine Execution Input: '${reason}'`);
  if (isNestedTooDeep(text)) throw refuse("it is nested too deep");
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : "");
  }
}

function tooLong(member: string, limit: number): AwsError {
  return new AwsError(
    "ValidationException",
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${limit}`,
  );
}
