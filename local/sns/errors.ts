import { AwsError } from "../aws/error";

/**
 * An error of SNS: `code` is the shape's name, as SDKs and state machines call it; on the wire the Query protocol has
 * a shorter one, which travels in `fields.queryErrorCode`.
 */
function snsError(code: string, queryErrorCode: string, message: string, status = 400): AwsError {
  return new AwsError(code, message, status, { queryErrorCode });
}

export const invalidParameter = (reason: string) =>
  snsError("InvalidParameterException", "InvalidParameter", `Invalid parameter: ${reason}`);

/** A message attribute without a proper value. */
export const invalidAttribute = (message: string) =>
  snsError("InvalidParameterValueException", "ParameterValueInvalid", message);

export const notFound = (what: "Topic" | "Subscription") =>
  snsError("NotFoundException", "NotFound", `${what} does not exist`, 404);

export const emptyBatch = () =>
  snsError(
    "EmptyBatchRequestException",
    "EmptyBatchRequest",
    "The batch request doesn't contain any entries.",
  );

export const tooManyEntries = () =>
  snsError(
    "TooManyEntriesInBatchRequestException",
    "TooManyEntriesInBatchRequest",
    "The batch request contains more entries than permissible.",
  );

export const repeatedEntryId = () =>
  snsError(
    "BatchEntryIdsNotDistinctException",
    "BatchEntryIdsNotDistinct",
    "Two or more batch entries in the request have the same Id.",
  );

export const invalidEntryId = () =>
  snsError(
    "InvalidBatchEntryIdException",
    "InvalidBatchEntryId",
    "The Id of a batch entry in a batch request doesn't abide by the specification.",
  );

export const batchTooLong = () =>
  snsError(
    "BatchRequestTooLongException",
    "BatchRequestTooLong",
    "The length of all the batch messages put together is more than the limit.",
  );

export const unsupportedOperation = (action: string) =>
  new AwsError(
    "UnsupportedOperation",
    `${action} is not served here: the stack's program defines topics and subscriptions.`,
  );

/** Gives a refusal of IAM or KMS the names under which SNS passes it on. */
export function asSnsDenial(error: unknown): unknown {
  if (!(error instanceof AwsError)) return error;
  if (error.code === "AccessDeniedException")
    return snsError("AuthorizationErrorException", "AuthorizationError", error.message, 403);
  if (error.code === "KMSAccessDeniedException")
    return snsError("KMSAccessDeniedException", "KMSAccessDenied", error.message);
  return error;
}
