import { ADMINISTRATOR } from "../../local/aws/caller";
import type { StreamRecord } from "../../local/dynamodb/streams";
import { startDynamoDb, STREAM_ARN, TABLE, type TestDynamoDb } from "./support/dynamodb";

const HOUR_MS = 60 * 60 * 1000;

async function withStream(
  streamViewType: string,
  test: (dynamodb: TestDynamoDb) => Promise<void>,
  inputs: object = {},
) {
  const dynamodb = await startDynamoDb({ streamEnabled: true, streamViewType, ...inputs });
  try {
    await test(dynamodb);
    expect(dynamodb.served.faults).toEqual([]);
  } finally {
    await dynamodb.close();
  }
}

const keyOf = (holder: string, id = "1") => ({ holder: { S: holder }, id: { S: id } });
const put = (dynamodb: TestDynamoDb, Item: object) => dynamodb.call("PutItem", { TableName: TABLE, Item });
const remove = (dynamodb: TestDynamoDb, Key: object) =>
  dynamodb.call("DeleteItem", { TableName: TABLE, Key });

/** Every record of every shard, in the order of their sequence numbers. */
function readAll({ service }: TestDynamoDb): StreamRecord[] {
  return service.streams
    .shards(STREAM_ARN)
    .flatMap((shard) => service.streams.read(STREAM_ARN, shard, undefined, 1000, ADMINISTRATOR))
    .sort((a, b) => (a.dynamodb.SequenceNumber < b.dynamodb.SequenceNumber ? -1 : 1));
}

/** The shard that has the records of the one partition key that the test writes. */
function shardInUse({ service }: TestDynamoDb): string {
  const shard = service.streams.shards(STREAM_ARN).find((id) => service.streams.latest(STREAM_ARN, id));
  if (!shard) throw new Error("No shard has a record.");
  return shard;
}

