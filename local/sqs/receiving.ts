import type { AwsDocument } from "../aws/api";
import type { Caller } from "../aws/caller";
import { optionalInteger, optionalString, strings } from "../aws/document";
import type { MessageAttributes } from "../aws/messageAttributes";
import type { Clock } from "../clock";
import { answerEntries, readEntries } from "./batch";
import {
  invalidAttributeName,
  invalidParameter,
  invalidValue,
  messageNotInflight,
  missingParameter,
  overLimit,
} from "./errors";
import { asksForAll, md5OfAttributes, selectAttributes } from "./messageAttributes";
import type { MessageStore, StoredMessage } from "./messageStore";
import type { QueuePermissions } from "./permissions";
import type { Queue, Queues } from "./queues";
import { formatReceiptHandle, parseReceiptHandle, type Receipt } from "./receiptHandle";

const MOST_IN_FLIGHT = 120_000;
const LONGEST_VISIBILITY_SECONDS = 43_200;
const LONGEST_WAIT_SECONDS = 20;
const SYSTEM_ATTRIBUTES: Readonly<Record<string, (message: StoredMessage) => string | null>> = {
  ApproximateFirstReceiveTimestamp: (message) => String(message.first_received_at),
  ApproximateReceiveCount: (message) => String(message.receives),
  AWSTraceHeader: (message) => message.trace_header,
  DeadLetterQueueSourceArn: (message) => message.source,
  MessageDeduplicationId: () => null,
  MessageGroupId: () => null,
  SenderId: (message) => message.sender_id,
  SentTimestamp: (message) => String(message.sent_at),
  SequenceNumber: () => null,
};

interface ReceiveRequest {
  readonly limit: number;
  readonly visibilityMs: number;
  readonly waitMs: number;
  readonly systemAttributes: readonly string[];
  readonly attributeNames: readonly string[];
}

/** ReceiveMessage, and what a receiver does with its messages: delete them, hide them for longer or show them again. */
export class Receiving {
  constructor(
    private readonly clock: Clock,
    private readonly queues: Queues,
    private readonly messages: MessageStore,
    private readonly permissions: QueuePermissions,
  ) {}

  async receiveMessage(
    queue: Queue,
    input: AwsDocument,
    caller: Caller,
    signal?: AbortSignal,
  ): Promise<AwsDocument> {
    this.permissions.check(caller, "ReceiveMessage", queue);
    this.permissions.checkReceivingKey(caller, queue);
    const request = readRequest(queue, input);
    let received = this.take(queue, request);
    const deadline = this.clock.now() + request.waitMs;
    while (received.length === 0 && (await queue.pollers.wait(deadline - this.clock.now(), signal))) {
      if (signal?.aborted) queue.pollers.wake();
      else received = this.take(queue, request);
    }
    if (received.length === 0) return {};
    return { Messages: received.map((message) => present(queue, message, request)) };
  }

  /** With an older receive's handle the request succeeds and deletes nothing (DeleteMessage, API reference). */
  deleteMessage(queue: Queue, input: AwsDocument, caller: Caller): AwsDocument {
    this.permissions.check(caller, "DeleteMessage", queue);
    this.messages.removeReceived(queue.name, [parseReceiptHandle(readHandle(input), queue.name)]);
    return {};
  }

  deleteMessageBatch(queue: Queue, input: AwsDocument, caller: Caller): AwsDocument {
    this.permissions.check(caller, "DeleteMessage", queue);
    const entries = readEntries(input, "DeleteMessageBatchRequestEntry");
    const receipts: Receipt[] = [];
    const answer = answerEntries(entries, (entry) => {
      receipts.push(parseReceiptHandle(readHandle(entry), queue.name));
      return {};
    });
    this.messages.removeReceived(queue.name, receipts);
    return answer;
  }

  changeMessageVisibility(queue: Queue, input: AwsDocument, caller: Caller): AwsDocument {
    this.permissions.check(caller, "ChangeMessageVisibility", queue);
    return this.changeVisibility(queue, input);
  }

  changeMessageVisibilityBatch(queue: Queue, input: AwsDocument, caller: Caller): AwsDocument {
    this.permissions.check(caller, "ChangeMessageVisibility", queue);
    const entries = readEntries(input, "ChangeMessageVisibilityBatchRequestEntry");
    return this.messages.transaction(() =>
      answerEntries(entries, (entry) => this.changeVisibility(queue, entry)),
    );
  }

  /**
   * Receives what is visible. A message that would be received more often than the redrive policy allows goes to the
   * dead-letter queue instead. A process that is killed between the two steps moves it at its next receive.
   */
  private take(queue: Queue, request: ReceiveRequest): readonly StoredMessage[] {
    const { limit, visibilityMs, waitMs } = request;
    const now = this.clock.now();
    const cutoff = this.queues.cutoff(queue);
    if (this.hasTooManyInFlight(queue, now, cutoff)) {
      // Long polling gets no error (SQS Developer Guide, "Quotas", in-flight messages).
      if (waitMs > 0) return [];
      throw overLimit();
    }
    // At least a millisecond, so that one call never receives a message twice.
    const visibleAt = now + Math.max(visibilityMs, 1);
    const kept: StoredMessage[] = [];
    for (;;) {
      const wanted = limit - kept.length;
      const taken = this.messages.take(queue.name, now, cutoff, wanted, visibleAt);
      for (const message of taken) if (!this.deadLetter(queue, message, now)) kept.push(message);
      if (kept.length === limit || taken.length < wanted) break;
    }
    queue.inFlightAtMost += kept.length;
    if (kept.length > 0) queue.pollers.hidden(visibleAt);
    return kept;
  }

