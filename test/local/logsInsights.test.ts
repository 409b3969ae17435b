import {
  GetQueryResultsCommand,
  StartQueryCommand,
  StopQueryCommand,
  type ResultField,
} from "@aws-sdk/client-cloudwatch-logs";
import { GROUP, LogsFixture } from "./support/logGroups";

const EVENTS = [
  { type: "TaskFailed", id: "5", size: 5, details: { error: "E1", tags: ["x", "y"] }, ok: true },
  { type: "TaskSucceeded", id: "12", size: 12, ok: false },
  { type: "TaskFailed", id: "7", size: 40, details: { error: "E2" } },
];

let logs: LogsFixture;
let start: number;

beforeEach(async () => {
  logs = await LogsFixture.start();
  start = logs.write([...EVENTS.map((event) => JSON.stringify(event)), "plain text 5"]);
});

afterEach(() => logs.stop());

async function startQuery(queryString: string, limit?: number) {
  const range = { startTime: Math.floor(start / 1000) - 1, endTime: Math.ceil(start / 1000) + 1 };
  return logs.client.send(new StartQueryCommand({ logGroupName: GROUP, ...range, queryString, limit }));
}

/** Runs a query to its end. */
async function query(queryString: string, limit?: number): Promise<Record<string, string | undefined>[]> {
  const { queryId } = await startQuery(queryString, limit);
  for (;;) {
    const { status, results = [] } = await logs.client.send(new GetQueryResultsCommand({ queryId }));
    if (status === "Complete") return results.map(asRecord);
    if (status !== "Running") throw new Error(`The query is ${status}.`);
  }
}

function asRecord(row: readonly ResultField[]): Record<string, string | undefined> {
  return Object.fromEntries(
    row.filter(({ field }) => field !== "@ptr").map(({ field, value }) => [field, value]),
  );
}

async function sizes(condition: string): Promise<(string | undefined)[]> {
  const rows = await query(`fields size | filter ${condition} | sort size asc`);
  return rows.map(({ size }) => size);
}

it("shows time and message of the latest events first when it is not told otherwise", async () => {
  const rows = await query("limit 2");
  expect(rows.map((row) => row["@message"])).toEqual(["plain text 5", JSON.stringify(EVENTS[2])]);
  expect(rows[0]?.["@timestamp"]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
});

it("discovers the fields of JSON messages, nested ones by their path", async () => {
  const rows = await query("fields type, details.error, details.tags.1, ok, @logStream | filter size = 5");
  expect(rows).toEqual([
    { type: "TaskFailed", "details.error": "E1", "details.tags.1": "y", ok: "1", "@logStream": "stream-1" },
  ]);
});

it.each([
  ['type = "TaskFailed"', ["5", "40"]],
  ["type = 'TaskSucceeded'", ["12"]],
  ['type != "TaskFailed"', [undefined, "12"]],
  ["size > 5 and size <= 40", ["12", "40"]],
  ["size < 10 or size >= 40", ["5", "40"]],
  ["not size = 5 and ispresent(size)", ["12", "40"]],
  ['type like "Failed"', ["5", "40"]],
  ["type like /Fail|Succ/", ["5", "12", "40"]],
  ["type =~ /(?i)SUCC/", ["12"]],
  ["@message like 'plain'", [undefined]],
  ['type not like "Task" and ispresent(type)', []],
  ['details.error in ["E1", "E2"]', ["5", "40"]],
  ["size not in [5, 12] and ispresent(size)", ["40"]],
  ["(size = 5 or size = 12) and ok = true", ["5"]],
  ['`details.error` = "E2"', ["40"]],
  ['id = "7" or id = "5"', ["5", "40"]],
])("filters by %s", async (condition, expected) => {
  expect(await sizes(condition)).toEqual(expected);
});

it("needs every filter of several", async () => {
  expect(await query('fields size | filter type = "TaskFailed" | filter size > 5')).toEqual([{ size: "40" }]);
});

it("sorts by several fields, numbers by their size", async () => {
  const rows = await query("fields size | filter ispresent(size) | sort type asc, size desc");
  expect(rows.map(({ size }) => size)).toEqual(["40", "5", "12"]);
});

it("returns no more rows than the query or the request says", async () => {
  expect(await query("fields size | limit 3", 1)).toHaveLength(1);
  expect(await query("fields size | limit 1", 3)).toHaveLength(1);
});

it("leaves out what is outside the time range", async () => {
  logs.clock.advance(3_600_000);
  logs.write(["later"]);
  expect(await query("fields @message | filter @message = 'later'")).toEqual([]);
});

it.each([
  ["stats count(*) by type", "stats"],
  ["fields strlen(@message)", "strlen"],
  ["fields a as b", "alias"],
  ["filter abs(x) = 1", "abs"],
  ["filter a ~ 1", "~"],
  ["filter a =", "missing"],
  ["filter (a = 1", ")"],
  ["limit 20000", "20000"],
  ["fields a b", '"b"'],
  ["", "the end of the query"],
  ["filter a like /(/", "regular expression"],
])("refuses %s and names what is wrong", async (queryString, text) => {
  const refused = startQuery(queryString);
  await expect(refused).rejects.toMatchObject({ name: "MalformedQueryException" });
  await expect(refused).rejects.toThrow(text);
});

it("keeps no results of an unknown query, and stops none that has ended", async () => {
  const { queryId } = await startQuery("limit 1");
  await query("limit 1");
  await expect(logs.client.send(new StopQueryCommand({ queryId }))).rejects.toMatchObject({
    name: "InvalidParameterException",
  });
  await expect(logs.client.send(new GetQueryResultsCommand({ queryId: "none" }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});
