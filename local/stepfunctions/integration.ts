import { randomUUID } from "node:crypto";
import type { AwsApis, AwsDocument } from "../aws/api";
import type { Caller } from "../aws/caller";
import { isDocument } from "../aws/document";
import { AwsError } from "../aws/error";
import type { Clock } from "../clock";
import { DefinitionError } from "./definitionError";
import { asStateError, sdkMetadata, type TaskService } from "./sdkService";
import { StateError } from "./stateError";

/** The services that a task can call. */
export type TaskApis = Pick<AwsApis, TaskService>;

/** A service that Step Functions calls itself ("optimized integration"). */
export interface Integration {
  /** As history events show it, such as `sns` and `publish`. */
  readonly resourceType: TaskService;
  readonly resource: string;
  readonly action: string;
  /** What `Arguments` may hold. */
  readonly parameters: ReadonlySet<string>;
  /** The parameter that may be any JSON: it is sent as text. */
  readonly jsonParameter: string | undefined;
}

const WRITE = [
  "ConditionExpression",
  "ConditionalOperator",
  "Expected",
  "ExpressionAttributeNames",
  "ExpressionAttributeValues",
  "ReturnConsumedCapacity",
  "ReturnItemCollectionMetrics",
  "ReturnValues",
  "TableName",
];

/** The parameters are those of the Developer Guide's page of each service ("Supported APIs"). */
const INTEGRATIONS: readonly Integration[] = [
  define("sns", "publish", "Message", [
    "Message",
    "MessageAttributes",
    "MessageDeduplicationId",
    "MessageGroupId",
    "MessageStructure",
    "PhoneNumber",
    "Subject",
    "TargetArn",
    "TopicArn",
  ]),
  define("sqs", "sendMessage", "MessageBody", [
    "DelaySeconds",
    "MessageAttributes",
    "MessageBody",
    "MessageDeduplicationId",
    "MessageGroupId",
    "QueueUrl",
  ]),
  define("dynamodb", "getItem", undefined, [
    "AttributesToGet",
    "ConsistentRead",
    "ExpressionAttributeNames",
    "Key",
    "ProjectionExpression",
    "ReturnConsumedCapacity",
    "TableName",
  ]),
  define("dynamodb", "putItem", undefined, [...WRITE, "Item"]),
  define("dynamodb", "deleteItem", undefined, [...WRITE, "Key"]),
  define("dynamodb", "updateItem", undefined, [...WRITE, "AttributeUpdates", "Key", "UpdateExpression"]),
];

/**
 * The integration that a task's `Resource` names.
 *
 * @param args the task's `Arguments` as the definition writes them
 * @throws DefinitionError when the resource or an argument is not supported
 */
export function findIntegration(resource: string, args: unknown): Integration {
  const integration = INTEGRATIONS.find(
    (one) => resource === `arn:aws:states:::${one.resourceType}:${one.resource}`,
  );
  if (integration === undefined) throw new DefinitionError(`the Resource ${resource} is not supported here`);
  const unknown = isDocument(args) ? unknownParameter(integration, args) : undefined;
  if (unknown !== undefined)
    throw new DefinitionError(`the field ${unknown} in Arguments is not supported by ${resource}`);
  return integration;
}

/**
 * Calls the service as the machine's role.
 *
 * @param args the evaluated `Arguments`
 * @returns the result as a state sees it, with what the SDK adds to it
 * @throws StateError with the error as Step Functions names it, such as `DynamoDB.ConditionalCheckFailedException`
 */
export async function callIntegration(
  integration: Integration,
  args: unknown,
  options: {
    readonly apis: TaskApis;
    readonly caller: Caller;
    readonly clock: Clock;
    readonly onFault: (error: unknown) => void;
  },
): Promise<unknown> {
  const { resourceType, action, jsonParameter } = integration;
  if (!isDocument(args))
    throw new StateError("States.Runtime", `The arguments of ${action} are not a JSON object.`);
  const unknown = unknownParameter(integration, args);
  if (unknown !== undefined)
    throw new StateError("States.Runtime", `The field "${unknown}" is not supported by Step Functions.`);
  const requestId = randomUUID();
  try {
    const answer = await options.apis[resourceType].call(
      action,
      withText(args, jsonParameter),
      options.caller,
    );
    return { ...answer, ...sdkMetadata(resourceType, answer, requestId, options.clock.now()) };
  } catch (error) {
    if (!(error instanceof AwsError)) options.onFault(error);
    throw asStateError(resourceType, error, requestId);
  }
}

function define(
  resourceType: TaskService,
  resource: string,
  jsonParameter: string | undefined,
  parameters: readonly string[],
): Integration {
  const action = resource.charAt(0).toUpperCase() + resource.slice(1);
  return { resourceType, resource, action, jsonParameter, parameters: new Set(parameters) };
}

function unknownParameter({ parameters }: Integration, args: AwsDocument): string | undefined {
  return Object.keys(args).find((name) => !parameters.has(name));
}

function withText(args: AwsDocument, jsonParameter: string | undefined): AwsDocument {
  if (jsonParameter === undefined) return args;
  const value = args[jsonParameter];
  return typeof value === "object" && value !== null
    ? { ...args, [jsonParameter]: JSON.stringify(value) }
    : args;
}
