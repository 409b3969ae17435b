import { startDynamoDb, TABLE, type TestDynamoDb } from "./support/dynamodb";

let dynamodb: TestDynamoDb;
beforeAll(async () => {
  dynamodb = await startDynamoDb();
});
afterAll(() => dynamodb.close());

const Key = { holder: { S: "alice" }, id: { S: "thing" } };

const ITEM = {
  ...Key,
  n: { N: "7" },
  s: { S: "hello" },
  smile: { S: "\u{1F600}" },
  b: { B: "AAEC" },
  t: { BOOL: true },
  nil: { NULL: true },
  ss: { SS: ["a", "b"] },
  l: { L: [{ S: "x" }, { N: "1" }, { M: { k: { S: "v" } } }] },
  m: { M: { x: { N: "1" }, y: { L: [{ S: "z" }] } } },
};

const VALUES = {
  ":n": { N: "7.0" },
  ":eight": { N: "8" },
  ":s": { S: "hello" },
  ":he": { S: "he" },
  ":a": { S: "a" },
  ":private": { S: "\uE000" },
  ":b": { B: "AAE=" },
  ":ss": { SS: ["b", "a"] },
  ":m": { M: { y: { L: [{ S: "z" }] }, x: { N: "1" } } },
  ":inner": { M: { k: { S: "v" } } },
  ":N": { S: "N" },
  ":big": { N: "7.0000000000000000000000000000000000001" },
};

/** The values that an expression names, as requests may have no others. */
function valuesIn(expression: string, values: Readonly<Record<string, unknown>> = VALUES) {
  const used = Object.entries(values).filter(([name]) => new RegExp(`${name}\\b`).test(expression));
  return used.length > 0 ? { ExpressionAttributeValues: Object.fromEntries(used) } : {};
}

const put = (Item: object) => dynamodb.call("PutItem", { TableName: TABLE, Item });

/** Whether the condition let a write pass. */
async function passes(ConditionExpression: string): Promise<boolean> {
  await put(structuredClone(ITEM));
  try {
    await dynamodb.call("DeleteItem", {
      TableName: TABLE,
      Key,
      ConditionExpression,
      ...structuredClone(valuesIn(ConditionExpression)),
    });
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "ConditionalCheckFailedException") return false;
    throw error;
  }
}

describe("a condition expression", () => {
  test.each([
    "n = :n",
    "n < :eight AND NOT n > :eight",
    "n < :big",
    "n BETWEEN :n AND :eight",
    "n IN (:eight, :n)",
    "s = :s OR n = :eight",
    "begins_with(s, :he)",
    "contains(s, :he)",
    "contains(ss, :a)",
    "contains(l, :inner)",
    "begins_with(b, :b)",
    "b > :b",
    "ss = :ss",
    "m = :m",
    "m.y[0] <> :s",
    "size(s) = size(s) AND size(ss) < :n",
    "attribute_exists(l[2].k)",
    "attribute_not_exists(l[3])",
    "attribute_not_exists(toString)",
    "attribute_type(n, :N)",
    "ghost <> :s",
    // UTF-8 puts a character outside the basic plane behind every one inside; UTF-16 would not.
    "smile > :private",
  ])("holds: %s", async (expression) => {
    expect(await passes(expression)).toBe(true);
  });

  test.each([
    "n = :s",
    "s < :n",
    "ghost = :s",
    "ghost < :n",
    "ghost = absent",
    "ghost <= absent",
    "begins_with(ghost, absent)",
    "contains(s, :n)",
    "contains(l, :a)",
    "n > :big",
    "ss = :a",
    "m <> :m",
    "NOT attribute_exists(id)",
    "attribute_type(s, :N)",
    "size(n) = :n",
  ])("does not hold: %s", async (expression) => {
    expect(await passes(expression)).toBe(false);
  });

  test.each([
    ["status = :s", "reserved keyword: status"],
    ["n = :undefined", "attribute value: :undefined"],
    ["#n = :s", "attribute name: #n"],
    ["n == :s", "Syntax error"],
    ["((n = :n))", "redundant parentheses"],
    ["frobnicate(n)", "Invalid function name; function: frobnicate"],
    ["n BETWEEN :eight AND :n", "upper bound to be greater than or equal to lower bound"],
    ["", "The expression can not be empty"],
    [`n = :n AND ${"(".repeat(500)}`, "at most 8 parentheses"],
    [`n = :n AND s <> :s${" ".repeat(4096)}`, "Expression size has exceeded"],
  ])("is refused: %s", async (expression, reason) => {
    await expect(passes(expression)).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(reason),
    });
  });

  test("may not leave a value or a name unused", async () => {
    const request = { TableName: TABLE, Key, ConditionExpression: "attribute_exists(n)" };
    await expect(
      dynamodb.call("DeleteItem", { ...request, ExpressionAttributeValues: { ":x": { S: "" } } }),
    ).rejects.toThrow("ExpressionAttributeValues unused in expressions: keys: {:x}");
    await expect(
      dynamodb.call("DeleteItem", { ...request, ExpressionAttributeNames: { "#x": "x" } }),
    ).rejects.toThrow("ExpressionAttributeNames unused in expressions: keys: {#x}");
  });

  test("is evaluated with the values of its own request, not with those of an earlier one", async () => {
    await put({ ...Key, n: { N: "1" } });
    const attempt = (n: string) =>
      dynamodb.call("UpdateItem", {
        TableName: TABLE,
        Key,
        UpdateExpression: "SET n = :new",
        ConditionExpression: "n = :old",
        ExpressionAttributeValues: { ":old": { N: n }, ":new": { N: String(Number(n) + 1) } },
        ReturnValues: "UPDATED_NEW",
      });
    expect(await attempt("1")).toEqual({ Attributes: { n: { N: "2" } } });
    expect(await attempt("2")).toEqual({ Attributes: { n: { N: "3" } } });
    await expect(attempt("2")).rejects.toThrow("The conditional request failed");
  });

  test("that was fine with one range is still refused with a reversed one", async () => {
    const attempt = (low: string, high: string) =>
      dynamodb.call("DeleteItem", {
        TableName: TABLE,
        Key,
        ConditionExpression: "attribute_not_exists(id) OR n BETWEEN :low AND :high",
        ExpressionAttributeValues: { ":low": { N: low }, ":high": { N: high } },
      });
    await attempt("1", "9");
    await expect(attempt("9", "1")).rejects.toMatchObject({ name: "ValidationException" });
  });
});

