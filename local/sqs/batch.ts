import type { AwsDocument } from "../aws/api";
import { optionalDocuments, optionalString } from "../aws/document";
import { AwsError } from "../aws/error";
import { emptyBatch, invalidEntryId, queryErrorCodeOf, repeatedEntryId, tooManyEntries } from "./errors";

/** One entry of a batch request. */
export interface BatchEntry {
  readonly id: string;
  readonly document: AwsDocument;
}

const MOST_ENTRIES = 10;
const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

/**
 * Reads a batch's entries.
 *
 * @param entryName what the API reference calls an entry, such as `SendMessageBatchRequestEntry`
 * @throws AwsError when there are none or more than ten, or their ids are invalid or not distinct
 */
export function readEntries(input: AwsDocument, entryName: string): readonly BatchEntry[] {
  const documents = optionalDocuments(input, "Entries") ?? [];
  if (documents.length === 0) throw emptyBatch(entryName);
  if (documents.length > MOST_ENTRIES) throw tooManyEntries(documents.length);
  const ids = new Set<string>();
  return documents.map((document) => {
    const id = optionalString(document, "Id") ?? "";
    if (!ENTRY_ID.test(id)) throw invalidEntryId();
    if (ids.has(id)) throw repeatedEntryId(id);
    ids.add(id);
    return { id, document };
  });
}

/** Does each entry by itself: one that fails is reported and hinders no other. */
export function answerEntries(
  entries: readonly BatchEntry[],
  answer: (document: AwsDocument) => AwsDocument,
): AwsDocument {
  const Successful: AwsDocument[] = [];
  const Failed: AwsDocument[] = [];
  for (const { id, document } of entries) {
    try {
      Successful.push({ Id: id, ...answer(document) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({
        Id: id,
        Code: queryErrorCodeOf(error),
        Message: error.message,
        SenderFault: error.status < 500,
      });
    }
  }
  return Failed.length > 0 ? { Successful, Failed } : { Successful };
}
