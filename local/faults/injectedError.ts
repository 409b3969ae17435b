import { AwsError } from "../aws/error";
import type { FaultRule, FaultyService, Refusal } from "./rules";

interface KnownError {
  readonly code: string;
  readonly status: number;
  readonly fields?: Readonly<Record<string, unknown>>;
}
type KnownErrors = Readonly<Record<Refusal, KnownError>>;

const error = (code: string, status: number, queryErrorCode?: string): KnownError =>
  queryErrorCode === undefined ? { code, status } : { code, status, fields: { queryErrorCode } };

const UNAVAILABLE = error("ServiceUnavailable", 503);

/**
 * The services' errors as the models of the AWS SDK for JavaScript have them, and where these have none as the "Common
 * errors" of the API references: ThrottlingException 400, InternalFailure 500, ServiceUnavailable 503.
 */
const ERRORS: Readonly<Record<Exclude<FaultyService, "apigateway">, KnownErrors>> = {
  sqs: {
    throttling: error("RequestThrottled", 403, "RequestThrottled"),
    serverError: error("InternalFailure", 500),
    unavailable: UNAVAILABLE,
    accessDenied: error("AccessDeniedException", 403, "AccessDenied"),
  },
  sns: {
    throttling: error("ThrottledException", 429, "Throttled"),
    serverError: error("InternalErrorException", 500, "InternalError"),
    unavailable: UNAVAILABLE,
    accessDenied: error("AuthorizationErrorException", 403, "AuthorizationError"),
  },
  dynamodb: {
    throttling: error("ProvisionedThroughputExceededException", 400),
    serverError: error("InternalServerError", 500),
    unavailable: UNAVAILABLE,
    accessDenied: error("AccessDeniedException", 400),
  },
  states: {
    throttling: error("ThrottlingException", 400),
    serverError: error("InternalFailure", 500),
    unavailable: UNAVAILABLE,
    accessDenied: error("AccessDeniedException", 400),
  },
  logs: {
    throttling: error("ThrottlingException", 400),
    serverError: error("InternalServerException", 500),
    unavailable: error("ServiceUnavailableException", 503),
    accessDenied: error("AccessDeniedException", 400),
  },
  cloudwatch: {
    throttling: error("ThrottlingException", 400, "Throttling"),
    serverError: error("InternalServiceFault", 500, "InternalServiceError"),
    unavailable: UNAVAILABLE,
    accessDenied: error("AccessDeniedException", 403, "AccessDenied"),
  },
  lambda: {
    throttling: {
      code: "TooManyRequestsException",
      status: 429,
      fields: { Reason: "ConcurrentInvocationLimitExceeded", Type: "User" },
    },
    serverError: error("ServiceException", 500),
    unavailable: UNAVAILABLE,
    accessDenied: error("AccessDeniedException", 403),
  },
};

/** An error that a fault plan asked for: no fault of the run. */
export class InjectedError extends AwsError {
  /** @param refusal which of the service's errors; the rule's own `code` replaces its name */
  constructor(service: keyof typeof ERRORS, refusal: Refusal, { operation, fault, code }: FaultRule) {
    const known = ERRORS[service][refusal];
    const message = `Injected by the fault plan: ${fault} of ${service} ${operation}.`;
    if (code === undefined) super(known.code, message, known.status, known.fields);
    else super(code, message, known.status);
  }
}