describe("a stream", () => {
  test("records an insert in the documented shape", () =>
    withStream("NEW_IMAGE", async (dynamodb) => {
      await put(dynamodb, { ...keyOf("alice"), n: { N: "1" } });
      const [record] = readAll(dynamodb);
      expect(record).toEqual({
        eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventName: "INSERT",
        eventVersion: "1.1",
        eventSource: "aws:dynamodb",
        awsRegion: "eu-central-1",
        dynamodb: {
          ApproximateCreationDateTime: expect.any(Number),
          Keys: keyOf("alice"),
          NewImage: { ...keyOf("alice"), n: { N: "1" } },
          SequenceNumber: expect.stringMatching(/^\d{21,40}$/),
          SizeBytes: 31,
          StreamViewType: "NEW_IMAGE",
        },
      });
      const seconds = record?.dynamodb.ApproximateCreationDateTime ?? 0;
      expect(Math.abs(seconds - dynamodb.clock.now() / 1000)).toBeLessThan(60);
    }));

  const before = { ...keyOf("alice"), n: { N: "1" } };
  const after = { ...keyOf("alice"), n: { N: "2" } };
  test.each([
    ["KEYS_ONLY", [{}, {}, {}]],
    ["NEW_IMAGE", [{ NewImage: before }, { NewImage: after }, {}]],
    ["OLD_IMAGE", [{}, { OldImage: before }, { OldImage: after }]],
    [
      "NEW_AND_OLD_IMAGES",
      [{ NewImage: before }, { OldImage: before, NewImage: after }, { OldImage: after }],
    ],
  ])("of %s has these images of an insert, a change and a removal", (viewType, images) =>
    withStream(viewType, async (dynamodb) => {
      await put(dynamodb, before);
      await put(dynamodb, after);
      await remove(dynamodb, keyOf("alice"));
      const records = readAll(dynamodb);
      expect(records.map(({ eventName }) => eventName)).toEqual(["INSERT", "MODIFY", "REMOVE"]);
      const found = records.map(({ dynamodb: { NewImage, OldImage } }) => ({
        ...(NewImage && { NewImage }),
        ...(OldImage && { OldImage }),
      }));
      expect(found).toEqual(images);
    }),
  );

  test("has no record of a write that changes nothing or fails", () =>
    withStream("NEW_IMAGE", async (dynamodb) => {
      await put(dynamodb, { ...keyOf("alice"), a: { SS: ["x", "y"] }, b: { S: "x" } });
      await put(dynamodb, { b: { S: "x" }, ...keyOf("alice"), a: { SS: ["y", "x"] } });
      await remove(dynamodb, keyOf("bob"));
      await expect(
        dynamodb.call("DeleteItem", {
          TableName: TABLE,
          Key: keyOf("alice"),
          ConditionExpression: "attribute_not_exists(id)",
        }),
      ).rejects.toThrow();
      expect(readAll(dynamodb)).toHaveLength(1);
    }));

  test("keeps the changes of one partition key in one shard, in their order", () =>
    withStream("NEW_IMAGE", async (dynamodb) => {
      for (let n = 0; n < 50; n++) await put(dynamodb, { ...keyOf("alice"), n: { N: String(n) } });
      const { streams } = dynamodb.service;
      const records = streams.read(STREAM_ARN, shardInUse(dynamodb), undefined, 1000, ADMINISTRATOR);
      expect(records.map(({ dynamodb: { NewImage } }) => NewImage?.n)).toEqual(
        Array.from({ length: 50 }, (_, n) => ({ N: String(n) })),
      );
    }));

  test("spreads partition keys over its four shards", () =>
    withStream("KEYS_ONLY", async (dynamodb) => {
      for (let n = 0; n < 40; n++) await put(dynamodb, keyOf(`holder-${n}`));
      const { streams } = dynamodb.service;
      const counts = streams
        .shards(STREAM_ARN)
        .map((shard) => streams.read(STREAM_ARN, shard, undefined, 1000, ADMINISTRATOR).length);
      expect(counts).toHaveLength(4);
      expect(Math.min(...counts)).toBeGreaterThan(0);
    }));

  test("is read on from a sequence number", () =>
    withStream("NEW_IMAGE", async (dynamodb) => {
      for (let n = 0; n < 5; n++) await put(dynamodb, { ...keyOf("alice"), n: { N: String(n) } });
      const shard = shardInUse(dynamodb);
      const { streams } = dynamodb.service;
      const first = streams.read(STREAM_ARN, shard, undefined, 2, ADMINISTRATOR);
      const rest = streams.read(STREAM_ARN, shard, first[1]?.dynamodb.SequenceNumber, 10, ADMINISTRATOR);
      expect([first.length, rest.length]).toEqual([2, 3]);
      expect(rest.at(-1)?.dynamodb.SequenceNumber).toBe(streams.latest(STREAM_ARN, shard));
    }));

  test("forgets records after 24 hours, and says so to whoever has not read them", () =>
    withStream("NEW_IMAGE", async (dynamodb) => {
      const { streams } = dynamodb.service;
      for (let n = 0; n < 2; n++) await put(dynamodb, { ...keyOf("alice"), n: { N: String(n) } });
      const shard = shardInUse(dynamodb);
      const [first, second] = streams.read(STREAM_ARN, shard, undefined, 10, ADMINISTRATOR);
      dynamodb.clock.advance(25 * HOUR_MS);
      await put(dynamodb, { ...keyOf("alice"), n: { N: "2" } });
      const read = (record: StreamRecord | undefined) =>
        streams.read(STREAM_ARN, shard, record?.dynamodb.SequenceNumber, 10, ADMINISTRATOR);
      expect(() => read(first)).toThrow(expect.objectContaining({ code: "TrimmedDataAccessException" }));
      expect(read(second)).toHaveLength(1);
      expect(read(undefined).map(({ dynamodb: { NewImage } }) => NewImage?.n)).toEqual([{ N: "2" }]);
    }));

  test("wakes whoever waits for its next record, and nobody else", () =>
    withStream("NEW_IMAGE", async (dynamodb) => {
      const { streams } = dynamodb.service;
      await put(dynamodb, keyOf("alice"));
      const shard = shardInUse(dynamodb);
      const woken: string[] = [];
      const gone = new AbortController();
      const waits = streams
        .shards(STREAM_ARN)
        .map((id) =>
          streams
            .wait(STREAM_ARN, id, streams.latest(STREAM_ARN, id), gone.signal)
            .then(() => woken.push(id)),
        );
      await put(dynamodb, { ...keyOf("alice"), n: { N: "1" } });
      await Promise.race(waits);
      expect(woken).toEqual([shard]);
      gone.abort();
      await Promise.all(waits);
    }));

  test("does not keep anybody waiting for a record that is there", () =>
    withStream("NEW_IMAGE", async (dynamodb) => {
      await put(dynamodb, keyOf("alice"));
      const { streams } = dynamodb.service;
      const never = new AbortController().signal;
      await expect(streams.wait(STREAM_ARN, shardInUse(dynamodb), undefined, never)).resolves.toBeUndefined();
    }));

  test("that does not exist is not found", () =>
    withStream("NEW_IMAGE", async ({ service }) => {
      const notFound = expect.objectContaining({ code: "ResourceNotFoundException" });
      expect(() => service.streams.shards(`${STREAM_ARN}x`)).toThrow(notFound);
      expect(() => service.streams.latest(STREAM_ARN, "shardId-1")).toThrow(notFound);
    }));
});

