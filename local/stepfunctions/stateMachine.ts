import * as z from "zod";
import { parseArn } from "../aws/arn";
import type { Resource } from "../aws/resource";
import { readInputs, readOutputs } from "../aws/properties";
import type { Clock } from "../clock";
import { compileDefinition } from "./definition";
import { DefinitionError } from "./definitionError";
import type { LogLevel } from "./history";
import type { Machine } from "./machine";

/** Where and how a machine's history is logged. */
export interface Logging {
  readonly level: LogLevel;
  readonly includeExecutionData: boolean;
  /** The group's name; undefined when nothing is logged. */
  readonly group: string | undefined;
  readonly groupArn: string | undefined;
}

/** A hosted state machine. */
export interface StateMachine {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** The definition as the program gave it. */
  readonly definition: string;
  readonly machine: Machine;
  readonly logging: Logging;
  readonly tracing: boolean;
  /** The customer's key that encrypts its data, if any. */
  readonly kmsKeyId: string | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

const INPUTS = z.strictObject({
  name: z.string().optional(),
  namePrefix: z.string().optional(),
  definition: z.string(),
  roleArn: z.string(),
  type: z.literal("EXPRESS", { error: "only EXPRESS machines are supported here (STANDARD is the default)" }),
  loggingConfiguration: z
    .strictObject({
      level: z.enum(["ALL", "ERROR", "FATAL", "OFF"]).default("OFF"),
      includeExecutionData: z.boolean().default(false),
      logDestination: z.string().optional(),
    })
    .optional(),
  tracingConfiguration: z.strictObject({ enabled: z.boolean().default(false) }).optional(),
  encryptionConfiguration: z
    .strictObject({
      type: z.enum(["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"]).optional(),
      kmsKeyId: z.string().optional(),
      kmsDataKeyReusePeriodSeconds: z.number().optional(),
    })
    .optional(),
  // Without effect here: a run has one version of each machine, and there is no bill.
  publish: z.boolean().optional(),
  versionDescription: z.string().optional(),
  region: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  tagsAll: z.record(z.string(), z.string()).optional(),
});

const OUTPUTS = z.object({ name: z.string(), arn: z.string() });

/**
 * Reads a state machine of the graph and compiles its definition.
 *
 * @throws Error that names the machine and what AWS would refuse or is not hosted here
 */
export function readStateMachine(resource: Resource, clock: Clock): StateMachine {
  const inputs = readInputs(resource, INPUTS);
  const { name, arn } = readOutputs(resource, OUTPUTS);
  try {
    return {
      name,
      arn,
      roleArn: inputs.roleArn,
      definition: inputs.definition,
      machine: compileDefinition(inputs.definition, clock),
      logging: readLogging(inputs.loggingConfiguration),
      tracing: inputs.tracingConfiguration?.enabled ?? false,
      kmsKeyId: inputs.encryptionConfiguration?.kmsKeyId,
      createdAt: clock.now(),
    };
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    throw new Error(
      `The definition of the state machine "${resource.name}" cannot be hosted: ${error.message}`,
      { cause: error },
    );
  }
}

function readLogging(configuration: z.infer<typeof INPUTS>["loggingConfiguration"]): Logging {
  const { level = "OFF", includeExecutionData = false, logDestination } = configuration ?? {};
  if (level === "OFF") return { level, includeExecutionData, group: undefined, groupArn: undefined };
  if (logDestination === undefined || !logDestination.endsWith(":*"))
    throw new DefinitionError(
      `logDestination must be a log group's ARN that ends in ":*", not ${logDestination}`,
    );
  const groupArn = logDestination.slice(0, -2);
  const group = parseArn(groupArn).resource.replace(/^log-group:/, "");
  return { level, includeExecutionData, group, groupArn: logDestination };
}
