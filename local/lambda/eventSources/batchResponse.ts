import { isDocument } from "../../aws/document";
import type { InvocationResult } from "../lambdaFunction";

/** What became of a batch: all of it processed, none of it, or all but the listed items. */
export type BatchOutcome =
  | { readonly kind: "processed" }
  | { readonly kind: "failed" }
  | { readonly kind: "partial"; readonly failed: ReadonlySet<string> };

const PROCESSED: BatchOutcome = { kind: "processed" };
const FAILED: BatchOutcome = { kind: "failed" };

/**
 * Reads what a function answered for a batch (Lambda Developer Guide, "Implementing partial batch responses",
 * success and failure conditions): no failures, an empty or a null answer mean that all went well; an error, an
 * identifier that is empty or not of the batch, or another shape mean that nothing did.
 *
 * @param reportsItems whether the mapping has `ReportBatchItemFailures`; without it only an error counts
 * @param identifiers of the batch's items
 */
export function readBatchOutcome(
  result: InvocationResult,
  reportsItems: boolean,
  identifiers: readonly string[],
): BatchOutcome {
  if (result.functionError) return FAILED;
  if (!reportsItems) return PROCESSED;
  const answer: unknown = JSON.parse(result.payload);
  if (answer === null || answer === "") return PROCESSED;
  if (!isDocument(answer)) return FAILED;
  const failures = answer["batchItemFailures"] ?? [];
  if (!Array.isArray(failures)) return FAILED;
  if (failures.length === 0) return PROCESSED;
  const failed = new Set<string>();
  for (const failure of failures) {
    const identifier: unknown = isDocument(failure) ? failure["itemIdentifier"] : undefined;
    if (typeof identifier !== "string" || !identifiers.includes(identifier)) return FAILED;
    failed.add(identifier);
  }
  return { kind: "partial", failed };
}
