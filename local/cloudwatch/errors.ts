import { AwsError } from "../aws/error";

/** Errors carry the code that the Query protocol has for them: CloudWatch's clients knew it by that. */

export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message, 400, {
    queryErrorCode: "InvalidParameterValue",
  });
}

export function missingParameter(name: string): AwsError {
  const message = `The parameter ${name} is required.`;
  return new AwsError("MissingRequiredParameterException", message, 400, {
    queryErrorCode: "MissingParameter",
  });
}

export function alarmNotFound(name: string): AwsError {
  return new AwsError("ResourceNotFound", `There is no alarm called ${name}.`, 404, {
    queryErrorCode: "ResourceNotFound",
  });
}

export function invalidNextToken(): AwsError {
  return new AwsError("InvalidNextToken", "The next token is not valid.", 400, {
    queryErrorCode: "InvalidNextToken",
  });
}
