import { crc32 } from "node:zlib";
import type { AwsDocument } from "../aws/api";
import { AwsError } from "../aws/error";
import { StateError } from "./stateError";

/** A service that a task can call: Step Functions calls it through the AWS SDK for Java, and that shows. */
export type TaskService = "dynamodb" | "sns" | "sqs";

interface ServiceTraits {
  /** Before the dot of an error's name. */
  readonly errorPrefix: string;
  /** As the AWS SDK for Java calls the service. */
  readonly sdkName: string;
  /** The error of whatever the SDK has no class for. */
  readonly baseException: string;
  /** Errors that the SDK has a class for, by the class. */
  readonly exceptions: ReadonlySet<string>;
  /** Whose codes the SDK's classes do not repeat. */
  readonly renamed?: Readonly<Record<string, string>>;
}

/** The names are those of recorded executions: localstack/localstack, tests/aws/services/stepfunctions. */
const SERVICES: Readonly<Record<TaskService, ServiceTraits>> = {
  dynamodb: {
    errorPrefix: "DynamoDB",
    sdkName: "AmazonDynamoDBv2",
    baseException: "AmazonDynamoDBException",
    exceptions: new Set([
      "ConditionalCheckFailedException",
      "InternalServerErrorException",
      "ItemCollectionSizeLimitExceededException",
      "ProvisionedThroughputExceededException",
      "ReplicatedWriteConflictException",
      "RequestLimitExceededException",
      "ResourceNotFoundException",
      "TransactionConflictException",
    ]),
  },
  sns: {
    errorPrefix: "SNS",
    sdkName: "AmazonSNS",
    baseException: "AmazonSNSException",
    exceptions: new Set([
      "AuthorizationErrorException",
      "InternalErrorException",
      "InvalidParameterException",
      "InvalidParameterValueException",
      "InvalidSecurityException",
      "KMSAccessDeniedException",
      "KMSDisabledException",
      "KMSInvalidStateException",
      "KMSNotFoundException",
      "KMSThrottlingException",
      "NotFoundException",
    ]),
    renamed: {
      AccessDeniedException: "AuthorizationErrorException",
      ParameterValueInvalid: "InvalidParameterValueException",
    },
  },
  sqs: {
    errorPrefix: "SQS",
    sdkName: "AmazonSQS",
    baseException: "AmazonSQSException",
    exceptions: new Set([
      "InvalidMessageContentsException",
      "QueueDoesNotExistException",
      "UnsupportedOperationException",
    ]),
  },
};

/** The service's error as Step Functions names it, with the SDK's text as its cause. */
export function asStateError(resourceType: TaskService, error: unknown, requestId: string): StateError {
  const { errorPrefix, sdkName, baseException, exceptions, renamed } = SERVICES[resourceType];
  // What is no answer of the service is a fault of the local run: the task sees a service that failed.
  const known =
    error instanceof AwsError ? error : new AwsError("InternalFailure", "The service failed.", 500);
  const named = known.code.endsWith("Exception") ? known.code : `${known.code}Exception`;
  const exception = renamed?.[known.code] ?? (exceptions.has(named) ? named : baseException);
  return new StateError(
    `${errorPrefix}.${exception}`,
    `${known.message} (Service: ${sdkName}; Status Code: ${known.status}; Error Code: ${known.code}; Request ID: ${requestId}; Proxy: null)`,
  );
}

/** What the AWS SDK for Java adds to an answer, in the shape of the recordings. */
export function sdkMetadata(
  resourceType: TaskService,
  answer: AwsDocument,
  requestId: string,
  now: number,
): AwsDocument {
  const json = JSON.stringify(answer);
  const headers: Record<string, string> = {
    ...(resourceType === "dynamodb" && { Server: "Server", "x-amz-crc32": String(crc32(json)) }),
    ...(resourceType !== "sns" && { Connection: "keep-alive" }),
    "Content-Length": String(Buffer.byteLength(json)),
    "Content-Type": resourceType === "sns" ? "text/xml" : "application/x-amz-json-1.0",
    Date: httpDate(now),
    "x-amzn-RequestId": requestId,
  };
  const allHeaders: Record<string, readonly string[]> = {};
  for (const name in headers) allHeaders[name] = [headers[name] ?? ""];
  return {
    SdkHttpMetadata: { AllHttpHeaders: allHeaders, HttpHeaders: headers, HttpStatusCode: 200 },
    SdkResponseMetadata: { RequestId: requestId },
  };
}

let dateOfSecond = { second: NaN, text: "" };

/** The time as HTTP writes it, to the second: written once a second. */
function httpDate(now: number): string {
  const second = Math.floor(now / 1000);
  if (dateOfSecond.second !== second) dateOfSecond = { second, text: new Date(now).toUTCString() };
  return dateOfSecond.text;
}
