import { AwsError } from "./error";

const CREDENTIAL =
  /^AWS4-HMAC-SHA256 (?:.*[ ,])?Credential=([A-Za-z0-9_]{1,128})\/\d{8}\/[\w-]+\/[\w-]+\/aws4_request(?:[ ,]|$)/;

/**
 * The access key id in the header of a Signature Version 4. The signature itself is not verified: the local run
 * tells its callers apart, it does not keep anyone out.
 *
 * @returns `undefined` when the request is not signed
 * @throws AwsError `IncompleteSignatureException` when the header is none of Signature Version 4
 */
export function accessKeyIdOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  const accessKeyId = CREDENTIAL.exec(authorization)?.[1];
  if (accessKeyId === undefined)
    throw new AwsError(
      "IncompleteSignatureException",
      "The Authorization header is no AWS Signature Version 4.",
    );
  return accessKeyId;
}
