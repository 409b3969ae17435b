import type { PolicyDocument } from "../aws/authorizer";
import { readPolicy } from "./document";
import { Policy } from "./policy";

/**
 * Reads the policy of a resource when the resource is hosted, so that what the local run cannot decide is refused
 * then and not at the first call.
 *
 * @param document the JSON text, or what it says
 * @param name what an error calls the policy, such as `The policy of the queue "x"`
 * @throws Error that names the policy and what in it is malformed or not supported, such as a condition operator
 */
export function readResourcePolicy(document: unknown, name: string): PolicyDocument {
  Policy.compile(document, name, "resource");
  return readPolicy(document, name) as PolicyDocument;
}
