import {
  paginateQuery,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  type AttributeValue,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { startDynamoDb, TABLE, type TestDynamoDb } from "./support/dynamodb";

/** Partition key `holder`; sort key of the given type; two indexes on attributes that not every item has. */
function tableWithSortKey(type: "S" | "N" | "B") {
  return {
    attributes: [
      { name: "holder", type: "S" },
      { name: "id", type },
      { name: "bin", type: "N" },
      { name: "placed", type: "S" },
    ],
    globalSecondaryIndexes: [
      {
        name: "byBin",
        keySchemas: [
          { attributeName: "bin", keyType: "HASH" },
          { attributeName: "placed", keyType: "RANGE" },
        ],
        projectionType: "KEYS_ONLY",
      },
      { name: "byPlaced", hashKey: "placed", projectionType: "INCLUDE", nonKeyAttributes: ["colour"] },
    ],
  };
}

async function withTable(type: "S" | "N" | "B", test: (dynamodb: TestDynamoDb) => Promise<void>) {
  const dynamodb = await startDynamoDb(tableWithSortKey(type));
  try {
    await test(dynamodb);
    expect(dynamodb.served.faults).toEqual([]);
  } finally {
    await dynamodb.close();
  }
}

async function fill(dynamodb: TestDynamoDb, items: readonly Record<string, AttributeValue>[]) {
  for (const item of items)
    await dynamodb.client.send(
      new PutItemCommand({ TableName: TABLE, Item: { holder: { S: "alice" }, ...item } }),
    );
}

/** Queries the items of alice, or what the input says instead. */
async function query(dynamodb: TestDynamoDb, input: Partial<QueryCommandInput> = {}) {
  return dynamodb.client.send(
    new QueryCommand({
      TableName: TABLE,
      KeyConditionExpression: "holder = :h",
      ExpressionAttributeValues: { ":h": { S: "alice" }, ...input.ExpressionAttributeValues },
      ...Object.fromEntries(Object.entries(input).filter(([name]) => name !== "ExpressionAttributeValues")),
    }),
  );
}

const idsOf = (items: readonly Record<string, AttributeValue>[] | undefined) =>
  items?.map(({ id }) => id?.S ?? id?.N ?? Buffer.from(id?.B ?? "").toString("hex"));

const letters = ["a", "ab", "abc", "b", "ba", "c"];
const things = letters.map((id) => ({ id: { S: id } }));

describe("a query", () => {
  test("finds the items of one partition in the order of their sort keys", () =>
    withTable("S", async (dynamodb) => {
      await fill(dynamodb, [...things].reverse());
      await fill(dynamodb, [{ holder: { S: "bob" }, id: { S: "aa" } }]);
      const { Items, Count, ScannedCount, LastEvaluatedKey } = await query(dynamodb);
      expect(idsOf(Items)).toEqual(letters);
      expect({ Count, ScannedCount, LastEvaluatedKey }).toEqual({ Count: 6, ScannedCount: 6 });
      expect(idsOf((await query(dynamodb, { ScanIndexForward: false })).Items)).toEqual(
        [...letters].reverse(),
      );
    }));

  test("takes every condition on the sort key", () =>
    withTable("S", async (dynamodb) => {
      await fill(dynamodb, things);
      const find = async (condition: string, low: string, high?: string) =>
        idsOf(
          (
            await query(dynamodb, {
              KeyConditionExpression: `holder = :h AND ${condition}`,
              ExpressionAttributeValues: { ":low": { S: low }, ...(high && { ":high": { S: high } }) },
            })
          ).Items,
        );
      expect(await find("id = :low", "ab")).toEqual(["ab"]);
      expect(await find("id < :low", "abc")).toEqual(["a", "ab"]);
      expect(await find("id <= :low", "abc")).toEqual(["a", "ab", "abc"]);
      expect(await find("id > :low", "b")).toEqual(["ba", "c"]);
      expect(await find("id >= :low", "b")).toEqual(["b", "ba", "c"]);
      expect(await find(":low < id", "b")).toEqual(["ba", "c"]);
      expect(await find("id BETWEEN :low AND :high", "ab", "b")).toEqual(["ab", "abc", "b"]);
      expect(await find("begins_with(id, :low)", "ab")).toEqual(["ab", "abc"]);
    }));

  test("orders numbers by value, to the 38th digit", () =>
    withTable("N", async (dynamodb) => {
      const numbers = [
        "-10000000000000000000000000000000000000",
        "-123.456",
        "-123.45",
        "-9",
        "-0.001",
        "0",
        "0.00000000000000000000000000000000000001",
        "0.5",
        "9",
        "10",
        "123456789012345678901234567890.12345677",
        "123456789012345678901234567890.12345678",
      ];
      await fill(
        dynamodb,
        [...numbers].sort().map((N) => ({ id: { N } })),
      );
      expect(idsOf((await query(dynamodb)).Items)).toEqual(numbers);
      const below = await query(dynamodb, {
        KeyConditionExpression: "holder = :h AND id < :n",
        ExpressionAttributeValues: { ":n": { N: "-9" } },
      });
      expect(idsOf(below.Items)).toEqual(numbers.slice(0, 3));
    }));

  test("orders text by its UTF-8 bytes", () =>
    withTable("S", async (dynamodb) => {
      const texts = ["A", "Z", "a", "z", "é", "\uE000", "\uFFFD", "\u{1F600}"];
      await fill(
        dynamodb,
        [...texts].reverse().map((S) => ({ id: { S } })),
      );
      expect(idsOf((await query(dynamodb)).Items)).toEqual(texts);
      const prefixed = await query(dynamodb, {
        KeyConditionExpression: "holder = :h AND begins_with(id, :p)",
        ExpressionAttributeValues: { ":p": { S: "\u{1F600}" } },
      });
      expect(idsOf(prefixed.Items)).toEqual(["\u{1F600}"]);
    }));

  test("orders binary by its bytes", () =>
    withTable("B", async (dynamodb) => {
      const values = [[0], [0, 255], [1], [127], [128, 0], [255]];
      await fill(
        dynamodb,
        [...values].reverse().map((bytes) => ({ id: { B: new Uint8Array(bytes) } })),
      );
      expect(idsOf((await query(dynamodb)).Items)).toEqual(["00", "00ff", "01", "7f", "8000", "ff"]);
    }));

  test("goes on where the page before ended, in both directions", () =>
    withTable("S", async (dynamodb) => {
      await fill(dynamodb, things);
      for (const ScanIndexForward of [true, false]) {
        const pages: (readonly string[] | undefined)[] = [];
        const input = {
          TableName: TABLE,
          KeyConditionExpression: "holder = :h",
          ExpressionAttributeValues: { ":h": { S: "alice" } },
          ScanIndexForward,
          Limit: 4,
        };
        for await (const { Items } of paginateQuery({ client: dynamodb.client }, input))
          pages.push(idsOf(Items));
        const order = ScanIndexForward ? letters : [...letters].reverse();
        expect(pages).toEqual([order.slice(0, 4), order.slice(4)]);
      }
    }));

  test("counts what its filter drops towards the limit", () =>
    withTable("S", async (dynamodb) => {
      await fill(dynamodb, [
        { id: { S: "1" }, colour: { S: "red" } },
        { id: { S: "2" }, colour: { S: "blue" } },
        { id: { S: "3" }, colour: { S: "red" } },
      ]);
      const { Items, Count, ScannedCount, LastEvaluatedKey } = await query(dynamodb, {
        FilterExpression: "colour = :c",
        ExpressionAttributeValues: { ":c": { S: "red" } },
        Limit: 2,
      });
      expect({ ids: idsOf(Items), Count, ScannedCount }).toEqual({ ids: ["1"], Count: 1, ScannedCount: 2 });
      expect(LastEvaluatedKey).toEqual({ holder: { S: "alice" }, id: { S: "2" } });
    }));

  test("ends a page at 1 MB", () =>
    withTable("S", async (dynamodb) => {
      await fill(
        dynamodb,
        ["1", "2", "3", "4"].map((id) => ({ id: { S: id }, x: { S: "x".repeat(390_000) } })),
      );
      const first = await query(dynamodb, { ProjectionExpression: "id" });
      expect(idsOf(first.Items)).toEqual(["1", "2", "3"]);
      const second = await query(dynamodb, { Select: "COUNT", ExclusiveStartKey: first.LastEvaluatedKey });
      expect({ Count: second.Count, Items: second.Items }).toEqual({ Count: 1, Items: undefined });
    }));
});

describe("a global secondary index", () => {
  const indexed = [
    { id: { S: "1" }, bin: { N: "3" }, placed: { S: "2026-01-02" }, colour: { S: "red" }, x: { S: "x" } },
    { id: { S: "2" }, bin: { N: "3" }, placed: { S: "2026-01-01" }, colour: { S: "blue" } },
    { id: { S: "3" }, bin: { N: "3" } },
    { id: { S: "4" }, bin: { N: "4" }, placed: { S: "2026-01-01" } },
    { id: { S: "5" }, bin: { N: "3" }, placed: { S: "2026-01-01" } },
  ];
  const byBin = {
    IndexName: "byBin",
    KeyConditionExpression: "bin = :b",
    ExpressionAttributeValues: { ":b": { N: "3" } },
  };
  const find = (dynamodb: TestDynamoDb, input: Partial<QueryCommandInput>) =>
    dynamodb.client.send(new QueryCommand({ TableName: TABLE, ...byBin, ...input }));

  test("holds only items with all of its key attributes, and of these only the keys", () =>
    withTable("S", async (dynamodb) => {
      await fill(dynamodb, indexed);
      const { Items } = await find(dynamodb, {});
      expect(idsOf(Items)).toEqual(["2", "5", "1"]);
      expect(Items?.[0]).toEqual({
        holder: { S: "alice" },
        id: { S: "2" },
        bin: { N: "3" },
        placed: { S: "2026-01-01" },
      });
    }));

  test("holds what it includes besides the keys", () =>
    withTable("S", async (dynamodb) => {
      await fill(dynamodb, indexed);
      const { Items } = await find(dynamodb, {
        IndexName: "byPlaced",
        KeyConditionExpression: "placed = :p",
        ExpressionAttributeValues: { ":p": { S: "2026-01-02" } },
      });
      expect(Items).toEqual([
        { holder: { S: "alice" }, id: { S: "1" }, placed: { S: "2026-01-02" }, colour: { S: "red" } },
      ]);
    }));

  test("follows the item's updates", () =>
    withTable("S", async (dynamodb) => {
      await fill(dynamodb, indexed);
      const update = (UpdateExpression: string, values: object = {}) =>
        dynamodb.call("UpdateItem", {
          TableName: TABLE,
          Key: { holder: { S: "alice" }, id: { S: "2" } },
          UpdateExpression,
          ...values,
        });
      await update("SET placed = :p", { ExpressionAttributeValues: { ":p": { S: "2026-01-09" } } });
      expect(idsOf((await find(dynamodb, {})).Items)).toEqual(["5", "1", "2"]);
      await update("REMOVE bin");
      expect(idsOf((await find(dynamodb, {})).Items)).toEqual(["5", "1"]);
      await dynamodb.call("DeleteItem", {
        TableName: TABLE,
        Key: { holder: { S: "alice" }, id: { S: "5" } },
      });
      expect(idsOf((await find(dynamodb, {})).Items)).toEqual(["1"]);
    }));

  test("pages through items that share its key", () =>
    withTable("S", async (dynamodb) => {
      await fill(dynamodb, indexed);
      const first = await find(dynamodb, { Limit: 1 });
      expect(first.LastEvaluatedKey).toEqual({
        holder: { S: "alice" },
        id: { S: "2" },
        bin: { N: "3" },
        placed: { S: "2026-01-01" },
      });
      const second = await find(dynamodb, { Limit: 1, ExclusiveStartKey: first.LastEvaluatedKey });
      const third = await find(dynamodb, { Limit: 5, ExclusiveStartKey: second.LastEvaluatedKey });
      expect([idsOf(second.Items), idsOf(third.Items)]).toEqual([["5"], ["1"]]);
      const back = await find(dynamodb, {
        ScanIndexForward: false,
        ExclusiveStartKey: second.LastEvaluatedKey,
      });
      expect(idsOf(back.Items)).toEqual(["2"]);
    }));

  test.each<[string, Partial<QueryCommandInput>, string]>([
    ["consistent reads", { ConsistentRead: true }, "Consistent reads are not supported on global secondary"],
    ["attributes that it does not project", { ProjectionExpression: "colour" }, "does not project [colour]"],
    ["all attributes when it holds fewer", { Select: "ALL_ATTRIBUTES" }, "its projection type is not ALL"],
    ["a name that no index has", { IndexName: "byNothing" }, "does not have the specified index: byNothing"],
  ])("refuses %s", (_case, input, reason) =>
    withTable("S", async (dynamodb) => {
      await expect(find(dynamodb, input)).rejects.toMatchObject({
        name: "ValidationException",
        message: expect.stringContaining(reason),
      });
    }),
  );
});

describe("a query is refused", () => {
  const condition = (KeyConditionExpression: string, values: Record<string, AttributeValue> = {}) => ({
    KeyConditionExpression,
    ExpressionAttributeValues: values,
  });
  test.each<[string, Partial<QueryCommandInput>, string]>([
    ["without the partition key", condition("id = :h"), "Query condition missed key schema element: holder"],
    ["with a range of partitions", condition("holder > :h"), "Query key condition not supported"],
    [
      "with an attribute that is no key",
      condition("holder = :h AND colour = :h"),
      "missed key schema element: id",
    ],
    ["with two conditions on one key", condition("holder = :h AND holder = :h"), "one condition per key"],
    ["with OR", condition("holder = :h OR id = :h"), "Invalid operator used in KeyConditionExpression: OR"],
    [
      "with a value of the wrong type",
      condition("holder = :h AND id = :n", { ":n": { N: "1" } }),
      "does not match schema type",
    ],
    [
      "with an empty key",
      condition("holder = :h AND id = :e", { ":e": { S: "" } }),
      "empty string value. Key: id",
    ],
    [
      "with a filter on a key",
      { FilterExpression: "id = :h" },
      "Filter Expression can only contain non-primary key",
    ],
    [
      "with a start key of another partition",
      { ExclusiveStartKey: { holder: { S: "bob" }, id: { S: "1" } } },
      "outside query boundaries",
    ],
    [
      "with half a start key",
      { ExclusiveStartKey: { id: { S: "1" } } },
      "The provided starting key is invalid",
    ],
    ["with a limit of 0", { Limit: 0 }, "greater than or equal to 1"],
    [
      "with projected attributes of no index",
      { Select: "ALL_PROJECTED_ATTRIBUTES" },
      "only when Querying using an IndexName",
    ],
  ])("%s", (_case, input, reason) =>
    withTable("S", async (dynamodb) => {
      await expect(query(dynamodb, input)).rejects.toMatchObject({
        name: "ValidationException",
        message: expect.stringContaining(reason),
      });
    }),
  );
});

describe("a scan", () => {
  const spread = Array.from({ length: 20 }, (_, index) => ({
    holder: { S: `holder-${index}` },
    id: { S: "x" },
    ...(index < 5 && { bin: { N: String(index) }, placed: { S: "p" } }),
  }));

  test("finds every item once, page by page", () =>
    withTable("S", async (dynamodb) => {
      await fill(dynamodb, spread);
      const found: string[] = [];
      let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
      do {
        const page = await dynamodb.client.send(
          new ScanCommand({ TableName: TABLE, Limit: 6, ExclusiveStartKey }),
        );
        found.push(...(page.Items ?? []).map(({ holder }) => holder?.S ?? ""));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      expect(found.sort()).toEqual(spread.map(({ holder }) => holder.S).sort());
    }));

  test("in segments finds every item in one of them", () =>
    withTable("S", async (dynamodb) => {
      await fill(dynamodb, spread);
      const segments = await Promise.all(
        [0, 1, 2].map((Segment) =>
          dynamodb.client.send(new ScanCommand({ TableName: TABLE, Segment, TotalSegments: 3 })),
        ),
      );
      const found = segments.flatMap(({ Items }) => Items?.map(({ holder }) => holder?.S));
      expect(found.sort()).toEqual(spread.map(({ holder }) => holder.S).sort());
      expect(segments.filter(({ Count }) => Count === 0)).toEqual([]);
    }));

  test("of an index finds what stands in it", () =>
    withTable("S", async (dynamodb) => {
      await fill(dynamodb, spread);
      const scan = (input: object) =>
        dynamodb.client.send(new ScanCommand({ TableName: TABLE, IndexName: "byBin", ...input }));
      const first = await scan({ Limit: 3 });
      const second = await scan({ ExclusiveStartKey: first.LastEvaluatedKey });
      expect([...(first.Items ?? []), ...(second.Items ?? [])].map(({ bin }) => bin?.N)).toEqual([
        "0",
        "1",
        "2",
        "3",
        "4",
      ]);
    }));
});
