import { randomUUID } from "node:crypto";
import type { AwsDocument } from "../aws/api";
import { isDocument, optionalDocument, optionalDocuments, optionalString } from "../aws/document";
import { type MessageAttributes, readMessageAttributes, sizeOfAttributes } from "../aws/messageAttributes";
import {
  batchTooLong,
  emptyBatch,
  invalidAttribute,
  invalidEntryId,
  invalidParameter,
  repeatedEntryId,
  tooManyEntries,
} from "./errors";

/** A message as it was published. */
export interface Publication {
  readonly messageId: string;
  readonly message: string;
  readonly subject: string | undefined;
  readonly attributes: MessageAttributes;
  readonly bytes: number;
}

const LARGEST_BYTES = 262_144;
const LONGEST_SUBJECT = 100;
const MOST_ENTRIES = 10;
const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;
/** ASCII, beginning with a letter, digit or punctuation mark (Publish, API reference). */
const SUBJECT = /^[!-~][ -~]*$/;
const FIFO_PARAMETERS = ["MessageGroupId", "MessageDeduplicationId"];

/** @throws AwsError `InvalidParameter` or `ParameterValueInvalid` as Publish documents it */
export function readPublication(document: AwsDocument): Publication {
  for (const name of FIFO_PARAMETERS)
    if (optionalString(document, name) !== undefined)
      throw invalidParameter(
        `${name} Reason: The request includes ${name} parameter that is not valid for this topic type`,
      );
  const text = optionalString(document, "Message");
  if (!text) throw invalidParameter("Empty message");
  const attributes = readMessageAttributes(
    optionalDocument(document, "MessageAttributes") ?? {},
    invalidAttribute,
  );
  const bytes = Buffer.byteLength(text) + sizeOfAttributes(attributes);
  if (bytes > LARGEST_BYTES) throw invalidParameter("Message too long");
  const subject = readSubject(document);
  const structure = optionalString(document, "MessageStructure") ?? "";
  if (structure === "") return { messageId: randomUUID(), message: text, subject, attributes, bytes };
  if (structure !== "json") throw invalidParameter("MessageStructure");
  // "Message attributes are sent only when the message structure is String" (Developer Guide, message attributes).
  return { messageId: randomUUID(), message: messageForSqs(text), subject, attributes: {}, bytes };
}

/**
 * Reads a batch; one invalid entry fails all of it.
 *
 * @throws AwsError as PublishBatch documents it
 */
export function readBatch(
  input: AwsDocument,
): readonly { readonly id: string; readonly publication: Publication }[] {
  const entries = optionalDocuments(input, "PublishBatchRequestEntries") ?? [];
  if (entries.length === 0) throw emptyBatch();
  if (entries.length > MOST_ENTRIES) throw tooManyEntries();
  const ids = entries.map((entry) => optionalString(entry, "Id") ?? "");
  if (!ids.every((id) => ENTRY_ID.test(id))) throw invalidEntryId();
  if (new Set(ids).size < ids.length) throw repeatedEntryId();
  const batch = entries.map((entry, index) => ({
    id: ids[index] ?? "",
    publication: readPublication(entry),
  }));
  if (batch.reduce((sum, { publication }) => sum + publication.bytes, 0) > LARGEST_BYTES)
    throw batchTooLong();
  return batch;
}

function readSubject(document: AwsDocument): string | undefined {
  const subject = optionalString(document, "Subject");
  if (subject !== undefined && (subject.length > LONGEST_SUBJECT || !SUBJECT.test(subject)))
    throw invalidParameter("Subject");
  return subject;
}

/** The text for the protocol `sqs` of a message that has one for each protocol. */
function messageForSqs(text: string): string {
  let messages: unknown;
  try {
    messages = JSON.parse(text);
  } catch {
    throw invalidParameter("Message Structure - JSON message body failed to parse");
  }
  const { default: fallback, sqs } = isDocument(messages) ? messages : {};
  if (typeof fallback !== "string")
    throw invalidParameter("Message Structure - No default entry in JSON message body");
  return typeof sqs === "string" ? sqs : fallback;
}
