import * as z from "zod";
import { parseJson } from "../json";

/** A log line's `...Details`. */
const dataDetails = z.object({ truncated: z.boolean() }).optional();

/**
 * One event of an execution's history as Step Functions writes it to CloudWatch Logs (Step Functions Developer Guide,
 * "Using CloudWatch Logs to log execution history"). Members that a reader does not know are left out.
 */
const loggedEvent = z.object({
  id: z.coerce.number().int().min(1),
  type: z.string(),
  /** Milliseconds since the epoch. */
  event_timestamp: z.coerce.number(),
  execution_arn: z.string(),
  details: z
    .object({
      name: z.string().optional(),
      input: z.string().optional(),
      inputDetails: dataDetails,
      output: z.string().optional(),
      outputDetails: dataDetails,
      parameters: z.string().optional(),
      error: z.string().optional(),
      cause: z.string().optional(),
    })
    .default({}),
});

/** What went into a step or came out of it: JSON text, perhaps cut off. Holds personal data. */
export interface Payload {
  readonly text: string;
  /** Step Functions cuts what it logs at 248 KB. */
  readonly truncated: boolean;
}

/** One event of an execution's history. */
export interface ExecutionEvent {
  readonly executionArn: string;
  /** From 1, in the order in which they happened. */
  readonly id: number;
  /** Such as `TaskStateEntered`. */
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The state's, of its entry and exit. */
  readonly name?: string;
  readonly input?: Payload;
  readonly output?: Payload;
  /** What a task was called with. */
  readonly parameters?: Payload;
  readonly error?: string;
  readonly cause?: string;
}

/** Reads one log line; undefined when it is no event of an execution. */
export function parseExecutionEvent(message: string): ExecutionEvent | undefined {
  const parsed = loggedEvent.safeParse(parseJson(message));
  if (!parsed.success) return undefined;
  const { id, type, event_timestamp: at, execution_arn: executionArn, details } = parsed.data;
  const { name, error, cause, input, output, parameters } = details;
  return {
    executionArn,
    id,
    type,
    at,
    ...(name !== undefined && { name }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    ...(input !== undefined && { input: payload(input, details.inputDetails) }),
    ...(output !== undefined && { output: payload(output, details.outputDetails) }),
    ...(parameters !== undefined && { parameters: payload(parameters, undefined) }),
  };
}

/** `arn:aws:states:REGION:ACCOUNT:express:MACHINE:NAME:ID`: the name that its starter gave it. */
export function executionNameOf(executionArn: string): string {
  return executionArn.split(":")[7] ?? "";
}

function payload(text: string, details: z.infer<typeof dataDetails>): Payload {
  return { text, truncated: details?.truncated ?? false };
}