describe("Time to Live", () => {
  const ttl = { ttl: { attributeName: "expires", enabled: true } };

  test("deletes what has expired, and the stream says that the service did it", () =>
    withStream(
      "OLD_IMAGE",
      async (dynamodb) => {
        const expires = { N: String(Math.floor(dynamodb.clock.now() / 1000) + 3600) };
        const old = { N: String(Math.floor(dynamodb.clock.now() / 1000) - 6 * 365 * 86_400) };
        await put(dynamodb, { ...keyOf("alice"), expires });
        await put(dynamodb, { ...keyOf("bob"), expires: { S: expires.N } });
        await put(dynamodb, { ...keyOf("carol"), expires: old });
        dynamodb.clock.advance(HOUR_MS + 2 * 60_000);
        const { Items } = await dynamodb.call("Scan", { TableName: TABLE, ProjectionExpression: "holder" });
        expect(Items).toEqual([{ holder: { S: "bob" } }, { holder: { S: "carol" } }]);
        const removals = readAll(dynamodb).filter(({ eventName }) => eventName === "REMOVE");
        expect(removals).toMatchObject([
          {
            userIdentity: { type: "Service", principalId: "dynamodb.amazonaws.com" },
            dynamodb: { Keys: keyOf("alice"), OldImage: { ...keyOf("alice"), expires } },
          },
        ]);
      },
      ttl,
    ));
});

