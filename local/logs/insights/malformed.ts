import { AwsError } from "../../aws/error";

/** The error of a query that cannot be run. */
export function malformed(reason: string): AwsError {
  return new AwsError("MalformedQueryException", `Malformed query: ${reason}.`);
}
