import {
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
  type InputLogEvent,
} from "@aws-sdk/client-cloudwatch-logs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADMINISTRATOR, type Caller } from "../../local/aws/caller";
import { AwsError } from "../../local/aws/error";
import { MetricStore } from "../../local/cloudwatch/metricStore";
import { Clock } from "../../local/clock";
import { Logs } from "../../local/logs";
import { openStore } from "../../local/store";
import { allowAll } from "./support/authorizer";
import { GROUP, GROUP_ARN, groupResource, LogsFixture, STREAM } from "./support/logGroups";
import { host, resource } from "./support/resource";

const DAY_MS = 24 * 60 * 60 * 1000;
const ROLE: Caller = { type: "role", roleArn: "arn:aws:iam::123456789012:role/writer", sessionName: "s" };

let fixture: LogsFixture | undefined;

async function start(...args: Parameters<typeof LogsFixture.start>): Promise<LogsFixture> {
  return (fixture = await LogsFixture.start(...args));
}

afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});

async function createStream({ client }: LogsFixture): Promise<void> {
  await client.send(new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName: STREAM }));
}

function put({ client }: LogsFixture, logEvents: InputLogEvent[]) {
  return client.send(new PutLogEventsCommand({ logGroupName: GROUP, logStreamName: STREAM, logEvents }));
}

async function messages({ client }: LogsFixture) {
  const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName: GROUP }));
  return events.map(({ message }) => message);
}

describe("writing events", () => {
  it("keeps what PutLogEvents brings", async () => {
    const logs = await start();
    await createStream(logs);
    const timestamp = logs.clock.now();
    await put(logs, [{ timestamp, message: 'a "quoted" line\nand another' }]);
    const { events } = await logs.client.send(new FilterLogEventsCommand({ logGroupName: GROUP }));
    expect(events).toMatchObject([
      {
        timestamp,
        message: 'a "quoted" line\nand another',
        logStreamName: STREAM,
        eventId: expect.stringMatching(/^\d{56}$/),
      },
    ]);
  });

  it("refuses a group and a stream that do not exist", async () => {
    const logs = await start();
    const events = [{ timestamp: logs.clock.now(), message: "x" }];
    await expect(put(logs, events)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    expect(() => logs.logs.write("/none", STREAM, events, ADMINISTRATOR)).toThrow("log group does not exist");
  });

  it("refuses a stream that exists already", async () => {
    const logs = await start();
    await createStream(logs);
    await expect(createStream(logs)).rejects.toMatchObject({ name: "ResourceAlreadyExistsException" });
  });

  it.each([
    ["no events", () => []],
    ["an empty message", (now: number) => [{ timestamp: now, message: "" }]],
    [
      "events that go back in time",
      (now: number) => [now, now - 1].map((timestamp) => ({ timestamp, message: "x" })),
    ],
    [
      "more than 24 hours",
      (now: number) => [now - DAY_MS - 1, now].map((timestamp) => ({ timestamp, message: "x" })),
    ],
    ["more than 1 MB", (now: number) => [{ timestamp: now, message: "x".repeat(1_048_551) }]],
  ])("refuses a batch with %s", async (_case, events) => {
    const logs = await start();
    await createStream(logs);
    await expect(put(logs, events(logs.clock.now()))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    expect(await messages(logs)).toEqual([]);
  });

  it("tells which events are too old, expired or too new, and keeps the others", async () => {
    const logs = await start({ retentionInDays: 1 });
    await createStream(logs);
    const now = logs.clock.now();
    const tooNew = { timestamp: now + 3 * 60 * 60 * 1000, message: "new" };
    const expired = { timestamp: now - DAY_MS - 1000, message: "expired" };
    const answers = [
      await put(logs, [expired, { timestamp: now - 2000, message: "kept" }]),
      await put(logs, [{ timestamp: now, message: "kept too" }, tooNew]),
      await put(logs, [{ timestamp: now - 15 * DAY_MS, message: "old" }]),
    ];
    expect(answers.map((answer) => answer.rejectedLogEventsInfo)).toEqual([
      { expiredLogEventEndIndex: 1 },
      { tooNewLogEventStartIndex: 1 },
      { tooOldLogEventEndIndex: 1 },
    ]);
    expect(await messages(logs)).toEqual(["kept", "kept too"]);
  });

  it("asks a role for both actions on the stream, AWS's own delivery for none", async () => {
    const asked: string[] = [];
    const iam = {
      authorize: (_caller: Caller, action: string, arn: string) => asked.push(`${action} ${arn}`),
    };
    const logs = await start({}, { iam: { ...allowAll, ...iam } as typeof allowAll });
    logs.write(["by delivery"], "delivered");
    logs.logs.write(GROUP, STREAM, [{ timestamp: logs.clock.now(), message: "x" }], ROLE);
    const arn = `${GROUP_ARN}:log-stream:${STREAM}`;
    expect(asked).toEqual([`logs:CreateLogStream ${arn}`, `logs:PutLogEvents ${arn}`]);
  });

  it("keeps nothing for a role that may not write", async () => {
    const authorize = () => {
      throw new AwsError("AccessDeniedException", "no", 403);
    };
    const logs = await start({}, { iam: { authorize } });
    const event = { timestamp: logs.clock.now(), message: "x" };
    expect(() => logs.logs.write(GROUP, STREAM, [event], ROLE)).toThrow("no");
  });

  it("keeps what follows a NUL character, which itself is replaced", async () => {
    const logs = await start();
    logs.write(["before\0after"]);
    expect(await messages(logs)).toEqual(["before\uFFFDafter"]);
  });

  it("puts a message that comes in pieces together again", async () => {
    const logs = await start();
    const payload = JSON.stringify("é".repeat(400));
    const pieces = (name: string) => [`{"name":"${name}","payload":`, payload, "}"];
    const timestamp = logs.clock.now();
    const events = ["a", "b"].map((name) => ({ timestamp, message: pieces(name) }));
    logs.logs.write(GROUP, STREAM, events, ADMINISTRATOR);
    expect(await messages(logs)).toEqual([pieces("a").join(""), pieces("b").join("")]);
  });
});

describe("a piece that is to be quoted", () => {
  test.each([
    ["plain text", "x".repeat(600)],
    ["JSON", JSON.stringify({ say: 'a "word"', path: "c:\\temp" })],
    ["line breaks and a NUL character", "one\ntwo\0three"],
    ["half a surrogate pair", "\ud83d"],
    ["characters beyond the basic plane", "\u{1F49B}é"],
    ["nothing", ""],
  ])("is shown as a JSON string: %s", async (_case, text) => {
    const logs = await start();
    const piece = { quote: text };
    const message = ['{"first":', piece, ',"second":', piece, "}"];
    logs.logs.write(GROUP, STREAM, [{ timestamp: logs.clock.now(), message }], ADMINISTRATOR);
    expect(await messages(logs)).toEqual([
      `{"first":${JSON.stringify(text)},"second":${JSON.stringify(text)}}`,
    ]);
  });
});

describe("retention", () => {
  it("hides an event as soon as it has expired, and removes it", async () => {
    const logs = await start({ retentionInDays: 3 });
    logs.write(["old"]);
    logs.clock.advance(3 * DAY_MS - 60_000);
    expect(await messages(logs)).toEqual(["old"]);
    logs.clock.advance(61_000);
    expect(await messages(logs)).toEqual([]);
    logs.clock.advance(60 * 60 * 1000);
    const { logGroups } = await logs.client.send(new DescribeLogGroupsCommand({}));
    expect(logGroups?.[0]?.storedBytes).toBe(0);
  });
});

describe("describing", () => {
  it("lists the groups with their retention and key", async () => {
    const logs = await start({
      retentionInDays: 30,
      kmsKeyId: "arn:aws:kms:eu-central-1:123456789012:key/k",
    });
    const { logGroups } = await logs.client.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: "/app" }),
    );
    expect(logGroups).toMatchObject([
      {
        logGroupName: GROUP,
        arn: `${GROUP_ARN}:*`,
        retentionInDays: 30,
        kmsKeyId: expect.stringContaining("key/k"),
      },
    ]);
  });

  it("lists the streams by name or by their last event, with a token for the next page", async () => {
    const logs = await start();
    logs.write(["x"], "b");
    logs.clock.advance(1000);
    logs.write(["x"], "a");
    const names = async (input: object) => {
      const answer = await logs.client.send(new DescribeLogStreamsCommand({ logGroupName: GROUP, ...input }));
      return { names: answer.logStreams?.map(({ logStreamName }) => logStreamName), token: answer.nextToken };
    };
    expect((await names({})).names).toEqual(["a", "b"]);
    expect((await names({ orderBy: "LastEventTime" })).names).toEqual(["b", "a"]);
    const first = await names({ limit: 1 });
    expect(first.names).toEqual(["a"]);
    expect((await names({ limit: 1, nextToken: first.token })).names).toEqual(["b"]);
  });
});

