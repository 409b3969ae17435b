import type { AwsDocument } from "../aws/api";
import type { Caller } from "../aws/caller";
import { optionalDocuments, optionalString } from "../aws/document";
import { AwsError } from "../aws/error";
import { countEmbedded } from "../cloudwatch/embeddedMetrics";
import type { LogEvent } from "./logEvent";
import { expiryOf } from "./logGroups";
import { EVENT_OVERHEAD_BYTES } from "./logStore";
import { authorizeGroup, type LogsContext } from "./logsContext";

/** Quotas of PutLogEvents (API reference). */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;
const LONGEST_SPAN_MS = 24 * 60 * 60 * 1000;
const MOST_FUTURE_MS = 2 * 60 * 60 * 1000;
const MOST_PAST_MS = 14 * 24 * 60 * 60 * 1000;

const STREAM_NAME = /^[^:*]{1,512}$/;

/** `CreateLogStream`. */
export function createLogStream(context: LogsContext, input: AwsDocument, caller: Caller): AwsDocument {
  const group = context.groups.named(input);
  const stream = requiredStream(input);
  authorizeGroup(context, caller, "CreateLogStream", group, stream);
  if (context.store.hasStream(group.name, stream))
    throw new AwsError("ResourceAlreadyExistsException", "The specified log stream already exists");
  context.store.createStream(group.name, stream, context.clock.now());
  return {};
}

/** `PutLogEvents`: keeps the events, tells which ones were too old or too new to be kept. */
export function putLogEvents(context: LogsContext, input: AwsDocument, caller: Caller): AwsDocument {
  const group = context.groups.named(input);
  const stream = requiredStream(input);
  authorizeGroup(context, caller, "PutLogEvents", group, stream);
  if (!context.store.hasStream(group.name, stream))
    throw new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
  const events = readEvents(input);
  const now = context.clock.now();
  const oldest = now - MOST_PAST_MS;
  const expired = Math.max(oldest, expiryOf(group, now));
  const kept = events.filter(({ timestamp }) => timestamp >= expired && timestamp <= now + MOST_FUTURE_MS);
  if (kept.length > 0) context.store.append(group.name, stream, kept, now);
  for (const { message, timestamp } of kept) countEmbedded(message, timestamp, context.metrics);
  return rejections(events, { oldest, expired, newest: now + MOST_FUTURE_MS });
}

function readEvents(input: AwsDocument): (LogEvent & { readonly message: string })[] {
  const documents = optionalDocuments(input, "logEvents") ?? [];
  if (documents.length === 0 || documents.length > MOST_EVENTS)
    throw new AwsError("InvalidParameterException", `logEvents must hold 1 to ${MOST_EVENTS} events.`);
  let bytes = 0;
  const events = documents.map(({ timestamp, message }) => {
    if (
      !Number.isSafeInteger(timestamp) ||
      Number(timestamp) < 0 ||
      typeof message !== "string" ||
      message === ""
    )
      throw new AwsError(
        "InvalidParameterException",
        "Each of logEvents must have a timestamp (milliseconds since the epoch) and a message that is not empty.",
      );
    bytes += Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;
    return { timestamp: Number(timestamp), message };
  });
  if (bytes > MOST_BYTES)
    throw new AwsError(
      "InvalidParameterException",
      `Upload too large: ${bytes} bytes exceeds limit of ${MOST_BYTES}`,
    );
  const [first] = events;
  const last = events.at(-1);
  if (events.some(({ timestamp }, index) => timestamp < (events[index - 1]?.timestamp ?? 0)))
    throw new AwsError(
      "InvalidParameterException",
      "Log events in a single PutLogEvents request must be in chronological order.",
    );
  if (first !== undefined && last !== undefined && last.timestamp - first.timestamp > LONGEST_SPAN_MS)
    throw new AwsError(
      "InvalidParameterException",
      "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
    );
  return events;
}

/** The events are in order of time, so those that are refused stand at the two ends. */
function rejections(
  events: readonly LogEvent[],
  limits: { readonly oldest: number; readonly expired: number; readonly newest: number },
): AwsDocument {
  const tooOld = events.filter(({ timestamp }) => timestamp < limits.oldest).length;
  const expired = events.filter(({ timestamp }) => timestamp < limits.expired).length;
  const tooNew = events.findIndex(({ timestamp }) => timestamp > limits.newest);
  const info = {
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > tooOld && { expiredLogEventEndIndex: expired }),
    ...(tooNew !== -1 && { tooNewLogEventStartIndex: tooNew }),
  };
  return Object.keys(info).length === 0 ? {} : { rejectedLogEventsInfo: info };
}

function requiredStream(input: AwsDocument): string {
  const stream = optionalString(input, "logStreamName") ?? "";
  if (!STREAM_NAME.test(stream))
    throw new AwsError(
      "InvalidParameterException",
      "logStreamName must have 1 to 512 characters, none of them a colon or an asterisk.",
    );
  return stream;
}
