import * as z from "zod";
import { readInputs, readOutputs } from "../aws/properties";
import type { Resource } from "../aws/resource";
import { LOG_LEVELS, type LogFormat, type LogLevel } from "./runtime/protocol";

/** Of the system's own log lines; the levels that Lambda has for them. */
export type SystemLogLevel = "DEBUG" | "INFO" | "WARN";

/** A function as the program defines it. */
export interface FunctionSettings {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  readonly runtime: string;
  readonly handler: string;
  /** A tagged archive of the Pulumi SDK. */
  readonly code: unknown;
  readonly timeoutMs: number;
  readonly memoryMegabytes: number;
  readonly variables: Readonly<Record<string, string>>;
  /** The key that the variables are encrypted with at rest; undefined for one of AWS's. */
  readonly keyArn: string | undefined;
  /** Invocations at once beyond which further ones are throttled. */
  readonly reservedConcurrency: number;
  readonly logGroupName: string;
  readonly logFormat: LogFormat;
  readonly applicationLogLevel: LogLevel;
  readonly systemLogLevel: SystemLogLevel;
}

const loggingConfig = z.strictObject({
  logFormat: z.enum(["JSON", "Text"]),
  applicationLogLevel: z.enum(LOG_LEVELS).optional(),
  systemLogLevel: z.enum(["DEBUG", "INFO", "WARN"]).optional(),
  logGroup: z.string().optional(),
});

const inputs = z.strictObject({
  role: z.string(),
  runtime: z.string().regex(/^nodejs\d+\.x$/, "only Node.js runtimes can run"),
  handler: z.string(),
  code: z.unknown(),
  timeout: z.number().int().min(1).max(900).default(3),
  memorySize: z.number().int().min(128).max(10_240).default(128),
  environment: z.strictObject({ variables: z.record(z.string(), z.string()).optional() }).optional(),
  kmsKeyArn: z.string().startsWith("arn:").optional(),
  loggingConfig: loggingConfig.optional(),
  reservedConcurrentExecutions: z.number().int().min(-1).optional(),
  // What follows changes nothing of how a function runs here.
  name: z.string().optional(),
  description: z.string().optional(),
  architectures: z.array(z.string()).optional(),
  packageType: z.literal("Zip").optional(),
  publish: z.boolean().optional(),
  skipDestroy: z.boolean().optional(),
  sourceCodeHash: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  tracingConfig: z.strictObject({ mode: z.enum(["Active", "PassThrough"]) }).optional(),
});
const outputs = z.object({ name: z.string(), arn: z.string() });

const UNRESERVED = -1;

/** @throws Error that names the function and the property which cannot be hosted */
export function readFunction(resource: Resource): FunctionSettings {
  const given = readInputs(resource, inputs);
  const { name, arn } = readOutputs(resource, outputs);
  const reserved = given.reservedConcurrentExecutions ?? UNRESERVED;
  return {
    name,
    arn,
    roleArn: given.role,
    runtime: given.runtime,
    handler: given.handler,
    code: given.code,
    timeoutMs: given.timeout * 1000,
    memoryMegabytes: given.memorySize,
    variables: given.environment?.variables ?? {},
    keyArn: given.kmsKeyArn,
    reservedConcurrency: reserved === UNRESERVED ? Infinity : reserved,
    logGroupName: given.loggingConfig?.logGroup ?? `/aws/lambda/${name}`,
    logFormat: given.loggingConfig?.logFormat ?? "Text",
    applicationLogLevel: given.loggingConfig?.applicationLogLevel ?? "INFO",
    systemLogLevel: given.loggingConfig?.systemLogLevel ?? "INFO",
  };
}
