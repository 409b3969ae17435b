import { CommandError, EXIT } from "../tools/command";
import type { Stack } from "./target";

/** How AWS's services say that the credentials are missing, expired or unknown. */
const CREDENTIALS = new Set([
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignature",
  "IncompleteSignatureException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "TokenProviderError",
  "UnrecognizedClientException",
]);

/** How they say that something of the stack is not there. */
const MISSING = new Set([
  "AWS.SimpleQueueService.NonExistentQueue",
  "QueueDoesNotExist",
  "ResourceNotFoundException",
  "StateMachineDoesNotExist",
]);

const NO_ANSWER = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

/** Whether the caller lacks a permission. */
export function isAccessDenied(error: unknown): boolean {
  return error instanceof Error && /^AccessDenied|^KmsAccessDenied|^NotAuthorized/.test(error.name);
}

/**
 * What an operator can do about an SDK client's error; any other error as it came.
 *
 * @param stack whose service was called
 */
export function explainAwsError(error: unknown, stack: Stack): unknown {
  if (!(error instanceof Error)) return error;
  const unreachable = (message: string) =>
    new CommandError(message, { cause: error, exitCode: EXIT.unreachable });
  if (CREDENTIALS.has(error.name))
    return unreachable(
      `AWS does not take the credentials (${error.message}). Sign in, for instance with: aws sso login`,
    );
  if (isAccessDenied(error))
    return unreachable(
      `The credentials do not permit this (${error.message}). docs/operations.md has the policy that an operator needs.`,
    );
  if (MISSING.has(error.name))
    return unreachable(
      stack.endpoint === undefined
        ? `Something of ${stack.name} is not there (${error.message}). Deploy it with: pulumi up`
        : `The local run is not the one that wrote its outputs (${error.message}). Start it again with: npm start`,
    );
  const { code } = error as NodeJS.ErrnoException;
  if (error.name === "TimeoutError" || (code !== undefined && NO_ANSWER.has(code)))
    return unreachable(
      stack.endpoint === undefined
        ? `AWS does not answer in ${stack.region} (${code ?? error.message}). Check the network.`
        : `There is no local run: ${stack.endpoint} does not answer (${code ?? error.message}). Start it with: npm start`,
    );
  return error;
}
