import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
  type AttributeValue,
} from "@aws-sdk/client-dynamodb";
import { startDynamoDb, TABLE, type TestDynamoDb } from "./support/dynamodb";

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb({
    attributes: [
      { name: "holder", type: "S" },
      { name: "id", type: "S" },
      { name: "rank", type: "N" },
    ],
    globalSecondaryIndexes: [{ name: "byRank", hashKey: "rank", projectionType: "ALL" }],
  });
});
afterAll(async () => {
  expect(dynamodb.served.faults).toEqual([]);
  await dynamodb.close();
});

let counter = 0;
/** The key of an item that no other test touches. */
function newKey(): { holder: { S: string }; id: { S: string } } {
  return { holder: { S: "alice" }, id: { S: `thing-${++counter}` } };
}

const put = (Item: Record<string, AttributeValue>, options: object = {}) =>
  dynamodb.client.send(new PutItemCommand({ TableName: TABLE, Item, ...options }));
const get = async (Key: Record<string, AttributeValue>, options: object = {}) =>
  (await dynamodb.client.send(new GetItemCommand({ TableName: TABLE, Key, ...options }))).Item;
const update = (Key: Record<string, AttributeValue>, UpdateExpression: string, options: object = {}) =>
  dynamodb.client.send(new UpdateItemCommand({ TableName: TABLE, Key, UpdateExpression, ...options }));
const remove = (Key: Record<string, AttributeValue>, options: object = {}) =>
  dynamodb.client.send(new DeleteItemCommand({ TableName: TABLE, Key, ...options }));

describe("an item", () => {
  test("comes back as it was put, in every type", async () => {
    const item = {
      ...newKey(),
      text: { S: 'Grüße 🧡 & \u0000 "quotes"\n' },
      number: { N: "-12.5" },
      bytes: { B: new Uint8Array([0, 255, 7]) },
      yes: { BOOL: true },
      nothing: { NULL: true },
      words: { SS: ["a", "b"] },
      numbers: { NS: ["1", "2"] },
      list: { L: [{ S: "x" }, { M: { deep: { L: [] } } }] },
      constructor: { S: "a name that every object has" },
    } as unknown as Record<string, AttributeValue>;
    await put(item);
    expect(await get({ holder: item.holder!, id: item.id! })).toEqual(item);
  });

  test("is absent until it is put", async () => {
    expect(await get(newKey())).toBeUndefined();
  });

  test("keeps 38 digits of a number and writes it plainly", async () => {
    const key = newKey();
    await put({ ...key, n: { N: "0.00012345678901234567890123456789012345678" }, e: { N: "1.50E+3" } });
    expect(await get(key)).toMatchObject({
      n: { N: "0.00012345678901234567890123456789012345678" },
      e: { N: "1500" },
    });
  });

  test("replaces the one with the same key, which ALL_OLD returns", async () => {
    const key = newKey();
    await put({ ...key, version: { N: "1" }, gone: { S: "x" } });
    const { Attributes } = await put({ ...key, version: { N: "2" } }, { ReturnValues: "ALL_OLD" });
    expect(Attributes).toEqual({ ...key, version: { N: "1" }, gone: { S: "x" } });
    expect(await get(key)).toEqual({ ...key, version: { N: "2" } });
  });

  test("is gone once it is deleted, and deleting it again is no error", async () => {
    const key = newKey();
    await put({ ...key, a: { S: "x" } });
    expect((await remove(key, { ReturnValues: "ALL_OLD" })).Attributes).toEqual({ ...key, a: { S: "x" } });
    expect(await get(key)).toBeUndefined();
    expect((await remove(key, { ReturnValues: "ALL_OLD" })).Attributes).toBeUndefined();
  });

  test("is read in part by a projection, list elements closing ranks", async () => {
    const key = newKey();
    await put({
      ...key,
      m: { M: { a: { S: "1" }, b: { S: "2" } } },
      l: { L: [{ N: "0" }, { N: "1" }, { N: "2" }] },
    });
    const part = await get(key, {
      ProjectionExpression: "#m.b, l[2], l[0], ghost, l[9]",
      ExpressionAttributeNames: { "#m": "m" },
    });
    expect(part).toEqual({ m: { M: { b: { S: "2" } } }, l: { L: [{ N: "0" }, { N: "2" }] } });
  });

  test("says what it consumed when asked", async () => {
    const key = newKey();
    const { ConsumedCapacity } = await put(
      { ...key, text: { S: "x".repeat(2000) } },
      { ReturnConsumedCapacity: "TOTAL" },
    );
    expect(ConsumedCapacity).toEqual({ TableName: TABLE, CapacityUnits: 2 });
  });
});

