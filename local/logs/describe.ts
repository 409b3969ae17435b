import type { AwsDocument } from "../aws/api";
import { ACCOUNT_ID } from "../aws/arn";
import type { Caller } from "../aws/caller";
import { optionalInteger, optionalString } from "../aws/document";
import { AwsError } from "../aws/error";
import type { StreamSummary } from "./logStore";
import { authorizeGroup, type LogsContext } from "./logsContext";

/** The most that one answer of a Describe action holds, and what it holds by default. */
const PAGE = 50;

/** `DescribeLogGroups`. */
export function describeLogGroups(context: LogsContext, input: AwsDocument, caller: Caller): AwsDocument {
  context.iam.authorize(
    caller,
    "logs:DescribeLogGroups",
    `arn:aws:logs:${context.region}:${ACCOUNT_ID}:log-group::log-stream:`,
  );
  const prefix = optionalString(input, "logGroupNamePrefix") ?? "";
  const part = (optionalString(input, "logGroupNamePattern") ?? "").toLowerCase();
  const groups = context.groups
    .all()
    .filter(({ name }) => name.startsWith(prefix) && name.toLowerCase().includes(part));
  const { items, nextToken } = page(groups, input);
  return {
    logGroups: items.map(({ name, arn, createdAt, retentionInDays, kmsKeyId }) => ({
      logGroupName: name,
      arn: `${arn}:*`,
      logGroupArn: arn,
      creationTime: createdAt,
      ...(retentionInDays !== undefined && { retentionInDays }),
      ...(kmsKeyId !== undefined && { kmsKeyId }),
      metricFilterCount: 0,
      storedBytes: context.store.storedBytes(name),
      logGroupClass: "STANDARD",
    })),
    ...nextToken,
  };
}

/** `DescribeLogStreams`. */
export function describeLogStreams(context: LogsContext, input: AwsDocument, caller: Caller): AwsDocument {
  const group = context.groups.named(input);
  authorizeGroup(context, caller, "DescribeLogStreams", group);
  const prefix = optionalString(input, "logStreamNamePrefix") ?? "";
  const streams = ordered(context.store.streams(group.name), input).filter(({ name }) =>
    name.startsWith(prefix),
  );
  const { items, nextToken } = page(streams, input);
  return {
    logStreams: items.map(({ name, createdAt, firstEventAt, lastEventAt }) => ({
      logStreamName: name,
      arn: `${group.arn}:log-stream:${name}`,
      creationTime: createdAt,
      ...(firstEventAt !== null && { firstEventTimestamp: firstEventAt }),
      ...(lastEventAt !== null && { lastEventTimestamp: lastEventAt, lastIngestionTime: lastEventAt }),
      // Deprecated, always 0 (API reference, LogStream).
      storedBytes: 0,
    })),
    ...nextToken,
  };
}

function ordered(streams: readonly StreamSummary[], input: AwsDocument): StreamSummary[] {
  const orderBy = optionalString(input, "orderBy") ?? "LogStreamName";
  if (orderBy !== "LogStreamName" && orderBy !== "LastEventTime")
    throw new AwsError("InvalidParameterException", `orderBy cannot be ${orderBy}.`);
  const byTime = (a: StreamSummary, b: StreamSummary) => (a.lastEventAt ?? 0) - (b.lastEventAt ?? 0);
  const sorted = orderBy === "LastEventTime" ? streams.toSorted(byTime) : [...streams];
  return input.descending === true ? sorted.reverse() : sorted;
}

function page<T>(all: readonly T[], input: AwsDocument): { items: readonly T[]; nextToken: AwsDocument } {
  const limit = optionalInteger(input, "limit") ?? PAGE;
  const start = Number(optionalString(input, "nextToken") ?? 0);
  if (limit < 1 || limit > PAGE)
    throw new AwsError("InvalidParameterException", `limit must be from 1 to ${PAGE}.`);
  if (!Number.isSafeInteger(start) || start < 0)
    throw new AwsError("InvalidParameterException", "The specified nextToken is invalid.");
  const end = start + limit;
  return { items: all.slice(start, end), nextToken: end < all.length ? { nextToken: String(end) } : {} };
}
