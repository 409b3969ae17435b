import type { AwsDocument } from "../aws/api";
import type { Caller } from "../aws/caller";
import { optionalInteger, optionalString, strings } from "../aws/document";
import { AwsError } from "../aws/error";
import { parseFilterPattern } from "./filterPattern";
import { eventId, positionOf, type LogPosition } from "./logEvent";
import { expiryOf, type LogGroup } from "./logGroups";
import { authorizeGroup, type LogsContext } from "./logsContext";

/** Quotas of GetLogEvents and FilterLogEvents (API reference). */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;

/** From when on a group can be read from its end (API reference, FilterLogEvents, `startFromHead`). */
const NEWEST_FIRST_SINCE = Date.UTC(2024, 0, 1);

/** `FilterLogEvents`: a group's events in order of time, or the latest first, as far as they match the pattern. */
export async function filterLogEvents(
  context: LogsContext,
  input: AwsDocument,
  caller: Caller,
): Promise<AwsDocument> {
  const group = context.groups.named(input);
  authorizeGroup(context, caller, "FilterLogEvents", group);
  const filter = parseFilterPattern(optionalString(input, "filterPattern") ?? "");
  const token = optionalString(input, "nextToken");
  const descending = token === undefined ? input.startFromHead === false : token.startsWith("b/");
  if (descending && token === undefined && (optionalInteger(input, "startTime") ?? 0) < NEWEST_FIRST_SINCE)
    throw new AwsError(
      "InvalidParameterException",
      "startFromHead can be false only when startTime is on or after Jan 1, 2024 00:00:00 UTC.",
    );
  const { events, more } = await context.store.page(
    {
      group: group.name,
      ...timeRange(context, group, input),
      descending,
      streams: selectedStreams(context, group, input),
      terms: filter.terms,
      matches: filter.matches,
      after: pageEdge(token),
    },
    { events: limitOf(input), bytes: MOST_BYTES },
  );
  const last = events.at(-1);
  return {
    events: events.map((event) => ({
      logStreamName: event.stream,
      timestamp: event.timestamp,
      message: event.message,
      ingestionTime: event.ingestionTime,
      eventId: eventId(event),
    })),
    searchedLogStreams: [],
    ...(more && last !== undefined && { nextToken: pageToken(descending, last) }),
  };
}

/** `GetLogEvents`: one stream's events, the latest or (`startFromHead`) the earliest first page. */
export async function getLogEvents(
  context: LogsContext,
  input: AwsDocument,
  caller: Caller,
): Promise<AwsDocument> {
  const group = context.groups.named(input);
  const stream = optionalString(input, "logStreamName") ?? "";
  authorizeGroup(context, caller, "GetLogEvents", group, stream);
  if (!context.store.hasStream(group.name, stream))
    throw new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
  const { from, to } = timeRange(context, group, input);
  const token = optionalString(input, "nextToken");
  const descending = token === undefined ? input.startFromHead !== true : token.startsWith("b/");
  const after = pageEdge(token);
  const { events } = await context.store.page(
    // The end of the range is not part of it here, unlike in FilterLogEvents.
    { group: group.name, streams: new Set([stream]), from, to: to - 1, descending, after },
    { events: limitOf(input), bytes: MOST_BYTES },
  );
  const ordered = descending ? events.toReversed() : events;
  const edge = after ?? { timestamp: 0, batch: 0, index: 0 };
  return {
    events: ordered.map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    // At an end of the stream the token of that direction stays the same: a reader knows by that.
    nextForwardToken: pageToken(false, ordered.at(-1) ?? edge),
    nextBackwardToken: pageToken(true, ordered[0] ?? edge),
  };
}

function timeRange(context: LogsContext, group: LogGroup, input: AwsDocument): { from: number; to: number } {
  const start = optionalInteger(input, "startTime") ?? 0;
  return {
    from: Math.max(start, expiryOf(group, context.clock.now())),
    to: optionalInteger(input, "endTime") ?? Number.MAX_SAFE_INTEGER,
  };
}

function selectedStreams(
  context: LogsContext,
  group: LogGroup,
  input: AwsDocument,
): ReadonlySet<string> | undefined {
  const names = strings(input, "logStreamNames");
  const prefix = optionalString(input, "logStreamNamePrefix");
  if (names.length > 0 && prefix !== undefined)
    throw new AwsError(
      "InvalidParameterException",
      "Cannot specify both logStreamNames and logStreamNamePrefix.",
    );
  if (prefix !== undefined) {
    const all = context.store.streams(group.name).map(({ name }) => name);
    return new Set(all.filter((name) => name.startsWith(prefix)));
  }
  if (names.some((name) => !context.store.hasStream(group.name, name)))
    throw new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
  return names.length > 0 ? new Set(names) : undefined;
}

function limitOf(input: AwsDocument): number {
  const limit = optionalInteger(input, "limit") ?? MOST_EVENTS;
  if (limit < 1 || limit > MOST_EVENTS)
    throw new AwsError("InvalidParameterException", `limit must be from 1 to ${MOST_EVENTS}.`);
  return limit;
}

/** Names the direction and the event that a page ended with. */
function pageToken(descending: boolean, edge: LogPosition): string {
  return `${descending ? "b" : "f"}/${eventId(edge)}`;
}

function pageEdge(token: string | undefined): LogPosition | undefined {
  if (token === undefined) return undefined;
  const position = positionOf(token.replace(/^[fb]\//, ""));
  if (position === undefined)
    throw new AwsError("InvalidParameterException", "The specified nextToken is invalid.");
  return position;
}