describe("a condition", () => {
  test("keeps the first of two puts under the same key", async () => {
    const key = newKey();
    const condition = { ConditionExpression: "attribute_not_exists(id)" };
    await put({ ...key, v: { N: "1" } }, condition);
    await expect(put({ ...key, v: { N: "2" } }, condition)).rejects.toMatchObject({
      name: "ConditionalCheckFailedException",
      message: "The conditional request failed",
      Item: undefined,
    });
    expect(await get(key)).toMatchObject({ v: { N: "1" } });
  });

  test.each(["PutItem", "UpdateItem", "DeleteItem"])(
    "that fails in %s returns the item that stood in the way when asked",
    async (action) => {
      const key = newKey();
      const existing = { ...key, v: { N: "1" } };
      await put(existing);
      const options = {
        ConditionExpression: "v > :v",
        ExpressionAttributeValues: { ":v": { N: "5" } },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      };
      const attempts: Record<string, () => Promise<unknown>> = {
        PutItem: () => put({ ...key, v: { N: "9" } }, options),
        UpdateItem: () => update(key, "REMOVE v", options),
        DeleteItem: () => remove(key, options),
      };
      await expect(attempts[action]?.()).rejects.toMatchObject({
        name: "ConditionalCheckFailedException",
        Item: existing,
      });
      expect(await get(key)).toEqual(existing);
    },
  );

  test("that fails without an item returns none", async () => {
    const attempt = update(newKey(), "SET a = :a", {
      ConditionExpression: "attribute_exists(id)",
      ExpressionAttributeValues: { ":a": { S: "x" } },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    await expect(attempt).rejects.toMatchObject({ name: "ConditionalCheckFailedException", Item: undefined });
  });
});

describe("an update", () => {
  test("creates the item when there is none", async () => {
    const key = newKey();
    await update(key, "ADD visits :one", { ExpressionAttributeValues: { ":one": { N: "1" } } });
    expect(await get(key)).toEqual({ ...key, visits: { N: "1" } });
  });

  test.each([
    ["ALL_OLD", { a: { N: "1" }, b: { N: "1" } }],
    ["ALL_NEW", { a: { N: "2" }, b: { N: "1" } }],
    ["UPDATED_OLD", { a: { N: "1" } }],
    ["UPDATED_NEW", { a: { N: "2" } }],
    ["NONE", undefined],
  ])("returns %s", async (ReturnValues, expected) => {
    const key = newKey();
    await put({ ...key, a: { N: "1" }, b: { N: "1" } });
    const { Attributes } = await update(key, "SET a = a + :one", {
      ExpressionAttributeValues: { ":one": { N: "1" } },
      ReturnValues,
    });
    const whole = ReturnValues.startsWith("ALL") ? { ...key, ...expected } : expected;
    expect(Attributes).toEqual(whole);
  });

  test("cannot touch the key", async () => {
    const attempt = update(newKey(), "SET id = :x", { ExpressionAttributeValues: { ":x": { S: "other" } } });
    await expect(attempt).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining("Cannot update attribute id. This attribute is part of the key"),
    });
  });

  test("cannot give an index key another type", async () => {
    const attempt = update(newKey(), "SET #r = :x", {
      ExpressionAttributeNames: { "#r": "rank" },
      ExpressionAttributeValues: { ":x": { S: "first" } },
    });
    await expect(attempt).rejects.toMatchObject({
      message: expect.stringContaining(
        "Type mismatch for Index Key rank Expected: N Actual: S IndexName: byRank",
      ),
    });
  });

  test("that fails leaves the item as it was", async () => {
    const key = newKey();
    await put({ ...key, a: { N: "1" }, s: { S: "x" } });
    const attempt = update(key, "SET a = :two, b = s + :two", {
      ExpressionAttributeValues: { ":two": { N: "2" } },
    });
    await expect(attempt).rejects.toMatchObject({ name: "ValidationException" });
    expect(await get(key)).toEqual({ ...key, a: { N: "1" }, s: { S: "x" } });
  });
});

