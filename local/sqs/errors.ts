import { AwsError } from "../aws/error";

/**
 * An error of SQS. The JSON protocol names it by its shape (`code`); the Query protocol, and the JSON protocol's
 * header `x-amzn-query-error`, by an older code, which travels in `fields.queryErrorCode` (SQS Developer Guide,
 * "Interpreting Amazon SQS JSON API responses").
 */
function sqsError(code: string, message: string, queryErrorCode = code, status = 400): AwsError {
  return new AwsError(code, message, status, { queryErrorCode });
}

export const queueDoesNotExist = () =>
  sqsError(
    "QueueDoesNotExist",
    "The specified queue does not exist.",
    "AWS.SimpleQueueService.NonExistentQueue",
  );

export const invalidAddress = (url: string) =>
  sqsError("InvalidAddress", `The address ${url} is not valid for this endpoint.`, "InvalidAddress", 404);

export const missingParameter = (name: string) =>
  sqsError(
    "MissingRequiredParameterException",
    `The request must contain the parameter ${name}.`,
    "MissingParameter",
  );

export const invalidParameter = (message: string) =>
  sqsError("InvalidParameterValueException", message, "InvalidParameterValue");

export const invalidValue = (parameter: string, value: unknown, reason: string) =>
  invalidParameter(`Value ${String(value)} for parameter ${parameter} is invalid. Reason: ${reason}`);

export const invalidMessageContents = () =>
  sqsError(
    "InvalidMessageContents",
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF",
  );

export const invalidAttributeName = (message: string) => sqsError("InvalidAttributeName", message);

export const invalidAttributeValue = (name: string, reason: string) =>
  sqsError("InvalidAttributeValue", `Invalid value for the parameter ${name}. Reason: ${reason}`);

export const receiptHandleIsInvalid = (handle: string) =>
  sqsError(
    "ReceiptHandleIsInvalid",
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
    "ReceiptHandleIsInvalid",
    404,
  );

export const messageNotInflight = () =>
  sqsError(
    "MessageNotInflight",
    "The specified message isn't in flight.",
    "AWS.SimpleQueueService.MessageNotInflight",
  );

export const overLimit = () =>
  sqsError("OverLimit", "Too many messages in flight: a queue takes 120,000.", "OverLimit", 403);

export const purgeQueueInProgress = (name: string) =>
  sqsError(
    "PurgeQueueInProgress",
    `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`,
    "AWS.SimpleQueueService.PurgeQueueInProgress",
    403,
  );

export const resourceNotFound = (message: string) =>
  sqsError("ResourceNotFoundException", message, "ResourceNotFoundException", 404);

export const unsupportedOperation = (message: string) =>
  sqsError("UnsupportedOperation", message, "AWS.SimpleQueueService.UnsupportedOperation");

export const emptyBatch = (entryName: string) =>
  sqsError(
    "EmptyBatchRequest",
    `There should be at least one ${entryName} in the request.`,
    "AWS.SimpleQueueService.EmptyBatchRequest",
  );

export const tooManyEntries = (count: number) =>
  sqsError(
    "TooManyEntriesInBatchRequest",
    `Maximum number of entries per request are 10. You have sent ${count}.`,
    "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
  );

export const repeatedEntryId = (id: string) =>
  sqsError(
    "BatchEntryIdsNotDistinct",
    `Id ${id} repeated.`,
    "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
  );

export const invalidEntryId = () =>
  sqsError(
    "InvalidBatchEntryId",
    "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
    "AWS.SimpleQueueService.InvalidBatchEntryId",
  );

export const batchTooLong = (limit: number, size: number) =>
  sqsError(
    "BatchRequestTooLong",
    `Batch requests cannot be longer than ${limit} bytes. You have sent ${size} bytes.`,
    "AWS.SimpleQueueService.BatchRequestTooLong",
  );

/** Gives a refusal of IAM or KMS the names under which SQS passes it on. */
export function asSqsDenial(error: unknown): unknown {
  if (!(error instanceof AwsError)) return error;
  if (error.code === "AccessDeniedException")
    return sqsError("AccessDeniedException", error.message, "AccessDenied", 403);
  if (error.code === "KMSAccessDeniedException")
    return sqsError("KmsAccessDenied", error.message, "KMS.AccessDeniedException");
  return error;
}

/** The code that a client of the Query protocol, and a batch's failed entry, reads. */
export function queryErrorCodeOf(error: AwsError): string {
  const code = error.fields["queryErrorCode"];
  return typeof code === "string" ? code : error.code;
}
