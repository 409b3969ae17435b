import { randomUUID } from "node:crypto";
import type { AwsDocument } from "../../aws/api";
import type { Caller } from "../../aws/caller";
import { optionalInteger, optionalString, strings } from "../../aws/document";
import { AwsError } from "../../aws/error";
import { expiryOf, groupNameOf, type LogGroup } from "../logGroups";
import { authorizeGroup, type LogsContext } from "../logsContext";
import { MOST_ROWS, parseInsightsQuery, type InsightsQuery } from "./query";
import { LogRecord } from "./record";
import { TopRows } from "./topRows";

type Status = "Running" | "Complete" | "Cancelled" | "Failed";

interface Running {
  status: Status;
  results: readonly AwsDocument[][];
  recordsMatched: number;
  recordsScanned: number;
  bytesScanned: number;
}

/** How many results are kept for GetQueryResults; AWS keeps them for seven days. */
const KEPT_RESULTS = 100;

/** The queries of CloudWatch Logs Insights that were started, with their results. */
export class InsightsQueries {
  private readonly queries = new Map<string, Running>();

  constructor(private readonly context: LogsContext) {}

  /** `StartQuery`. */
  start(input: AwsDocument, caller: Caller): AwsDocument {
    const groups = this.groupsOf(input);
    for (const group of groups) authorizeGroup(this.context, caller, "StartQuery", group);
    const query = parseInsightsQuery(optionalString(input, "queryString") ?? "");
    const limit = optionalInteger(input, "limit") ?? MOST_ROWS;
    if (limit < 1 || limit > MOST_ROWS)
      throw new AwsError("InvalidParameterException", `limit must be from 1 to ${MOST_ROWS}.`);
    const range = { from: requiredTime(input, "startTime"), to: requiredTime(input, "endTime") + 999 };
    const running: Running = {
      status: "Running",
      results: [],
      recordsMatched: 0,
      recordsScanned: 0,
      bytesScanned: 0,
    };
    const queryId = randomUUID();
    this.queries.set(queryId, running);
    for (const oldest of [...this.queries.keys()].slice(0, -KEPT_RESULTS)) this.queries.delete(oldest);
    void this.run(running, { ...query, limit: Math.min(limit, query.limit) }, groups, range);
    return { queryId };
  }

  /** `GetQueryResults`. */
  results(input: AwsDocument, caller: Caller): AwsDocument {
    this.context.iam.authorize(caller, "logs:GetQueryResults", "*");
    const { status, results, recordsMatched, recordsScanned, bytesScanned } = this.get(input);
    return { status, results, statistics: { recordsMatched, recordsScanned, bytesScanned } };
  }

  /** `StopQuery`. */
  stop(input: AwsDocument, caller: Caller): AwsDocument {
    this.context.iam.authorize(caller, "logs:StopQuery", "*");
    const running = this.get(input);
    if (running.status !== "Running")
      throw new AwsError("InvalidParameterException", "The query has ended and cannot be stopped.");
    running.status = "Cancelled";
    return { success: true };
  }

  private async run(
    running: Running,
    query: InsightsQuery,
    groups: readonly LogGroup[],
    range: { readonly from: number; readonly to: number },
  ): Promise<void> {
    const top = new TopRows(query);
    try {
      for (const group of groups) await this.search(running, query, group, range, top);
      if (running.status === "Cancelled") return;
      running.results = top.sorted().map((record) => rowOf(record, query.fields));
      running.status = "Complete";
    } catch {
      running.status = "Failed";
    }
  }

  private async search(
    running: Running,
    query: InsightsQuery,
    group: LogGroup,
    range: { readonly from: number; readonly to: number },
    top: TopRows,
  ): Promise<void> {
    const from = Math.max(range.from, expiryOf(group, this.context.clock.now()));
    const terms = query.conditions.flatMap((condition) => condition.terms);
    await this.context.store.scan({ group: group.name, from, to: range.to, terms }, (event) => {
      if (running.status === "Cancelled") return;
      running.recordsScanned += 1;
      running.bytesScanned += event.message.length;
      const record = new LogRecord(event, group.name);
      if (!query.conditions.every(({ test }) => test(record))) return;
      running.recordsMatched += 1;
      top.add(record);
    });
  }

  private groupsOf(input: AwsDocument): LogGroup[] {
    const single = optionalString(input, "logGroupName");
    const names = [
      ...(single === undefined ? [] : [single]),
      ...strings(input, "logGroupNames"),
      ...strings(input, "logGroupIdentifiers").map(groupNameOf),
    ];
    if (names.length === 0) throw new AwsError("InvalidParameterException", "The query names no log group.");
    return names.map((name) => this.context.groups.get(name));
  }

  private get(input: AwsDocument): Running {
    const running = this.queries.get(optionalString(input, "queryId") ?? "");
    if (running === undefined)
      throw new AwsError("ResourceNotFoundException", "The specified query does not exist.");
    return running;
  }
}

function rowOf(record: LogRecord, fields: readonly string[]): AwsDocument[] {
  const shown = fields.includes("@ptr") ? fields : [...fields, "@ptr"];
  return shown.flatMap((field) => {
    const value = record.show(field);
    return value === undefined ? [] : [{ field, value }];
  });
}

/** A time of a query: seconds since the epoch, or milliseconds when the number is that large, as the API takes both. */
function requiredTime(input: AwsDocument, name: string): number {
  const time = optionalInteger(input, name);
  if (time === undefined || time < 0)
    throw new AwsError("InvalidParameterException", `${name} is missing or negative.`);
  return time < 100_000_000_000 ? time * 1000 : time;
}
