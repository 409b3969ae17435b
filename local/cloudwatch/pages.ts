import type { AwsDocument } from "../aws/api";
import { optionalString } from "../aws/document";
import { invalidNextToken } from "./errors";

/** One page of a listing; `NextToken` is the position after it. */
export function pageOf(
  input: AwsDocument,
  member: string,
  items: readonly AwsDocument[],
  size: number,
): AwsDocument {
  const token = optionalString(input, "NextToken") ?? "0";
  if (!/^\d{1,9}$/.test(token)) throw invalidNextToken();
  const end = Number(token) + size;
  return {
    [member]: items.slice(Number(token), end),
    ...(end < items.length && { NextToken: String(end) }),
  };
}
