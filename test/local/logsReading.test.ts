import {
  FilterLogEventsCommand,
  GetLogEventsCommand,
  type FilteredLogEvent,
} from "@aws-sdk/client-cloudwatch-logs";
import { ADMINISTRATOR } from "../../local/aws/caller";
import { GROUP, GROUP_ARN, LogsFixture, STREAM } from "./support/logGroups";

let fixture: LogsFixture | undefined;

async function start(): Promise<LogsFixture> {
  return (fixture = await LogsFixture.start());
}

afterEach(async () => {
  await fixture?.stop();
  fixture = undefined;
});

async function messages({ client }: LogsFixture, input: { startTime?: number; endTime?: number } = {}) {
  const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName: GROUP, ...input }));
  return events.map(({ message }) => message);
}

describe("FilterLogEvents", () => {
  it("brings the events of all streams in order of time", async () => {
    const logs = await start();
    const now = logs.clock.now();
    const write = (stream: string, ...times: number[]) =>
      logs.logs.write(
        GROUP,
        stream,
        times.map((time) => ({ timestamp: now + time, message: `${time}` })),
        ADMINISTRATOR,
      );
    write("a", 0, 50, 100);
    write("b", 20, 70);
    write("c", 10, 200);
    expect(await messages(logs)).toEqual(["0", "10", "20", "50", "70", "100", "200"]);
  });

  it("takes both ends of the time range", async () => {
    const logs = await start();
    const now = logs.write(["0", "1", "2", "3"]);
    expect(await messages(logs, { startTime: now + 1, endTime: now + 2 })).toEqual(["1", "2"]);
  });

  it("reads only the streams that are asked for", async () => {
    const logs = await start();
    logs.write(["a"], "web/1");
    logs.write(["b"], "web/2");
    logs.write(["c"], "job/1");
    const read = async (input: object) => {
      const { events = [] } = await logs.client.send(
        new FilterLogEventsCommand({ logGroupName: GROUP, ...input }),
      );
      return events.map(({ message }) => message);
    };
    expect(await read({ logStreamNames: ["web/2", "job/1"] })).toEqual(["b", "c"]);
    expect(await read({ logStreamNamePrefix: "web/" })).toEqual(["a", "b"]);
    await expect(read({ logStreamNames: ["none"] })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it("brings every event once over pages", async () => {
    const logs = await start();
    const written = Array.from({ length: 450 }, (_, index) => `event ${index}`);
    for (let at = 0; at < written.length; at += 3) {
      logs.write(written.slice(at, at + 3));
      logs.clock.advance(2);
    }
    const read: FilteredLogEvent[] = [];
    let nextToken: string | undefined;
    do {
      const command = new FilterLogEventsCommand({ logGroupName: GROUP, limit: 7, nextToken });
      const page = await logs.client.send(command);
      read.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(read.map(({ message }) => message).toSorted()).toEqual(written.toSorted());
    const times = read.map(({ timestamp }) => Number(timestamp));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("brings the latest events first when asked to, over pages too", async () => {
    const logs = await start();
    const startTime = logs.write(["0", "1", "2", "3", "4"]);
    const read = async (nextToken?: string) => {
      const input = { logGroupName: GROUP, startFromHead: false, startTime, limit: 2, nextToken };
      const page = await logs.client.send(new FilterLogEventsCommand(input));
      return { messages: (page.events ?? []).map(({ message }) => message), token: page.nextToken };
    };
    const first = await read();
    const second = await read(first.token);
    const third = await read(second.token);
    expect([first.messages, second.messages, third.messages]).toEqual([["4", "3"], ["2", "1"], ["0"]]);
    expect(third.token).toBeUndefined();
  });

  it("refuses to bring the latest first from a time before 2024", async () => {
    const logs = await start();
    const command = new FilterLogEventsCommand({ logGroupName: GROUP, startFromHead: false });
    await expect(logs.client.send(command)).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  it("ends a page at one megabyte", async () => {
    const logs = await start();
    logs.write(Array.from({ length: 6 }, () => "x".repeat(300_000)));
    const { events, nextToken } = await logs.client.send(new FilterLogEventsCommand({ logGroupName: GROUP }));
    expect(events).toHaveLength(3);
    expect(nextToken).toBeDefined();
  });

  it("refuses a token that it did not give", async () => {
    const logs = await start();
    const command = new FilterLogEventsCommand({ logGroupName: GROUP, nextToken: "none" });
    await expect(logs.client.send(command)).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  it("takes the group's ARN too", async () => {
    const logs = await start();
    logs.write(["a"]);
    const command = new FilterLogEventsCommand({ logGroupIdentifier: GROUP_ARN });
    expect((await logs.client.send(command)).events).toHaveLength(1);
  });

  it("names a member and an action that it does not support", async () => {
    const { logs } = await start();
    await expect(logs.call("FilterLogEvents", { colour: 1 }, ADMINISTRATOR)).rejects.toThrow("colour");
    await expect(logs.call("PutMetricFilter", {}, ADMINISTRATOR)).rejects.toThrow("PutMetricFilter");
  });
});

describe("GetLogEvents", () => {
  it("walks through a stream from its head with GetLogEvents", async () => {
    const logs = await start();
    logs.write(["0", "1", "2"]);
    const read = async (nextToken?: string) => {
      const input = { logGroupName: GROUP, logStreamName: STREAM, startFromHead: true, limit: 2, nextToken };
      const page = await logs.client.send(new GetLogEventsCommand(input));
      return { messages: (page.events ?? []).map(({ message }) => message), token: page.nextForwardToken };
    };
    const first = await read();
    const second = await read(first.token);
    const third = await read(second.token);
    expect([first.messages, second.messages, third.messages]).toEqual([["0", "1"], ["2"], []]);
    expect(third.token).toBe(second.token);
  });

  it("brings a stream's latest events first unless asked for its head, then those before", async () => {
    const logs = await start();
    logs.write(["0", "1", "2"]);
    const read = async (nextToken?: string) => {
      const input = { logGroupName: GROUP, logStreamName: STREAM, limit: 2, nextToken };
      const page = await logs.client.send(new GetLogEventsCommand(input));
      return { messages: (page.events ?? []).map(({ message }) => message), token: page.nextBackwardToken };
    };
    const latest = await read();
    expect(latest.messages).toEqual(["1", "2"]);
    expect((await read(latest.token)).messages).toEqual(["0"]);
  });
});
