/** What the gateway answers by itself (Gateway response types, API Gateway Developer Guide), with the default status. */
export const GATEWAY_RESPONSE_STATUS = {
  ACCESS_DENIED: 403,
  API_CONFIGURATION_ERROR: 500,
  AUTHORIZER_CONFIGURATION_ERROR: 500,
  AUTHORIZER_FAILURE: 500,
  BAD_REQUEST_BODY: 400,
  BAD_REQUEST_PARAMETERS: 400,
  DEFAULT_4XX: 400,
  DEFAULT_5XX: 500,
  EXPIRED_TOKEN: 403,
  INTEGRATION_FAILURE: 504,
  INTEGRATION_TIMEOUT: 504,
  INVALID_API_KEY: 403,
  INVALID_SIGNATURE: 403,
  MISSING_AUTHENTICATION_TOKEN: 403,
  QUOTA_EXCEEDED: 429,
  REQUEST_TOO_LARGE: 413,
  RESOURCE_NOT_FOUND: 404,
  THROTTLED: 429,
  UNAUTHORIZED: 401,
  UNSUPPORTED_MEDIA_TYPE: 415,
  WAF_FILTERED: 403,
} as const;

export type GatewayResponseType = keyof typeof GATEWAY_RESPONSE_STATUS;

/** The call ends with a gateway response. */
export class GatewayFault extends Error {
  /**
   * @param responseType which gateway response
   * @param message `$context.error.message`
   * @param details.validation `$context.error.validationErrorString`
   * @param details.cause what happened, for the local run's own output; the client never sees it
   */
  constructor(
    readonly responseType: GatewayResponseType,
    message: string,
    readonly details: { readonly validation?: string; readonly cause?: unknown } = {},
  ) {
    super(message);
  }
}

/** The request is refused before it reaches an API, in plain text: none of its gateway responses applies. */
export class RequestRefused extends Error {
  constructor(
    readonly status: 414 | 431,
    message: string,
  ) {
    super(message);
  }
}

/** The API is not set up right: AWS tells its client no more than this. */
export function configurationFault(cause: unknown): GatewayFault {
  return new GatewayFault("API_CONFIGURATION_ERROR", "Internal server error", { cause });
}

const ERROR_TYPES: Readonly<Partial<Record<GatewayResponseType, string>>> = {
  ACCESS_DENIED: "AccessDeniedException",
  BAD_REQUEST_BODY: "BadRequestException",
  BAD_REQUEST_PARAMETERS: "BadRequestException",
  DEFAULT_4XX: "BadRequestException",
  MISSING_AUTHENTICATION_TOKEN: "MissingAuthenticationTokenException",
  REQUEST_TOO_LARGE: "RequestTooLargeException",
  THROTTLED: "TooManyRequestsException",
  UNAUTHORIZED: "UnauthorizedException",
  UNSUPPORTED_MEDIA_TYPE: "BadRequestException",
};

/** The header `x-amzn-ErrorType`. */
export function errorTypeOf(type: GatewayResponseType): string {
  return ERROR_TYPES[type] ?? "InternalServerErrorException";
}
