import type { Authorizer, KeyAuthorizer } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import { AwsError } from "../aws/error";
import type { Clock } from "../clock";
import { LogDelivery, type LogSink } from "./logDelivery";
import type { StateMachine } from "./stateMachine";

/**
 * Assumes a role for a service.
 *
 * @param sourceArn the resource for which the service asks
 * @throws AwsError when the role's trust policy does not allow it
 */
export type AssumeRole = (
  roleArn: string,
  servicePrincipal: string,
  sourceArn: string,
  sessionName: string,
) => Caller;

/** What a machine runs with. */
export interface MachineSession {
  readonly caller: Caller;
  /** Undefined when the machine logs nothing. */
  readonly delivery: LogDelivery | undefined;
}

/** What the role needs, on every resource, for logging (Developer Guide, "IAM policies for logging"). */
const LOGGING_ACTIONS = [
  "logs:CreateLogDelivery",
  "logs:GetLogDelivery",
  "logs:UpdateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:DescribeResourcePolicies",
  "logs:DescribeLogGroups",
];
/** What the role needs on the customer's key that encrypts the machine (Developer Guide, "Data at rest encryption"). */
const KEY_ACTIONS = ["kms:Decrypt", "kms:GenerateDataKey"];

/**
 * Assumes the machine's role and checks what CreateStateMachine checks.
 *
 * @throws AwsError `AccessDeniedException`, `InvalidLoggingConfiguration`, or what assuming the role throws
 */
export function openSession(
  machine: StateMachine,
  options: {
    readonly assumeRole: AssumeRole;
    readonly clock: Clock;
    readonly iam: Authorizer;
    readonly keys: KeyAuthorizer;
    readonly logs: LogSink;
    readonly onFault: (error: unknown) => void;
  },
): MachineSession {
  const { arn, kmsKeyId, logging, name, roleArn } = machine;
  const caller = options.assumeRole(roleArn, "states.amazonaws.com", arn, name);
  if (kmsKeyId !== undefined)
    for (const action of KEY_ACTIONS)
      options.keys.authorizeKey(caller, action, kmsKeyId, "states", {
        "kms:EncryptionContext:aws:states:stateMachineArn": arn,
      });
  if (logging.group === undefined) return { caller, delivery: undefined };
  checkLogging(machine, logging.group, caller, options);
  return {
    caller,
    delivery: new LogDelivery(options.logs, options.clock, logging.group, machine, options.onFault),
  };
}

function checkLogging(
  { name, roleArn }: StateMachine,
  group: string,
  caller: Caller,
  { iam, logs }: { readonly iam: Authorizer; readonly logs: LogSink },
): void {
  if (!logs.hasGroup(group))
    throw new AwsError(
      "InvalidLoggingConfiguration",
      `Invalid Logging Configuration: the log group ${group} of the state machine ${name} does not exist.`,
    );
  const missing = LOGGING_ACTIONS.filter((action) => !isAllowed(iam, caller, action));
  if (missing.length > 0)
    throw new AwsError(
      "AccessDeniedException",
      `The state machine IAM Role is not authorized to access the Log Destination: allow ${roleArn} ${missing.join(", ")} on "*".`,
    );
}

function isAllowed(iam: Authorizer, caller: Caller, action: string): boolean {
  try {
    iam.authorize(caller, action, "*");
    return true;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}
