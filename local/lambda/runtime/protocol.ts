/** What the two sides of a worker thread tell each other, in lists. Payloads cross as JSON text. */
import type { AwsHttpRequest, AwsHttpResponse } from "../../aws/http";

/** What a function's worker is started with. */
export interface RuntimeSettings {
  /** The folder of the unpacked archive. */
  readonly taskRoot: string;
  /** Such as `index.handler`. */
  readonly handler: string;
  readonly logFormat: LogFormat;
  /** The lowest level that the console methods write; only heeded with the JSON format. */
  readonly logLevel: LogLevel;
  /** The local endpoint of all services. */
  readonly origin: string;
}

export type LogFormat = "JSON" | "Text";

export const LOG_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What the worker is told. */
export type Command =
  | Invocation
  /** Answers an `awsCall`. */
  | { readonly type: "awsAnswer"; readonly id: number; readonly answer: AwsHttpResponse };

/** One invocation, on its way to the worker. */
export interface Invocation {
  readonly type: "invoke";
  readonly requestId: string;
  readonly functionArn: string;
  /** The event as JSON text. */
  readonly payload: string;
  /** Milliseconds until the function's timeout. */
  readonly remainingMs: number;
  /** How far the run's clock is ahead of the machine's, in milliseconds. */
  readonly clockAheadMs: number;
  /** The value of `X-Amzn-Trace-Id`. */
  readonly traceId: string;
}

/** An error as Lambda answers it. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace?: readonly string[];
}

/** What the worker reports. */
export type Report =
  | { readonly type: "ready" }
  | { readonly type: "initFailed"; readonly error: FunctionError }
  /** A log event. */
  | { readonly type: "log"; readonly message: string }
  /** The function calls an AWS service. */
  | { readonly type: "awsCall"; readonly id: number; readonly request: AwsHttpRequest }
  /** It does not wait for the answer of its `awsCall` any more. */
  | { readonly type: "awsCallOver"; readonly id: number }
  | { readonly type: "answered"; readonly payload: string; readonly usedMegabytes: number }
  | { readonly type: "failed"; readonly error: FunctionError; readonly usedMegabytes: number }
  /** An error that nothing caught: the worker ends after it. */
  | { readonly type: "crashed"; readonly error: FunctionError };
