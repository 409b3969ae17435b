import { AwsError } from "../aws/error";

/** A request that DynamoDB refuses as it stands. */
export function validationError(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

/** A table, index or stream that does not exist. */
export function resourceNotFound(message = "Requested resource not found"): AwsError {
  return new AwsError("ResourceNotFoundException", message);
}

/** Throws a ValidationException when a check of dynalite's has found something wrong. */
export function refuseIf(problem: string | null | undefined): void {
  if (problem) throw validationError(problem);
}

/**
 * dynalite's errors as the service answers them: the type is `namespace#Name`, the message's name varies in case.
 *
 * @returns any other error as it is
 */
export function fromDynalite(error: unknown): unknown {
  if (!(error instanceof Error) || !("body" in error)) return error;
  const body = error.body;
  if (typeof body !== "object" || body === null || !("__type" in body)) return error;
  const type = String(body.__type);
  return new AwsError(type.slice(type.indexOf("#") + 1), error.message);
}

/**
 * Refuses the one name that JavaScript gives a meaning of its own: assigned, it would not become an attribute.
 *
 * @throws AwsError ValidationException
 */
export function refuseProtoName(name: string | number): void {
  if (name === "__proto__") throw validationError("An attribute cannot be named __proto__ here");
}
