import type { RecordedStack } from "../support/recordedStack";
import { Symbols } from "../support/symbols";

const SERVICES = ["fulfillment", "accounting", "inventory"];
const FAILURE_QUEUES = [
  "orders-dead-letters",
  "start-deliveries-failures",
  "delivery-failures",
  "reconcile-deliveries-failures",
  "reconcile-deliveries-schedule-failures",
  ...SERVICES.map((name) => `${name}-dead-letters`),
];
const DAY_SECONDS = 24 * 3_600;
const KEY = "<kms.Key orders arn>";

/** Where an order rests: hops 2, 4, 7 and 8, and how it is kept from others' eyes and from deletion. */
export function describeData(dev: () => RecordedStack, prod: () => RecordedStack): void {
  const inputs = (type: string, name: string) => new Symbols(dev()).in(dev().inputs(type, name));

  describe("the queues", () => {
    test("of orders hides a received order six times as long as the function may take, and takes what the design says", () => {
      expect(inputs("sqs.Queue", "orders")).toEqual({
        visibilityTimeoutSeconds: 60,
        messageRetentionSeconds: 4 * DAY_SECONDS,
        maxMessageSize: 131_072,
        receiveWaitTimeSeconds: 20,
        kmsMasterKeyId: KEY,
        kmsDataKeyReusePeriodSeconds: 3_600,
      });
      expect(dev().inputs("lambda.Function", "process-orders")["timeout"]).toBe(60 / 6);
    });

    test.each(SERVICES)("of %s takes an event as large as the topic can deliver", (service) => {
      expect(inputs("sqs.Queue", service)).toEqual({
        visibilityTimeoutSeconds: 180,
        messageRetentionSeconds: 4 * DAY_SECONDS,
        maxMessageSize: 262_144,
        receiveWaitTimeSeconds: 20,
        kmsMasterKeyId: KEY,
        kmsDataKeyReusePeriodSeconds: 3_600,
      });
    });

    test("each have a dead-letter queue, which takes from no other, or are a failure queue themselves", () => {
      for (const name of ["orders", ...SERVICES]) {
        const redrive = inputs("sqs.RedrivePolicy", name);
        expect(redrive["queueUrl"]).toBe(`<sqs.Queue ${name} url>`);
        expect(JSON.parse(String(redrive["redrivePolicy"]))).toEqual({
          deadLetterTargetArn: `<sqs.Queue ${name}-dead-letters arn>`,
          maxReceiveCount: name === "orders" ? 10 : 5,
        });
        const allow = inputs("sqs.RedriveAllowPolicy", name);
        expect(allow["queueUrl"]).toBe(`<sqs.Queue ${name}-dead-letters url>`);
        expect(JSON.parse(String(allow["redriveAllowPolicy"]))).toEqual({
          redrivePermission: "byQueue",
          sourceQueueArns: [`<sqs.Queue ${name} arn>`],
        });
      }
      const names = dev()
        .all("sqs.Queue")
        .map(({ name }) => name);
      expect(names.sort()).toEqual(["orders", ...SERVICES, ...FAILURE_QUEUES].sort());
    });

    test.each(FAILURE_QUEUES)("%s keeps messages as long as SQS does, longer than its source", (name) => {
      expect(inputs("sqs.Queue", name)).toEqual({
        messageRetentionSeconds: 14 * DAY_SECONDS,
        kmsMasterKeyId: KEY,
        kmsDataKeyReusePeriodSeconds: 3_600,
      });
    });
  });

  describe("the topic of orders", () => {
    test("delivers every event as it is to each service's queue, or to its dead letters", () => {
      expect(inputs("sns.Topic", "order-events")).toEqual({ kmsMasterKeyId: KEY });
      for (const service of SERVICES) {
        const { redrivePolicy, ...subscription } = inputs("sns.TopicSubscription", service);
        expect(subscription).toEqual({
          topic: "<sns.Topic order-events arn>",
          protocol: "sqs",
          endpoint: `<sqs.Queue ${service} arn>`,
          rawMessageDelivery: true,
        });
        expect(JSON.parse(String(redrivePolicy))).toEqual({
          deadLetterTargetArn: `<sqs.Queue ${service}-dead-letters arn>`,
        });
      }
    });

    test("delivers only once the queues' policies let it", () => {
      for (const service of SERVICES)
        expect(dev().one("sns.TopicSubscription", service).dependencies).toEqual(
          expect.arrayContaining([
            dev().one("sqs.QueuePolicy", service).urn,
            dev().one("sqs.QueuePolicy", `${service}-dead-letters`).urn,
          ]),
        );
    });
  });

  test("the table is keyed by customer and order, indexed by order and by what is undelivered, and streams what is new", () => {
    const index = (name: string, ...keySchemas: readonly object[]) => ({
      name,
      keySchemas,
      projectionType: "KEYS_ONLY",
    });
    expect(inputs("dynamodb.Table", "orders")).toEqual({
      billingMode: "PAY_PER_REQUEST",
      hashKey: "customerId",
      rangeKey: "orderId",
      attributes: [
        { name: "customerId", type: "S" },
        { name: "orderId", type: "S" },
        { name: "undelivered", type: "N" },
        { name: "placedAt", type: "S" },
      ],
      globalSecondaryIndexes: [
        index("byOrderId", { attributeName: "orderId", keyType: "HASH" }),
        index(
          "undelivered",
          { attributeName: "undelivered", keyType: "HASH" },
          { attributeName: "placedAt", keyType: "RANGE" },
        ),
      ],
      streamEnabled: true,
      streamViewType: "NEW_IMAGE",
      serverSideEncryption: { enabled: true, kmsKeyArn: KEY },
      pointInTimeRecovery: { enabled: true },
      deletionProtectionEnabled: false,
    });
  });

  test("everything that can hold an order is encrypted with the stack's key", () => {
    const unencrypted = dev().graph.resources.filter(({ type, name }) => {
      const properties = inputs(type.replace(/^aws:([^/]+)\/.*:(.*)$/, "$1.$2"), name);
      if (type === "aws:sqs/queue:Queue" || type === "aws:sns/topic:Topic")
        return properties["kmsMasterKeyId"] !== KEY;
      if (type === "aws:cloudwatch/logGroup:LogGroup") return properties["kmsKeyId"] !== KEY;
      if (type === "aws:dynamodb/table:Table")
        return (properties["serverSideEncryption"] as { kmsKeyArn: string }).kmsKeyArn !== KEY;
      return false;
    });
    expect(unencrypted.map(({ urn }) => urn)).toEqual([]);
    expect(dev().inputs("kms.Key", "orders")).toMatchObject({ enableKeyRotation: true });
  });

  test("prod protects whatever holds data, with AWS's own protection besides; dev can be torn down", () => {
    const keepers = ["sqs.Queue", "dynamodb.Table", "kms.Key", "cognito.UserPool", "cloudwatch.LogGroup"];
    const isProtected = (stack: RecordedStack) => stack.graph.resources.filter(({ protect }) => protect);
    const ofKeepers = keepers.flatMap((type) => prod().all(type));
    expect(
      isProtected(prod())
        .map(({ urn }) => urn)
        .sort(),
    ).toEqual(ofKeepers.map(({ urn }) => urn).sort());
    expect(isProtected(dev())).toEqual([]);
    expect(prod().inputs("dynamodb.Table", "orders")).toMatchObject({ deletionProtectionEnabled: true });
    expect(prod().inputs("cognito.UserPool", "customers")).toMatchObject({ deletionProtection: "ACTIVE" });
    expect(prod().inputs("kms.Key", "orders")).toMatchObject({ deletionWindowInDays: 30 });
  });

  describe("the user pool", () => {
    test("issues the API's scopes, from the OAuth endpoints of its own domain", () => {
      expect(dev().inputs("cognito.ResourceServer", "customers")).toMatchObject({
        identifier: "orders",
        scopes: [
          { scopeName: "write", scopeDescription: "Place orders" },
          { scopeName: "read", scopeDescription: "Read one's own orders" },
        ],
      });
      expect(dev().inputs("cognito.UserPoolDomain", "customers")["domain"]).toBe(
        "order-service-dev-123456789012",
      );
    });

    test("has a public client with the code grant, and in dev one for programs", () => {
      expect(dev().inputs("cognito.UserPoolClient", "customers-app")).toMatchObject({
        generateSecret: false,
        allowedOauthFlowsUserPoolClient: true,
        allowedOauthFlows: ["code"],
        allowedOauthScopes: ["openid", "email", "orders/write", "orders/read"],
      });
      expect(dev().inputs("cognito.UserPoolClient", "customers-machine")).toMatchObject({
        generateSecret: true,
        allowedOauthFlows: ["client_credentials"],
        allowedOauthScopes: ["orders/write", "orders/read"],
      });
    });

    test("has its scopes before a client asks for them", () => {
      const server = dev().one("cognito.ResourceServer", "customers").urn;
      for (const { dependencies } of dev().all("cognito.UserPoolClient"))
        expect(dependencies).toContain(server);
    });
  });
}
