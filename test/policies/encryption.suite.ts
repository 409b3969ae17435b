import { encryptionPolicies } from "../../policies/encryption";
import { check, type Given } from "./support/check";

const KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/1";

/** Each type that names its key in one property. */
const KEYED: readonly [policy: string, type: string, property: string, service: string, others: object][] = [
  ["sqs-queue-customer-managed-key", "aws:sqs/queue:Queue", "kmsMasterKeyId", "sqs", {}],
  ["sns-topic-customer-managed-key", "aws:sns/topic:Topic", "kmsMasterKeyId", "sns", {}],
  ["logs-group-customer-managed-key", "aws:cloudwatch/logGroup:LogGroup", "kmsKeyId", "logs", {}],
  [
    "dynamodb-table-customer-managed-key",
    "aws:dynamodb/tableReplica:TableReplica",
    "kmsKeyArn",
    "dynamodb",
    { globalTableArn: "arn:aws:dynamodb:eu-west-1:123456789012:table/orders" },
  ],
  [
    "lambda-environment-customer-managed-key",
    "aws:lambda/function:Function",
    "kmsKeyArn",
    "lambda",
    { environment: { variables: { TABLE: "orders" } } },
  ],
];

describe.each(KEYED)("%s of %s", (policy, type, property, service, others) => {
  const violations = (key: unknown) =>
    check(encryptionPolicies, policy, [{ type, name: "orders", props: { ...others, [property]: key } }]);

  test.each([KEY_ARN, "alias/orders", "arn:aws:kms:eu-west-1:123456789012:alias/orders"])(
    "passes the key %s of the account",
    async (key) => {
      expect(await violations(key)).toEqual([]);
    },
  );

  test.each([
    ["no key", undefined],
    ["an empty key", ""],
    ["AWS's key", `alias/aws/${service}`],
    ["AWS's key by its ARN", `arn:aws:kms:eu-west-1:123456789012:alias/aws/${service}`],
  ])("refuses %s", async (_what, key) => {
    expect(await violations(key)).toEqual([
      expect.stringMatching(
        new RegExp(`^orders: .*"orders" is .*Set ${property} to the ARN of an aws.kms.Key`),
      ),
    ]);
  });
});

test("sqs-queue-customer-managed-key refuses SQS's own encryption", async () => {
  const queue = { type: "aws:sqs/queue:Queue", name: "work", props: { sqsManagedSseEnabled: true } };
  expect(await check(encryptionPolicies, "sqs-queue-customer-managed-key", [queue])).toHaveLength(1);
});

describe("lambda-environment-customer-managed-key", () => {
  test.each([{}, { environment: {} }, { environment: { variables: {} } }])(
    "has nothing to say of a function with %j",
    async (props) => {
      const handler = { type: "aws:lambda/function:Function", name: "f", props };
      expect(await check(encryptionPolicies, "lambda-environment-customer-managed-key", [handler])).toEqual(
        [],
      );
    },
  );

  test("is advisory: an environment holds no secrets", () => {
    const policy = encryptionPolicies.find(({ name }) => name === "lambda-environment-customer-managed-key");
    expect(policy?.enforcementLevel).toBe("advisory");
  });
});

describe("dynamodb-table-customer-managed-key", () => {
  const violations = (props: Given["props"]) =>
    check(encryptionPolicies, "dynamodb-table-customer-managed-key", [
      { type: "aws:dynamodb/table:Table", name: "orders", props },
    ]);
  const ENCRYPTED = { serverSideEncryption: { enabled: true, kmsKeyArn: KEY_ARN } };

  test("passes a table with a key of the account, and replicas with keys of theirs", async () => {
    const replicas = [{ regionName: "eu-central-1", kmsKeyArn: KEY_ARN }];
    expect(await violations(ENCRYPTED)).toEqual([]);
    expect(await violations({ ...ENCRYPTED, replicas })).toEqual([]);
  });

  test.each<[string, unknown]>([
    ["no encryption of its own", undefined],
    ["encryption that is off", { enabled: false, kmsKeyArn: KEY_ARN }],
    ["encryption without a key", { enabled: true }],
    ["an empty key", { enabled: true, kmsKeyArn: "" }],
    ["AWS's key for DynamoDB", { enabled: true, kmsKeyArn: "alias/aws/dynamodb" }],
    ["a key but no switch", { kmsKeyArn: KEY_ARN }],
  ])("refuses a table with %s", async (_what, serverSideEncryption) => {
    expect(await violations({ serverSideEncryption })).toEqual([
      expect.stringMatching(/^orders: Table "orders" .*Set serverSideEncryption to enabled: true/),
    ]);
  });

  test.each([undefined, "", "alias/aws/dynamodb"])("refuses a replica with the key %j", async (kmsKeyArn) => {
    const replicas = [{ regionName: "eu-central-1", kmsKeyArn }];
    expect(await violations({ ...ENCRYPTED, replicas })).toEqual([
      expect.stringMatching(/^orders: The replica of table "orders" in eu-central-1 .*Set its kmsKeyArn/),
    ]);
  });
});

describe("kms-key-rotation", () => {
  const violations = (props: Given["props"], config = {}) =>
    check(encryptionPolicies, "kms-key-rotation", [{ type: "aws:kms/key:Key", name: "orders", props }], {
      config,
    });

  test.each<[string, Given["props"]]>([
    ["a key that rotates", { enableKeyRotation: true }],
    ["a key that rotates every 90 days", { enableKeyRotation: true, rotationPeriodInDays: 90 }],
    [
      "a key to sign with, which cannot rotate",
      { keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "RSA_3072" },
    ],
    ["a key in a store of the customer's, which cannot rotate", { customKeyStoreId: "cks-1" }],
  ])("passes %s", async (_what, props) => {
    expect(await violations(props)).toEqual([]);
  });

  test.each<[string, Given["props"]]>([
    ["nothing said", {}],
    ["rotation off", { enableKeyRotation: false }],
    ["rotation off and a period", { enableKeyRotation: false, rotationPeriodInDays: 90 }],
    ["rotation every seven years", { enableKeyRotation: true, rotationPeriodInDays: 2_560 }],
    ["its kind written out", { customerMasterKeySpec: "SYMMETRIC_DEFAULT", keyUsage: "ENCRYPT_DECRYPT" }],
  ])("refuses a key with %s", async (_what, props) => {
    expect(await violations(props)).toEqual([
      expect.stringMatching(/^orders: Key "orders" .*Set enableKeyRotation to true/),
    ]);
  });

  test("takes another longest time from its configuration", async () => {
    const props = { enableKeyRotation: true, rotationPeriodInDays: 700 };
    expect(await violations(props, { maximumRotationDays: 730 })).toEqual([]);
    expect(await violations({ enableKeyRotation: true }, { maximumRotationDays: 90 })).toHaveLength(1);
  });
});
