import type { AwsDocument } from "../aws/api";
import { AwsError } from "../aws/error";
import type { Outcome } from "./execution";
import type { StartRequest } from "./startRequest";
import type { StateMachine } from "./stateMachine";

/** What StartSyncExecution bills at least, and in which steps (Step Functions pricing). */
const BILLED_STEP_MS = 100;
const BILLED_MEMORY_MB = 64;

/** The answer of `DescribeStateMachine`. */
export function describeStateMachine(machine: StateMachine): AwsDocument {
  const { definition, kmsKeyId, logging, roleArn, tracing } = machine;
  const destinations =
    logging.groupArn === undefined ? [] : [{ cloudWatchLogsLogGroup: { logGroupArn: logging.groupArn } }];
  return {
    ...summarize(machine),
    status: "ACTIVE",
    definition,
    roleArn,
    loggingConfiguration: {
      level: logging.level,
      includeExecutionData: logging.includeExecutionData,
      ...(destinations.length > 0 && { destinations }),
    },
    tracingConfiguration: { enabled: tracing },
    encryptionConfiguration:
      kmsKeyId === undefined ? { type: "AWS_OWNED_KEY" } : { type: "CUSTOMER_MANAGED_KMS_KEY", kmsKeyId },
  };
}

/** A machine as `ListStateMachines` shows it. */
export function summarize({ arn, createdAt, name }: StateMachine): AwsDocument {
  return { stateMachineArn: arn, name, type: "EXPRESS", creationDate: createdAt / 1000 };
}

/**
 * The answer of `StartSyncExecution`; times are milliseconds since the epoch.
 *
 * @throws AwsError `ServiceUnavailable` when the execution was abandoned because the run ends
 */
export function syncAnswer({
  arn,
  includedData,
  machine,
  outcome,
  request,
  startedAt,
  stoppedAt,
}: {
  readonly arn: string;
  readonly includedData: string | undefined;
  readonly machine: StateMachine;
  readonly outcome: Outcome;
  readonly request: StartRequest;
  readonly startedAt: number;
  readonly stoppedAt: number;
}): AwsDocument {
  if (outcome.status === "ABANDONED")
    throw new AwsError("ServiceUnavailable", "The local run is ending.", 503);
  const included = includedData !== "METADATA_ONLY";
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name: request.name,
    startDate: startedAt / 1000,
    stopDate: stoppedAt / 1000,
    ...ending(outcome, included),
    ...(included && { input: request.inputText }),
    inputDetails: { included },
    outputDetails: { included },
    ...(request.traceHeader !== undefined && { traceHeader: request.traceHeader }),
    billingDetails: {
      billedMemoryUsedInMB: BILLED_MEMORY_MB,
      billedDurationInMilliseconds:
        Math.max(1, Math.ceil((stoppedAt - startedAt) / BILLED_STEP_MS)) * BILLED_STEP_MS,
    },
  };
}

function ending(outcome: Outcome, included: boolean): AwsDocument {
  switch (outcome.status) {
    case "SUCCEEDED":
      return { status: "SUCCEEDED", ...(included && { output: outcome.output.json }) };
    case "FAILED":
      return {
        status: "FAILED",
        ...(outcome.error !== undefined && { error: outcome.error }),
        ...(outcome.cause !== undefined && { cause: outcome.cause }),
      };
    default:
      return { status: "TIMED_OUT", error: "States.Timeout" };
  }
}