describe("a request is refused", () => {
  const bytes = (count: number) => ({ S: "ä".repeat(count / 2) });
  const tooDeep = (levels: number): AttributeValue =>
    levels === 0 ? { S: "end" } : { L: [tooDeep(levels - 1)] };

  test.each<[string, () => Promise<unknown>, string]>([
    ["without a key attribute", () => put({ holder: { S: "alice" } }), "Missing the key id in the item"],
    [
      "with an empty key",
      () => put({ ...newKey(), id: { S: "" } }),
      "cannot contain an empty string value. Key: id",
    ],
    ["with a key of another type", () => put({ ...newKey(), id: { N: "1" } }), "Type mismatch for key id"],
    ["with a key attribute too many", () => get({ ...newKey(), x: { S: "" } }), "does not match the schema"],
    [
      "with a partition key over 2,048 bytes",
      () => put({ ...newKey(), holder: bytes(2050) }),
      "Size of hashkey",
    ],
    [
      "with a sort key over 1,024 bytes",
      () => put({ ...newKey(), id: bytes(1026) }),
      "Aggregated size of all range",
    ],
    [
      "with an item over 400 KB in UTF-8",
      () => put({ ...newKey(), x: bytes(409_600) }),
      "Item size has exceeded",
    ],
    [
      "with 39 digits",
      () => put({ ...newKey(), n: { N: "1".repeat(39) } }),
      "more than 38 significant digits",
    ],
    [
      "with a number that is none",
      () => put({ ...newKey(), n: { N: "one" } }),
      "cannot be converted to a numeric",
    ],
    ["with an empty set", () => put({ ...newKey(), s: { SS: [] } }), "may not be empty"],
    ["with values nested over 32 levels", () => put({ ...newKey(), d: tooDeep(40) }), "Nesting Levels"],
    ["with an unknown return value", () => put(newKey(), { ReturnValues: "ALL_NEW" }), "ALL_OLD or NONE"],
    [
      "with an attribute named __proto__",
      () => dynamodb.call("PutItem", JSON.parse(`{"TableName":"${TABLE}","Item":{"__proto__":{"S":"x"}}}`)),
      "__proto__",
    ],
    [
      "with a null in a list",
      () => dynamodb.call("PutItem", { TableName: TABLE, Item: { a: { L: [null] } } }),
      "null",
    ],
    [
      "with a value of two types",
      () => dynamodb.call("PutItem", { TableName: TABLE, Item: { ...newKey(), a: { S: "x", N: "1" } } }),
      "more than one datatypes",
    ],
    [
      "with a legacy parameter",
      () => dynamodb.call("PutItem", { TableName: TABLE, Item: newKey(), Expected: {} }),
      "Expected is not supported here; use ConditionExpression",
    ],
    [
      "with an unknown parameter",
      () => dynamodb.call("PutItem", { TableName: TABLE, Item: newKey(), Colour: "red" }),
      "Colour",
    ],
  ])("%s", async (_case, attempt, reason) => {
    await expect(attempt()).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(reason),
    });
  });

  test("for a table that does not exist", async () => {
    const attempt = dynamodb.client.send(new GetItemCommand({ TableName: "nowhere", Key: newKey() }));
    await expect(attempt).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("with JSON of the wrong shape", async () => {
    await expect(dynamodb.call("PutItem", { TableName: TABLE, Item: "x" })).rejects.toMatchObject({
      code: "SerializationException",
    });
  });

  test.each([
    ["a number as text", { S: 1 }, "NUMBER_VALUE cannot be converted to String"],
    ["a fraction as text", { S: 1.5 }, "DECIMAL_VALUE cannot be converted to String"],
    ["true as text", { S: true }, "TRUE_VALUE cannot be converted to String"],
    ["a list as text", { S: [] }, "Unrecognized collection type class java.lang.String"],
    ["a text as a list", { L: "x" }, "Unexpected field type"],
    ["a map as a list", { L: {} }, "Start of structure or map found where not expected"],
    ["a list as a map", { M: [] }, "Unrecognized collection type java.util.Map"],
    ["no value at all", "x", "Unexpected value type in payload"],
    ["a number as a truth value", { BOOL: 1 }, "NUMBER_VALUE cannot be converted to Boolean"],
    ["binary that is not base64", { B: "a" }, "expected a multiple of 4 bytes"],
    ["a number deep inside", { M: { a: { L: [{ S: 1 }] } } }, "NUMBER_VALUE cannot be converted to String"],
  ])("with %s in an item", async (_case, value, reason) => {
    const attempt = dynamodb.call("PutItem", { TableName: TABLE, Item: { ...newKey(), value } });
    await expect(attempt).rejects.toMatchObject({
      code: "SerializationException",
      message: expect.stringContaining(reason),
    });
  });

  test.each([
    ["a null in a list", { L: [null] }],
    ["a null as text", { S: null }],
    [
      "maps without end",
      Array.from({ length: 500 }).reduce((inner: object) => ({ M: { a: inner } }), { S: "x" }),
    ],
  ])("with %s", async (_case, value) => {
    const attempt = dynamodb.call("PutItem", { TableName: TABLE, Item: { ...newKey(), value } });
    await expect(attempt).rejects.toMatchObject({ code: "ValidationException" });
  });

  test.each([
    ["CreateTable", "ValidationException", "the program defines the tables"],
    ["DeleteTable", "ValidationException", "the program defines the tables"],
    ["ExecuteStatement", "UnknownOperationException", "ExecuteStatement"],
    ["constructor", "UnknownOperationException", "constructor"],
  ])("as the action %s", async (action, code, message) => {
    await expect(dynamodb.call(action, { TableName: TABLE })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});

test("a table may be named by its ARN", async () => {
  const key = newKey();
  const TableName = `arn:aws:dynamodb:eu-central-1:123456789012:table/${TABLE}`;
  await dynamodb.client.send(new PutItemCommand({ TableName, Item: key }));
  expect(await get(key)).toEqual(key);
});

test("an item of exactly 400 KB is kept", async () => {
  const key = newKey();
  const used = ["holder", "alice", "id", key.id.S, "x"].join("").length;
  await put({ ...key, x: { S: "x".repeat(409_600 - used) } });
  expect((await get(key))?.x?.S).toHaveLength(409_600 - used);
});