describe("the streams API", () => {
  /** Calls the API over HTTP, as its SDK client would. */
  async function callApi(
    { served }: TestDynamoDb,
    action: string,
    input: object,
  ): Promise<Record<string, unknown>> {
    const response = await fetch(served.origin, {
      method: "POST",
      headers: {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": `DynamoDBStreams_20120810.${action}`,
        Authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/dynamodb/aws4_request",
      },
      body: JSON.stringify(input),
    });
    return (await response.json()) as Record<string, unknown>;
  }

  const iteratorOf = async (dynamodb: TestDynamoDb, ShardId: string, input: object) =>
    (await callApi(dynamodb, "GetShardIterator", { StreamArn: STREAM_ARN, ShardId, ...input })).ShardIterator;
  const recordsOf = (dynamodb: TestDynamoDb, ShardIterator: unknown, Limit = 1000) =>
    callApi(dynamodb, "GetRecords", { ShardIterator, Limit });

  test("lists and describes streams", () =>
    withStream("NEW_IMAGE", async (dynamodb) => {
      const listed = { StreamArn: STREAM_ARN, StreamLabel: "2026-01-01T00:00:00.000", TableName: TABLE };
      expect(await callApi(dynamodb, "ListStreams", { TableName: TABLE })).toEqual({ Streams: [listed] });
      expect(await callApi(dynamodb, "ListStreams", { TableName: "nowhere" })).toEqual({ Streams: [] });
      const { StreamDescription } = await callApi(dynamodb, "DescribeStream", { StreamArn: STREAM_ARN });
      expect(StreamDescription).toMatchObject({
        ...listed,
        StreamStatus: "ENABLED",
        StreamViewType: "NEW_IMAGE",
        KeySchema: [
          { AttributeName: "holder", KeyType: "HASH" },
          { AttributeName: "id", KeyType: "RANGE" },
        ],
        Shards: dynamodb.service.streams.shards(STREAM_ARN).map((ShardId) => ({
          ShardId,
          SequenceNumberRange: { StartingSequenceNumber: expect.any(String) },
        })),
      });
    }));

  test("reads a shard by iterators of each kind", () =>
    withStream("NEW_IMAGE", async (dynamodb) => {
      for (let n = 0; n < 3; n++) await put(dynamodb, { ...keyOf("alice"), n: { N: String(n) } });
      const shard = shardInUse(dynamodb);
      const all = dynamodb.service.streams.read(STREAM_ARN, shard, undefined, 10, ADMINISTRATOR);
      const SequenceNumber = all[1]?.dynamodb.SequenceNumber;
      const read = async (input: object) =>
        (await recordsOf(dynamodb, await iteratorOf(dynamodb, shard, input))).Records;
      expect(await read({ ShardIteratorType: "TRIM_HORIZON" })).toEqual(all);
      expect(await read({ ShardIteratorType: "AT_SEQUENCE_NUMBER", SequenceNumber })).toEqual(all.slice(1));
      expect(await read({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber })).toEqual(
        all.slice(2),
      );
      expect(await read({ ShardIteratorType: "LATEST" })).toEqual([]);
    }));

  test("goes on with the next iterator", () =>
    withStream("NEW_IMAGE", async (dynamodb) => {
      for (let n = 0; n < 3; n++) await put(dynamodb, { ...keyOf("alice"), n: { N: String(n) } });
      const iterator = await iteratorOf(dynamodb, shardInUse(dynamodb), {
        ShardIteratorType: "TRIM_HORIZON",
      });
      const first = await recordsOf(dynamodb, iterator, 2);
      const second = await recordsOf(dynamodb, first.NextShardIterator);
      expect([first.Records, second.Records]).toMatchObject([
        [{}, {}],
        [{ dynamodb: { NewImage: { n: { N: "2" } } } }],
      ]);
    }));

  test("refuses an iterator after 15 minutes", () =>
    withStream("NEW_IMAGE", async (dynamodb) => {
      const [shard = ""] = dynamodb.service.streams.shards(STREAM_ARN);
      const iterator = await iteratorOf(dynamodb, shard, { ShardIteratorType: "LATEST" });
      dynamodb.clock.advance(15 * 60_000 + 1);
      expect(await recordsOf(dynamodb, iterator)).toMatchObject({
        __type: expect.stringContaining("ExpiredIteratorException"),
      });
    }));

  test.each<[string, string, object]>([
    ["an iterator that nobody gave out", "GetRecords", { ShardIterator: "x|1|{}" }],
    [
      "a sequence number that nobody gave out",
      "GetShardIterator",
      { StreamArn: STREAM_ARN, ShardIteratorType: "AT_SEQUENCE_NUMBER", SequenceNumber: "1" },
    ],
    ["an unknown member", "DescribeStream", { StreamArn: STREAM_ARN, Colour: "red" }],
  ])("refuses %s", (_case, action, input) =>
    withStream("NEW_IMAGE", async (dynamodb) => {
      const [ShardId] = dynamodb.service.streams.shards(STREAM_ARN);
      const answer = await callApi(
        dynamodb,
        action,
        action === "GetShardIterator" ? { ...input, ShardId } : input,
      );
      expect(answer).toMatchObject({ __type: expect.stringContaining("ValidationException") });
    }),
  );
});
