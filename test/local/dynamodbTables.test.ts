import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ListTablesCommand,
} from "@aws-sdk/client-dynamodb";
import type { Authorizer, KeyAuthorizer } from "../../local/aws/authorizer";
import { ADMINISTRATOR, type Caller } from "../../local/aws/caller";
import { AwsError } from "../../local/aws/error";
import { openStore } from "../../local/store";
import { allowAll } from "./support/authorizer";
import {
  PLAIN_KEY,
  startDynamoDb,
  STREAM_ARN,
  TABLE,
  TABLE_ARN,
  type TestDynamoDb,
  type TestOptions,
} from "./support/dynamodb";

const KEY_ARN = "arn:aws:kms:eu-central-1:123456789012:key/1";
const FULL_TABLE = {
  attributes: [...PLAIN_KEY.attributes, { name: "bin", type: "N" }],
  globalSecondaryIndexes: [
    { name: "byBin", keySchemas: [{ attributeName: "bin", keyType: "HASH" }], projectionType: "KEYS_ONLY" },
  ],
  streamEnabled: true,
  streamViewType: "NEW_IMAGE",
  serverSideEncryption: { enabled: true, kmsKeyArn: KEY_ARN },
  pointInTimeRecovery: { enabled: true },
  deletionProtectionEnabled: true,
  ttl: { attributeName: "expires", enabled: true },
};

const Key = { holder: { S: "alice" }, id: { S: "1" } };
const Item = { ...Key, bin: { N: "1" } };

async function withTable(
  inputs: object,
  test: (dynamodb: TestDynamoDb) => Promise<void>,
  options: TestOptions = {},
) {
  const dynamodb = await startDynamoDb({ ...inputs }, options);
  try {
    await test(dynamodb);
  } finally {
    await dynamodb.close();
  }
}

describe("a table", () => {
  test("is described as the program defines it", () =>
    withTable(FULL_TABLE, async ({ client, call }) => {
      await call("PutItem", { TableName: TABLE, Item });
      const { Table } = await client.send(new DescribeTableCommand({ TableName: TABLE }));
      expect(Table).toMatchObject({
        TableName: TABLE,
        TableArn: TABLE_ARN,
        TableStatus: "ACTIVE",
        ItemCount: 1,
        TableSizeBytes: 19,
        KeySchema: [
          { AttributeName: "holder", KeyType: "HASH" },
          { AttributeName: "id", KeyType: "RANGE" },
        ],
        AttributeDefinitions: expect.arrayContaining([{ AttributeName: "bin", AttributeType: "N" }]),
        BillingModeSummary: { BillingMode: "PAY_PER_REQUEST" },
        GlobalSecondaryIndexes: [
          {
            IndexName: "byBin",
            IndexArn: `${TABLE_ARN}/index/byBin`,
            KeySchema: [{ AttributeName: "bin", KeyType: "HASH" }],
            Projection: { ProjectionType: "KEYS_ONLY" },
            ItemCount: 1,
          },
        ],
        StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_IMAGE" },
        LatestStreamArn: STREAM_ARN,
        SSEDescription: { Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: KEY_ARN },
        DeletionProtectionEnabled: true,
      });
    }));

  test("is listed, with its backups and its Time to Live", () =>
    withTable(FULL_TABLE, async ({ client }) => {
      expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual([TABLE]);
      const backups = await client.send(new DescribeContinuousBackupsCommand({ TableName: TABLE }));
      expect(backups.ContinuousBackupsDescription).toMatchObject({
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "ENABLED", RecoveryPeriodInDays: 35 },
      });
      const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: TABLE }));
      expect(ttl.TimeToLiveDescription).toEqual({ TimeToLiveStatus: "ENABLED", AttributeName: "expires" });
    }));

  test("that does not exist is named when it is described", () =>
    withTable({}, async ({ client }) => {
      await expect(client.send(new DescribeTableCommand({ TableName: "nowhere" }))).rejects.toMatchObject({
        name: "ResourceNotFoundException",
        message: "Requested resource not found: Table: nowhere not found",
      });
    }));

  test.each([
    [{ replicas: [{ regionName: "eu-west-1" }] }, "replicas"],
    [{ localSecondaryIndexes: [] }, "localSecondaryIndexes"],
    [{ rangeKey: "ghost" }, 'key attribute "ghost" is not in attributes'],
    [{ attributes: [...PLAIN_KEY.attributes, { name: "extra", type: "S" }] }, '"extra" is part of no key'],
    [{ streamEnabled: true }, "streamViewType"],
    [
      { globalSecondaryIndexes: [{ name: "i", projectionType: "ALL" }] },
      '"i" needs either hashKey or keySchemas',
    ],
    [
      {
        globalSecondaryIndexes: [
          {
            name: "i",
            projectionType: "ALL",
            keySchemas: ["holder", "id"].map((attributeName) => ({ attributeName, keyType: "HASH" })),
          },
        ],
      },
      '"i" must have one HASH',
    ],
    [
      { globalSecondaryIndexes: [{ name: "i", hashKey: "id", projectionType: "INCLUDE" }] },
      "nonKeyAttributes exactly when",
    ],
  ])("that cannot be hosted says why: %j", async (inputs, reason) => {
    await expect(startDynamoDb(inputs)).rejects.toThrow(reason);
    await expect(startDynamoDb(inputs)).rejects.toThrow(`The table "${TABLE}" cannot be hosted`);
  });
});

