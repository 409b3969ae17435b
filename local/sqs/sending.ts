import { createHash, randomUUID } from "node:crypto";
import type { AwsDocument } from "../aws/api";
import type { Caller } from "../aws/caller";
import { ACCOUNT_ID } from "../aws/arn";
import { optionalDocument, optionalInteger, optionalString } from "../aws/document";
import { sizeOfAttributes } from "../aws/messageAttributes";
import type { Clock } from "../clock";
import { answerEntries, readEntries } from "./batch";
import { batchTooLong, invalidParameter, invalidValue, missingParameter } from "./errors";
import { md5OfAttributes, md5OfText, readAttributes, refuseForbiddenCharacters } from "./messageAttributes";
import type { MessageStore } from "./messageStore";
import type { QueuePermissions } from "./permissions";
import type { Queue } from "./queues";

const LONGEST_DELAY_SECONDS = 900;
const LARGEST_BATCH_BYTES = 1_048_576;
const FIFO_PARAMETERS = ["MessageGroupId", "MessageDeduplicationId"];

/** SendMessage and SendMessageBatch. */
export class Sending {
  private readonly senderIds = new Map<string, string>();

  constructor(
    private readonly clock: Clock,
    private readonly messages: MessageStore,
    private readonly permissions: QueuePermissions,
  ) {}

  sendMessage(queue: Queue, input: AwsDocument, caller: Caller): AwsDocument {
    this.authorize(queue, caller);
    return this.send(queue, input, caller);
  }

  sendMessageBatch(queue: Queue, input: AwsDocument, caller: Caller): AwsDocument {
    this.authorize(queue, caller);
    const entries = readEntries(input, "SendMessageBatchRequestEntry");
    const size = entries.reduce((sum, { document }) => sum + sizeOf(document), 0);
    if (size > LARGEST_BATCH_BYTES) throw batchTooLong(LARGEST_BATCH_BYTES, size);
    const send = (entry: AwsDocument) => this.send(queue, entry, caller);
    return this.messages.transaction(() => answerEntries(entries, send));
  }

  private authorize(queue: Queue, caller: Caller): void {
    this.permissions.check(caller, "SendMessage", queue);
    this.permissions.checkSendingKey(caller, queue);
  }

  private send(queue: Queue, input: AwsDocument, caller: Caller): AwsDocument {
    const body = readBody(input);
    const delayMs = readDelayMs(input) ?? queue.settings.delayMs;
    const attributes = readAttributes(input, "MessageAttributes");
    const traceHeader = readTraceHeader(input);
    const limit = queue.settings.maximumMessageBytes;
    if (Buffer.byteLength(body) + sizeOfAttributes(attributes ?? {}) > limit)
      throw invalidParameter(
        `One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`,
      );
    const now = this.clock.now();
    const message = {
      queue: queue.name,
      message_id: randomUUID(),
      body,
      md5_of_body: md5OfText(body),
      attributes: attributes ? JSON.stringify(attributes) : null,
      md5_of_attributes: attributes ? md5OfAttributes(attributes) : null,
      trace_header: traceHeader?.StringValue ?? null,
      sender_id: this.senderIdOf(caller),
      sent_at: now,
      visible_at: now + delayMs,
    };
    this.messages.add(message);
    if (delayMs === 0) queue.pollers.wake();
    else queue.pollers.hidden(message.visible_at);
    return {
      MD5OfMessageBody: message.md5_of_body,
      ...(attributes && { MD5OfMessageAttributes: message.md5_of_attributes }),
      ...(traceHeader && { MD5OfMessageSystemAttributes: md5OfAttributes({ AWSTraceHeader: traceHeader }) }),
      MessageId: message.message_id,
    };
  }

  /** The principal as ReceiveMessage tells it in `SenderId`: a role's unique id and session, else the account. */
  private senderIdOf(caller: Caller): string {
    if (caller.type === "administrator") return ACCOUNT_ID;
    const principal = caller.type === "role" ? caller.roleArn : caller.service;
    let id = this.senderIds.get(principal);
    if (id === undefined) {
      const digits = createHash("sha256").update(principal).digest("hex").slice(0, 17).toUpperCase();
      id = `${caller.type === "role" ? "AROA" : "AIDA"}${digits}`;
      this.senderIds.set(principal, id);
    }
    return caller.type === "role" ? `${id}:${caller.sessionName}` : id;
  }
}

function readBody(input: AwsDocument): string {
  for (const name of FIFO_PARAMETERS)
    if (input[name] !== undefined && input[name] !== null)
      throw invalidParameter(
        `Value ${String(input[name])} for parameter ${name} is invalid. Reason: The request include parameter that is not valid for this queue type.`,
      );
  const body = optionalString(input, "MessageBody");
  if (!body) throw missingParameter("MessageBody");
  refuseForbiddenCharacters(body);
  return body;
}

function readDelayMs(input: AwsDocument): number | undefined {
  const seconds = optionalInteger(input, "DelaySeconds");
  if (seconds === undefined) return undefined;
  if (seconds < 0 || seconds > LONGEST_DELAY_SECONDS)
    throw invalidValue("DelaySeconds", seconds, `DelaySeconds must be >= 0 and <= ${LONGEST_DELAY_SECONDS}.`);
  return seconds * 1000;
}

/** `AWSTraceHeader` is the only system attribute that a sender may set; it does not count towards the size. */
function readTraceHeader(input: AwsDocument) {
  if (optionalDocument(input, "MessageSystemAttributes") === undefined) return undefined;
  const attributes = readAttributes(input, "MessageSystemAttributes");
  for (const name in attributes)
    if (name !== "AWSTraceHeader" || attributes[name]?.DataType !== "String")
      throw invalidParameter(
        `Message system attribute name '${name}' is invalid: only AWSTraceHeader, a String.`,
      );
  return attributes?.["AWSTraceHeader"];
}

/** The bytes of an entry that count towards the batch's limit; members of a wrong type count when they are read. */
function sizeOf(entry: AwsDocument): number {
  const body = entry["MessageBody"];
  const attributes = entry["MessageAttributes"];
  const bodyBytes = typeof body === "string" ? Buffer.byteLength(body) : 0;
  try {
    return bodyBytes + (attributes ? sizeOfAttributes(readAttributes(entry, "MessageAttributes") ?? {}) : 0);
  } catch {
    return bodyBytes;
  }
}
