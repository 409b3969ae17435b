import type { Credentials } from "../iam/sessions";
import type { FunctionSettings } from "./functionSettings";

interface Surroundings {
  readonly region: string;
  /** The local endpoint of all services. */
  readonly origin: string;
  readonly credentials: Credentials;
  readonly taskRoot: string;
  readonly logStreamName: string;
}

/**
 * The whole environment of a function: what its program gave it, and what Lambda defines (Developer Guide, "Defined
 * runtime environment variables"). Nothing of the environment of the local run itself.
 *
 * @throws Error when the program gives a variable that Lambda reserves
 */
export function functionEnvironment(
  settings: FunctionSettings,
  around: Surroundings,
): Record<string, string> {
  const reserved = reservedVariables(settings, around);
  const taken = Object.keys(settings.variables).filter((name) => Object.hasOwn(reserved, name));
  if (taken.length > 0)
    throw new Error(
      `The function "${settings.name}" sets variables that Lambda reserves: ${taken.join(", ")}.`,
    );
  return {
    LANG: "en_US.UTF-8",
    PATH: "/usr/local/bin:/usr/bin:/bin",
    ...settings.variables,
    ...reserved,
    // The two differ from AWS: the SDK finds the local services, and no settings of the developer's.
    AWS_ENDPOINT_URL: around.origin,
    HOME: around.taskRoot,
  };
}

function reservedVariables(settings: FunctionSettings, around: Surroundings): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: around.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: around.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: around.credentials.sessionToken,
    AWS_DEFAULT_REGION: around.region,
    AWS_REGION: around.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${settings.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_NAME: settings.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_FORMAT: settings.logFormat,
    AWS_LAMBDA_LOG_GROUP_NAME: settings.logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: around.logStreamName,
    ...(settings.logFormat === "JSON" && { AWS_LAMBDA_LOG_LEVEL: settings.applicationLogLevel }),
    LAMBDA_TASK_ROOT: around.taskRoot,
    TZ: ":UTC",
    _HANDLER: settings.handler,
  };
}