describe("with a folder", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "dynamodb-test-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = (inputs: object, test: (dynamodb: TestDynamoDb) => Promise<void>) =>
    withTable(inputs, test, { store: openStore(folder) });
  const find = async ({ call }: TestDynamoDb) =>
    (
      await call("Query", {
        TableName: TABLE,
        IndexName: "byBin",
        KeyConditionExpression: "bin = :b",
        ExpressionAttributeValues: { ":b": { N: "1" } },
      })
    ).Items;

  test("items, index entries and stream records outlive the run, and sequence numbers go on", async () => {
    let before: string | undefined;
    const shardOf = ({ service }: TestDynamoDb) =>
      service.streams.shards(STREAM_ARN).find((id) => service.streams.latest(STREAM_ARN, id)) ?? "";
    await run(FULL_TABLE, async (dynamodb) => {
      await dynamodb.call("PutItem", { TableName: TABLE, Item });
      before = dynamodb.service.streams.latest(STREAM_ARN, shardOf(dynamodb));
    });
    await run(FULL_TABLE, async (dynamodb) => {
      expect(await dynamodb.call("GetItem", { TableName: TABLE, Key })).toEqual({ Item });
      expect(await find(dynamodb)).toEqual([Item]);
      const { streams } = dynamodb.service;
      const shard = shardOf(dynamodb);
      expect(streams.latest(STREAM_ARN, shard)).toBe(before);
      await dynamodb.call("DeleteItem", { TableName: TABLE, Key });
      const records = streams.read(STREAM_ARN, shard, before, 10, ADMINISTRATOR);
      expect(records.map(({ eventName }) => eventName)).toEqual(["REMOVE"]);
    });
  });

  test("an index that the program adds later holds the items that were there", async () => {
    await run({}, async ({ call }) => {
      await call("PutItem", { TableName: TABLE, Item });
    });
    await run(FULL_TABLE, async (dynamodb) => {
      expect(await find(dynamodb)).toEqual([Item]);
    });
  });

  test("a table with another key starts empty, as its replacement would", async () => {
    await run({}, async ({ call }) => {
      await call("PutItem", { TableName: TABLE, Item });
    });
    await run(
      { attributes: [{ name: "id", type: "S" }], hashKey: "id", rangeKey: undefined },
      async ({ call }) => {
        expect(await call("Scan", { TableName: TABLE })).toMatchObject({ Count: 0 });
      },
    );
  });
});