describe("an update expression", () => {
  const START = {
    n: { N: "0.1" },
    big: { N: "9999999999999999999999999999999999999" },
    l: { L: [{ N: "0" }, { N: "1" }, { N: "2" }] },
    m: { M: { a: { S: "x" } } },
    ss: { SS: ["a", "b"] },
  };
  const UPDATE_VALUES = {
    ":n": { N: "0.2" },
    ":s": { S: "new" },
    ":t": { S: "newer" },
    ":l": { L: [{ S: "x" }] },
    ":ss": { SS: ["b", "c"] },
    ":all": { SS: ["a", "b"] },
    ":one": { N: "1" },
    ":tiny": { N: "0.01" },
  };

  async function updated(UpdateExpression: string): Promise<Record<string, unknown>> {
    await put({ ...Key, ...structuredClone(START) });
    const { Attributes } = await dynamodb.call("UpdateItem", {
      TableName: TABLE,
      Key,
      UpdateExpression,
      ...structuredClone(valuesIn(UpdateExpression, UPDATE_VALUES)),
      ReturnValues: "ALL_NEW",
    });
    return Attributes as Record<string, unknown>;
  }

  test.each<[string, object]>([
    ["SET n = n + :n", { n: { N: "0.3" } }],
    ["SET n = n - :n", { n: { N: "-0.1" } }],
    ["SET big = big + :one", { big: { N: "10000000000000000000000000000000000000" } }],
    [
      "SET fresh = if_not_exists(fresh, :s), n = if_not_exists(n, :n)",
      { fresh: { S: "new" }, n: { N: "0.1" } },
    ],
    ["SET l = list_append(l, :l)", { l: { L: [...START.l.L, { S: "x" }] } }],
    ["SET l = list_append(:l, l)", { l: { L: [{ S: "x" }, ...START.l.L] } }],
    ["SET l[1] = :s", { l: { L: [{ N: "0" }, { S: "new" }, { N: "2" }] } }],
    ["SET l[9000000000] = :t, l[7] = :s", { l: { L: [...START.l.L, { S: "new" }, { S: "newer" }] } }],
    ["SET m.a = :s, m.b = :t", { m: { M: { a: { S: "new" }, b: { S: "newer" } } } }],
    ["SET another = n, n = :n", { another: { N: "0.1" }, n: { N: "0.2" } }],
    ["REMOVE l[0], l[1]", { l: { L: [{ N: "2" }] } }],
    ["REMOVE m.a, ss", { m: { M: {} }, ss: undefined }],
    ["REMOVE ghost", {}],
    ["ADD n :n, fresh :one, ss :ss", { n: { N: "0.3" }, fresh: { N: "1" }, ss: { SS: ["a", "b", "c"] } }],
    ["DELETE ss :ss", { ss: { SS: ["a"] } }],
    ["DELETE ss :all", { ss: undefined }],
  ])("%s", async (expression, expected) => {
    const item = { ...Key, ...START, ...expected };
    expect(await updated(expression)).toEqual(JSON.parse(JSON.stringify(item)));
  });

  test.each([
    ["SET n = ghost + :n", "refers to an attribute that does not exist in the item"],
    ["SET n = m + :n", "incorrect data type"],
    ["SET ghost.a = :s", "The document path provided in the update expression is invalid for update"],
    ["SET __proto__ = :s", "__proto__"],
    ["SET m[0] = :s", "The document path provided in the update expression is invalid for update"],
    ["SET holder.x = :s", "Key attributes must be scalars"],
    ["SET a = :s, a = :t", "Two document paths overlap"],
    ["ADD m :n", "incorrect data type"],
    ["ADD n :s", "operand type: STRING"],
    ["SET big = big + :tiny", "38 significant digits"],
    ["SET a = :s SET b = :t", 'The "SET" section can only be used once'],
  ])("is refused: %s", async (expression, reason) => {
    await expect(updated(expression)).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining(reason),
    });
  });
});