  private hasTooManyInFlight(queue: Queue, now: number, cutoff: number): boolean {
    if (queue.inFlightAtMost >= MOST_IN_FLIGHT)
      queue.inFlightAtMost = this.messages.count(queue.name, now, cutoff).inFlight;
    return queue.inFlightAtMost >= MOST_IN_FLIGHT;
  }

  private deadLetter(queue: Queue, message: StoredMessage, now: number): boolean {
    const limit = queue.settings.redrivePolicy?.maxReceiveCount ?? Infinity;
    if (message.receives - message.earlier_receives <= limit) return false;
    const target = this.queues.deadLetterQueueOf(queue);
    if (target === undefined) return false;
    this.messages.deadLetter(message, target.name, queue.arn, now);
    target.pollers.wake();
    return true;
  }

  private changeVisibility(queue: Queue, input: AwsDocument): AwsDocument {
    const handle = readHandle(input);
    const seconds = readVisibilitySeconds(input);
    if (seconds === undefined) throw missingParameter("VisibilityTimeout");
    const { seq, messageId, receives } = parseReceiptHandle(handle, queue.name);
    const message = this.messages.received(queue.name, seq, messageId, receives);
    if (message === undefined)
      throw invalidValue(
        "ReceiptHandle",
        handle,
        "Message does not exist or is not available for visibility timeout change.",
      );
    const now = this.clock.now();
    if (message.visible_at <= now) throw messageNotInflight();
    const visibleAt = now + seconds * 1000;
    if (visibleAt - message.received_at > LONGEST_VISIBILITY_SECONDS * 1000)
      throw invalidParameter(
        `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [${LONGEST_VISIBILITY_SECONDS} seconds].`,
      );
    this.messages.hideUntil(seq, visibleAt);
    if (seconds === 0) queue.pollers.wake();
    else queue.pollers.hidden(visibleAt);
    return {};
  }
}

function readRequest(queue: Queue, input: AwsDocument): ReceiveRequest {
  const limit = optionalInteger(input, "MaxNumberOfMessages") ?? 1;
  if (limit < 1 || limit > 10)
    throw invalidValue("MaxNumberOfMessages", limit, "Must be between 1 and 10, if provided.");
  const waitSeconds = optionalInteger(input, "WaitTimeSeconds");
  if (waitSeconds !== undefined && (waitSeconds < 0 || waitSeconds > LONGEST_WAIT_SECONDS))
    throw invalidValue("WaitTimeSeconds", waitSeconds, "Must be >= 0 and <= 20, if provided.");
  const visibilitySeconds = readVisibilitySeconds(input);
  return {
    limit,
    waitMs: waitSeconds === undefined ? queue.settings.receiveWaitMs : waitSeconds * 1000,
    visibilityMs:
      visibilitySeconds === undefined ? queue.settings.visibilityTimeoutMs : visibilitySeconds * 1000,
    systemAttributes: readSystemAttributeNames(input),
    attributeNames: strings(input, "MessageAttributeNames"),
  };
}

/** `AttributeNames` is the older name of `MessageSystemAttributeNames`. */
function readSystemAttributeNames(input: AwsDocument): readonly string[] {
  const names = [...strings(input, "AttributeNames"), ...strings(input, "MessageSystemAttributeNames")];
  if (names.length === 0) return names;
  for (const name of names)
    if (name !== "All" && !Object.hasOwn(SYSTEM_ATTRIBUTES, name))
      throw invalidAttributeName(`Unknown Attribute ${name}.`);
  return names.includes("All") ? Object.keys(SYSTEM_ATTRIBUTES) : names;
}

function readHandle(input: AwsDocument): string {
  const handle = optionalString(input, "ReceiptHandle");
  if (!handle) throw missingParameter("ReceiptHandle");
  return handle;
}

function readVisibilitySeconds(input: AwsDocument): number | undefined {
  const seconds = optionalInteger(input, "VisibilityTimeout");
  if (seconds !== undefined && (seconds < 0 || seconds > LONGEST_VISIBILITY_SECONDS))
    throw invalidValue("VisibilityTimeout", seconds, "Must be between 0 and 43200, if provided.");
  return seconds;
}

function present(queue: Queue, message: StoredMessage, request: ReceiveRequest): AwsDocument {
  const answer: Record<string, unknown> = {
    MessageId: message.message_id,
    ReceiptHandle: formatReceiptHandle({
      queue: queue.name,
      seq: message.seq,
      messageId: message.message_id,
      receives: message.receives,
    }),
    MD5OfBody: message.md5_of_body,
    Body: message.body,
  };
  if (request.systemAttributes.length > 0) answer["Attributes"] = systemAttributes(message, request);
  if (message.attributes === null || request.attributeNames.length === 0) return answer;
  const all = JSON.parse(message.attributes) as MessageAttributes;
  const asked = asksForAll(request.attributeNames) ? all : selectAttributes(all, request.attributeNames);
  if (Object.keys(asked).length === 0) return answer;
  answer["MessageAttributes"] = asked;
  answer["MD5OfMessageAttributes"] = asked === all ? message.md5_of_attributes : md5OfAttributes(asked);
  return answer;
}

function systemAttributes(message: StoredMessage, request: ReceiveRequest): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const name of request.systemAttributes) {
    const value = SYSTEM_ATTRIBUTES[name]?.(message) ?? null;
    if (value !== null) attributes[name] = value;
  }
  return attributes;
}