describe("a group's key", () => {
  it("must allow CloudWatch Logs for this group", async () => {
    const asked: unknown[][] = [];
    const authorizeKey = (...args: unknown[]) => {
      asked.push(args);
    };
    await start({ kmsKeyId: "key" }, { keys: { authorizeKey } });
    const service = { type: "service", service: "logs.eu-central-1.amazonaws.com", sourceArn: GROUP_ARN };
    expect(asked).toContainEqual([
      service,
      "kms:GenerateDataKey",
      "key",
      "logs",
      { "kms:EncryptionContext:aws:logs:arn": GROUP_ARN },
    ]);
  });

  it("that does not is an error which names group and key", async () => {
    const authorizeKey = () => {
      throw new AwsError("KMSAccessDeniedException", "no", 400);
    };
    await expect(start({ kmsKeyId: "key-1" }, { keys: { authorizeKey } })).rejects.toThrow(
      /group .*key-1.*must allow/,
    );
  });
});

describe("hosting", () => {
  it("names a property that it does not know", async () => {
    await expect(start({ colour: "red" })).rejects.toThrow("colour");
  });

  it("keeps resource policies for whoever asks", async () => {
    const { logs } = await start();
    const inputs = { policyName: "delivery", policyDocument: "{}" };
    await host(logs, resource("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "policy", inputs));
    expect(await logs.call("DescribeResourcePolicies", {}, ADMINISTRATOR)).toEqual({
      resourcePolicies: [inputs],
    });
  });

  it("finds the events of an earlier run in its folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), "logs-test-"));
    const open = async () => {
      const store = openStore(folder);
      const clock = new Clock();
      const logs = new Logs({
        store,
        clock,
        metrics: new MetricStore(clock),
        iam: allowAll,
        keys: allowAll,
        region: "eu-central-1",
      });
      await host(logs, groupResource());
      return { store, logs };
    };
    const first = await open();
    const event = { timestamp: Date.now(), message: "kept" };
    first.logs.write(GROUP, STREAM, [event, { ...event, timestamp: event.timestamp + 5 }], ADMINISTRATOR);
    first.store.close();
    const second = await open();
    second.logs.write(GROUP, STREAM, [event], ADMINISTRATOR);
    const answer = await second.logs.call("FilterLogEvents", { logGroupName: GROUP }, ADMINISTRATOR);
    expect(answer.events).toHaveLength(3);
    second.store.close();
    rmSync(folder, { recursive: true });
  });
});
