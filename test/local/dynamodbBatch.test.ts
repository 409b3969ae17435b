import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import { startDynamoDb, TABLE, type TestDynamoDb } from "./support/dynamodb";

let dynamodb: TestDynamoDb;
beforeEach(async () => {
  dynamodb = await startDynamoDb();
});
afterEach(async () => {
  expect(dynamodb.served.faults).toEqual([]);
  await dynamodb.close();
});

const keyOf = (id: number | string) => ({ holder: { S: "alice" }, id: { S: String(id) } });
const thing = (id: number | string, v = "1") => ({ ...keyOf(id), v: { N: v } });
const put = (id: number | string, v?: string) =>
  dynamodb.call("PutItem", { TableName: TABLE, Item: thing(id, v) });
const versionOf = async (id: number | string) => {
  const { Item } = await dynamodb.call("GetItem", { TableName: TABLE, Key: keyOf(id) });
  return (Item as { v: { N: string } } | undefined)?.v.N;
};
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

const writeBatch = (writes: object[]) =>
  dynamodb.client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: writes } }));
const getBatch = (ids: readonly (number | string)[], options: object = {}) =>
  dynamodb.client.send(
    new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys: ids.map(keyOf), ...options } } }),
  );

describe("a batch", () => {
  test("puts and deletes items", async () => {
    await put("old");
    const answer = await writeBatch([
      { PutRequest: { Item: thing("new") } },
      { DeleteRequest: { Key: keyOf("old") } },
    ]);
    expect(answer.UnprocessedItems).toEqual({});
    expect([await versionOf("new"), await versionOf("old")]).toEqual(["1", undefined]);
  });

  test("reads the items that there are, in part", async () => {
    await Promise.all(numbers(3).map((id) => put(id)));
    const { Responses, UnprocessedKeys } = await getBatch([0, 2, 99], { ProjectionExpression: "id" });
    expect(Responses).toEqual({ [TABLE]: [{ id: { S: "0" } }, { id: { S: "2" } }] });
    expect(UnprocessedKeys).toEqual({});
  });

  test("leaves what would pass 16 MB unprocessed", async () => {
    for (const id of numbers(45))
      await dynamodb.call("PutItem", {
        TableName: TABLE,
        Item: { ...keyOf(id), x: { S: "x".repeat(390_000) } },
      });
    const { Responses, UnprocessedKeys } = await getBatch(numbers(45));
    expect(Responses?.[TABLE]).toHaveLength(43);
    expect(UnprocessedKeys?.[TABLE]?.Keys).toEqual([keyOf(43), keyOf(44)]);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    [
      "over 25 writes",
      () => writeBatch(numbers(26).map((id) => ({ PutRequest: { Item: thing(id) } }))),
      "25",
    ],
    ["over 100 reads", () => getBatch(numbers(101)), "100"],
    [
      "two writes of one item",
      () => writeBatch([{ PutRequest: { Item: thing(1) } }, { DeleteRequest: { Key: keyOf(1) } }]),
      "duplicates",
    ],
    ["one key twice", () => getBatch([1, 1]), "duplicates"],
    ["an empty write", () => writeBatch([{}]), "must contain exactly one"],
    ["a legacy parameter", () => getBatch([1], { AttributesToGet: ["id"] }), "use ProjectionExpression"],
  ])("is refused: %s", async (_case, attempt, reason) => {
    await expect(attempt()).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(reason),
    });
    expect(await versionOf(1)).toBeUndefined();
  });
});

describe("a transaction", () => {
  const write = (items: TransactWriteItem[], options: object = {}) =>
    dynamodb.client.send(new TransactWriteItemsCommand({ TransactItems: items, ...options }));
  const putOf = (id: string, options: object = {}) => ({
    Put: { TableName: TABLE, Item: thing(id, "2"), ...options },
  });
  const increment = {
    Update: {
      TableName: TABLE,
      Key: keyOf("counter"),
      UpdateExpression: "ADD v :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
    },
  };
  const exists = (id: string) => ({
    ConditionCheck: { TableName: TABLE, Key: keyOf(id), ConditionExpression: "attribute_exists(id)" },
  });

  test("makes all of its changes", async () => {
    await put("checked");
    await put("deleted");
    await write([
      putOf("new"),
      increment,
      { Delete: { TableName: TABLE, Key: keyOf("deleted") } },
      exists("checked"),
    ]);
    expect(await Promise.all(["new", "counter", "deleted"].map(versionOf))).toEqual(["2", "1", undefined]);
  });

  test("makes none when a condition fails, and says which", async () => {
    await put("taken", "7");
    const attempt = write([
      increment,
      putOf("taken", {
        ConditionExpression: "attribute_not_exists(id)",
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      }),
      exists("ghost"),
    ]);
    await expect(attempt).rejects.toMatchObject({
      name: "TransactionCanceledException",
      CancellationReasons: [
        { Code: "None" },
        {
          Code: "ConditionalCheckFailed",
          Message: "The conditional request failed",
          Item: thing("taken", "7"),
        },
        { Code: "ConditionalCheckFailed" },
      ],
    });
    expect(await versionOf("counter")).toBeUndefined();
  });

  test("happens once under one client token, for ten minutes", async () => {
    const token = { ClientRequestToken: "token-1" };
    await write([increment], token);
    await write([increment], token);
    expect(await versionOf("counter")).toBe("1");
    await expect(write([putOf("other")], token)).rejects.toMatchObject({
      name: "IdempotentParameterMismatchException",
    });
    dynamodb.clock.advance(10 * 60 * 1000 + 1);
    await write([increment], token);
    expect(await versionOf("counter")).toBe("2");
  });

  test("reads items in the order asked", async () => {
    await put("a");
    await put("b");
    const Get = (id: string) => ({ Get: { TableName: TABLE, Key: keyOf(id), ProjectionExpression: "id" } });
    const { Responses } = await dynamodb.client.send(
      new TransactGetItemsCommand({ TransactItems: [Get("b"), Get("ghost"), Get("a")] }),
    );
    expect(Responses).toEqual([{ Item: { id: { S: "b" } } }, {}, { Item: { id: { S: "a" } } }]);
  });

  test.each<[string, () => TransactWriteItem[], string]>([
    [
      "two actions on one item",
      () => [putOf("x"), { Delete: { TableName: TABLE, Key: keyOf("x") } }],
      "multiple operations on one item",
    ],
    [
      "an action of two kinds",
      () => [{ ...putOf("x"), ...increment }],
      "one of Check, Put, Update or Delete",
    ],
    ["over 100 actions", () => numbers(101).map((id) => putOf(String(id))), "100"],
  ])("is refused: %s", async (_case, items, reason) => {
    await expect(write(items())).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(reason),
    });
    expect(await versionOf("x")).toBeUndefined();
  });

  test("is refused over 4 MB", async () => {
    const x = { S: "x".repeat(400_000) };
    const TransactItems = numbers(11).map((id) => ({ Put: { TableName: TABLE, Item: { ...keyOf(id), x } } }));
    await expect(dynamodb.call("TransactWriteItems", { TransactItems })).rejects.toThrow(
      "maximum size of 4 MB",
    );
    expect(await versionOf(0)).toBeUndefined();
  });
});