describe("permissions", () => {
  const ROLE: Caller = { type: "role", roleArn: "arn:aws:iam::123456789012:role/r", sessionName: "s" };
  interface Check {
    readonly action: string;
    readonly resource: string;
    readonly context?: unknown;
  }

  /** Allows everything that the test does not deny, and keeps what was asked. */
  function recorder(denied?: string): { checks: Check[]; iam: Authorizer; keys: KeyAuthorizer } {
    const checks: Check[] = [];
    const check = (action: string, resource: string, context: unknown) => {
      checks.push({ action, resource, ...(context !== undefined && { context }) });
      if (action === denied)
        throw new AwsError("AccessDeniedException", `not authorized to perform: ${action}`, 403);
    };
    return {
      checks,
      iam: { authorize: (_caller, action, resource, options) => check(action, resource, options?.context) },
      keys: { authorizeKey: (_caller, action, key) => check(action, key, undefined) },
    };
  }

  const leading = { "dynamodb:LeadingKeys": "alice" };
  const decrypt = { action: "kms:Decrypt", resource: KEY_ARN };
  const query = {
    KeyConditionExpression: "holder = :h",
    ExpressionAttributeValues: { ":h": { S: "alice" } },
  };
  const byBin = { KeyConditionExpression: "bin = :b", ExpressionAttributeValues: { ":b": { N: "1" } } };

  test.each<[string, object, Check[]]>([
    ["GetItem", { Key }, [{ action: "dynamodb:GetItem", resource: TABLE_ARN, context: leading }, decrypt]],
    ["PutItem", { Item }, [{ action: "dynamodb:PutItem", resource: TABLE_ARN, context: leading }, decrypt]],
    [
      "UpdateItem",
      { Key },
      [{ action: "dynamodb:UpdateItem", resource: TABLE_ARN, context: leading }, decrypt],
    ],
    [
      "DeleteItem",
      { Key },
      [{ action: "dynamodb:DeleteItem", resource: TABLE_ARN, context: leading }, decrypt],
    ],
    ["Query", query, [{ action: "dynamodb:Query", resource: TABLE_ARN, context: leading }, decrypt]],
    [
      "Query",
      { IndexName: "byBin", ...byBin },
      [{ action: "dynamodb:Query", resource: `${TABLE_ARN}/index/byBin` }, decrypt],
    ],
    ["Scan", {}, [{ action: "dynamodb:Scan", resource: TABLE_ARN }, decrypt]],
    ["DescribeTable", {}, [{ action: "dynamodb:DescribeTable", resource: TABLE_ARN }]],
  ])("%s asks for them: %j", async (action, input, expected) => {
    const { checks, ...authorizers } = recorder();
    await withTable(
      FULL_TABLE,
      async ({ call }) => {
        await call(action, { TableName: TABLE, ...input }, ROLE);
        expect(checks).toEqual(expected);
      },
      authorizers,
    );
  });

  test("a batch asks for each partition key", async () => {
    const { checks, ...authorizers } = recorder();
    const Keys = ["alice", "bob"].map((holder) => ({ ...Key, holder: { S: holder } }));
    await withTable(
      {},
      async ({ call }) => {
        await call("BatchGetItem", { RequestItems: { [TABLE]: { Keys } } }, ROLE);
        expect(checks).toEqual(
          ["alice", "bob"].map((holder) => ({
            action: "dynamodb:BatchGetItem",
            resource: TABLE_ARN,
            context: { "dynamodb:LeadingKeys": holder },
          })),
        );
      },
      authorizers,
    );
  });

  test("a transaction asks for the permission of each action", async () => {
    const { checks, ...authorizers } = recorder();
    const TransactItems = [
      { Put: { TableName: TABLE, Item } },
      {
        ConditionCheck: {
          TableName: TABLE,
          Key: { ...Key, id: { S: "2" } },
          ConditionExpression: "attribute_not_exists(id)",
        },
      },
    ];
    await withTable(
      {},
      async ({ call }) => {
        await call("TransactWriteItems", { TransactItems }, ROLE);
        expect(checks.map(({ action }) => action)).toEqual([
          "dynamodb:PutItem",
          "dynamodb:ConditionCheckItem",
        ]);
      },
      authorizers,
    );
  });

  test("reading a stream asks for the stream and the key", async () => {
    const { checks, ...authorizers } = recorder();
    await withTable(
      FULL_TABLE,
      async ({ service }) => {
        const [shard = ""] = service.streams.shards(STREAM_ARN);
        service.streams.read(STREAM_ARN, shard, undefined, 1, ROLE);
        expect(checks).toEqual([{ action: "dynamodb:GetRecords", resource: STREAM_ARN }, decrypt]);
      },
      authorizers,
    );
  });

  test.each(["dynamodb:PutItem", "kms:Decrypt"])("without %s nothing is written", async (denied) => {
    const { iam, keys } = recorder(denied);
    const store = openStore();
    await withTable(
      FULL_TABLE,
      async ({ call, service }) => {
        await expect(call("PutItem", { TableName: TABLE, Item }, ROLE)).rejects.toMatchObject({
          code: "AccessDeniedException",
        });
        const shards = service.streams.shards(STREAM_ARN);
        expect(shards.filter((shard) => service.streams.latest(STREAM_ARN, shard))).toEqual([]);
      },
      { store, iam, keys },
    );
  });

  test("whoever may not use a table does not learn whether it exists", async () => {
    const { iam } = recorder("dynamodb:GetItem");
    await withTable(
      {},
      async ({ call }) => {
        for (const TableName of [TABLE, "nowhere"])
          await expect(call("GetItem", { TableName, Key }, ROLE)).rejects.toMatchObject({
            code: "AccessDeniedException",
          });
      },
      { iam, keys: allowAll },
    );
  });
});
