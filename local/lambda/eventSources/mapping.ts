import type { AwsApi } from "../../aws/api";
import type { Authorizer } from "../../aws/authorizer";
import type { Clock } from "../../clock";
import type { LambdaFunction } from "../lambdaFunction";

/** Reads an event source and hands what it finds to a function. */
export interface EventSourceMapping {
  /** What Lambda checks when a mapping is created. @throws Error with Lambda's reason for refusing it */
  verify(): Promise<void>;
  start(): void;
  /** Stops reading; resolves once what is under way has come to its end. */
  stop(): Promise<void>;
}

/** The function of a mapping, and the session of its role. */
export type MappedFunction = Pick<LambdaFunction, "settings" | "caller" | "metrics" | "workers" | "invoke">;

/** What mappings work with. Sources are read, and failures sent, as the function's role. */
export interface MappingContext {
  readonly clock: Clock;
  readonly region: string;
  readonly origin: string;
  readonly iam: Authorizer;
  readonly sqs: AwsApi;
  readonly function: MappedFunction;
  /** Told of what keeps a mapping from working, such as a missing permission: it tries again later. */
  readonly onFault: (error: unknown) => void;
}

/** How long a mapping waits before it asks its source again after an error. */
export const SOURCE_RETRY_MS = 1_000;

/** An event of several records, each one JSON text. */
export function eventOf(records: readonly string[]): string {
  return `{"Records":[${records.join(",")}]}`;
}
