import type { AwsDocument } from "./api";
import { isDocument, optionalString } from "./document";
import type { AwsError } from "./error";

/** One attribute of a message of SQS or SNS; a binary value is base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** Makes the error that the service documents for an invalid attribute. */
export type Refuse = (message: string) => AwsError;

const LONGEST_TEXT = 256;
const NAME = /^(?!\.)(?!.*\.\.)[A-Za-z0-9_.-]+(?<!\.)$/;
const RESERVED_NAME = /^(aws|amazon)\./i;
const DATA_TYPE = /^(String|Number|Binary)(\..+)?$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Reads a map of message attributes as SQS and SNS check it (SQS Developer Guide, "Amazon SQS message metadata"; SNS
 * Developer Guide, "Amazon SNS message attributes").
 *
 * @throws what `refuse` makes, with a message that names the attribute
 */
export function readMessageAttributes(map: AwsDocument, refuse: Refuse): MessageAttributes {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, readOne(name, value, refuse)]));
}

function readOne(name: string, value: unknown, refuse: Refuse): MessageAttribute {
  if (name.length > LONGEST_TEXT || !NAME.test(name) || RESERVED_NAME.test(name))
    throw refuse(
      `The message attribute name '${name}' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.`,
    );
  const attribute = isDocument(value) ? value : {};
  const dataType = optionalString(attribute, "DataType");
  if (!dataType)
    throw refuse(`The message attribute '${name}' must contain non-empty message attribute type.`);
  const base = DATA_TYPE.exec(dataType)?.[1];
  if (base === undefined || dataType.length > LONGEST_TEXT)
    throw refuse(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const [member, other] = base === "Binary" ? ["BinaryValue", "StringValue"] : ["StringValue", "BinaryValue"];
  const text = optionalString(attribute, member as string);
  if (!text || optionalString(attribute, other as string))
    throw refuse(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${dataType}'.`,
    );
  if (base === "Number" && !NUMBER.test(text))
    throw refuse(`Can't cast the value of message (user) attribute '${name}' to a number.`);
  if (base === "Binary" && !BASE64.test(text))
    throw refuse(`The message attribute '${name}' is not valid base64.`);
  return base === "Binary"
    ? { DataType: dataType, BinaryValue: text }
    : { DataType: dataType, StringValue: text };
}

/** Bytes that count towards the message's size: names, types and values. */
export function sizeOfAttributes(attributes: MessageAttributes): number {
  let size = 0;
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes)) {
    size += name.length + Buffer.byteLength(DataType);
    size +=
      BinaryValue === undefined
        ? Buffer.byteLength(StringValue ?? "")
        : Buffer.byteLength(BinaryValue, "base64");
  }
  return size;
}
