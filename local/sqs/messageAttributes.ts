import { hash } from "node:crypto";
import type { AwsDocument } from "../aws/api";
import { optionalDocument } from "../aws/document";
import {
  type MessageAttribute,
  type MessageAttributes,
  readMessageAttributes,
} from "../aws/messageAttributes";
import { invalidMessageContents, invalidParameter } from "./errors";

const MOST_ATTRIBUTES = 10;
/** SendMessage in the SQS API reference: "The following Unicode characters are allowed". */
const FORBIDDEN = /[^\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** @throws AwsError `InvalidMessageContents` when the text holds a character that SQS refuses */
export function refuseForbiddenCharacters(text: string): void {
  if (FORBIDDEN.test(text)) throw invalidMessageContents();
}

/**
 * Reads a message's attributes or system attributes; `undefined` when there are none.
 *
 * @throws AwsError `InvalidParameterValue` that names the attribute, `InvalidMessageContents` for a forbidden character
 */
export function readAttributes(document: AwsDocument, member: string): MessageAttributes | undefined {
  const given = optionalDocument(document, member);
  if (given === undefined) return undefined;
  const count = Object.keys(given).length;
  if (count > MOST_ATTRIBUTES)
    throw invalidParameter(
      `Number of message attributes [${count}] exceeds the allowed maximum [${MOST_ATTRIBUTES}].`,
    );
  if (count === 0) return undefined;
  const attributes = readMessageAttributes(given, invalidParameter);
  for (const { StringValue } of Object.values(attributes)) refuseForbiddenCharacters(StringValue ?? "");
  return attributes;
}

/** A topic sends one text to several queues in a row: its digest is worth keeping until another text comes. */
let latestDigest = { text: "", md5: hash("md5", "") };

export function md5OfText(text: string): string {
  if (text !== latestDigest.text) latestDigest = { text, md5: hash("md5", text) };
  return latestDigest.md5;
}

/**
 * The digest by which a client checks what it sent or received (SQS Developer Guide, "Calculating the MD5 message
 * digest for message attributes"): names in order, then for each its length and name, its type's, the transport type
 * (1 text, 2 binary) and its value's.
 */
export function md5OfAttributes(attributes: MessageAttributes): string {
  const names = Object.keys(attributes).sort();
  const bytes = Buffer.allocUnsafe(mostBytes(attributes));
  let end = 0;
  for (const name of names) {
    const { DataType, StringValue = "", BinaryValue } = attributes[name] as MessageAttribute;
    end = writeWithLength(bytes, end, name, "utf8");
    end = writeWithLength(bytes, end, DataType, "utf8");
    end = bytes.writeUInt8(BinaryValue === undefined ? 1 : 2, end);
    end =
      BinaryValue === undefined
        ? writeWithLength(bytes, end, StringValue, "utf8")
        : writeWithLength(bytes, end, BinaryValue, "base64");
  }
  return hash("md5", bytes.subarray(0, end));
}

const LENGTH_BYTES = 4;

/** At least as many bytes as the digest is over: a UTF-16 unit makes three in UTF-8 at most. */
function mostBytes(attributes: MessageAttributes): number {
  let bytes = 0;
  for (const name in attributes) {
    const { DataType, StringValue = "", BinaryValue = "" } = attributes[name] as MessageAttribute;
    bytes += 3 * LENGTH_BYTES + 1;
    bytes += 3 * (name.length + DataType.length + StringValue.length + BinaryValue.length);
  }
  return bytes;
}

/** @returns where the next piece goes */
function writeWithLength(bytes: Buffer, start: number, text: string, encoding: "utf8" | "base64"): number {
  const length = bytes.write(text, start + LENGTH_BYTES, encoding);
  bytes.writeUInt32BE(length, start);
  return start + LENGTH_BYTES + length;
}

/** Whether a receiver's list asks for every attribute: `All`, or `.*`. */
export function asksForAll(names: readonly string[]): boolean {
  return names.includes("All") || names.includes(".*");
}

/** The attributes that a receiver's list of names and prefixes (`kind.*`) asks for. */
export function selectAttributes(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  const wanted = (name: string) =>
    names.some((asked) => (asked.endsWith(".*") ? name.startsWith(asked.slice(0, -2)) : name === asked));
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));
}
