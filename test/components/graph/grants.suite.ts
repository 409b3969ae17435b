import { listOf, statementsOf, type RecordedStack, type Statement } from "../support/recordedStack";
import { Symbols } from "../support/symbols";

/** A statement on one line: `Allow a, b on X when KEY = VALUE`. */
function readable({ Effect, Principal, Action, Resource, Condition = {} }: Statement): string {
  const who = Principal === undefined ? "" : ` ${JSON.stringify(Principal)}`;
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => `${operator} ${key} ${value}`),
  );
  const when = conditions.length > 0 ? ` when ${conditions.join(" and ")}` : "";
  return `${Effect}${who} ${listOf(Action).join(", ")} on ${listOf(Resource).join(", ")}${when}`;
}

const KEY = "<kms.Key orders arn>";
const TABLE = "<dynamodb.Table orders arn>";
const throughKey = (actions: string, service: string) =>
  `Allow ${actions} on ${KEY} when StringEquals kms:ViaService ${service}.eu-west-1.amazonaws.com`;
const SEND_ENCRYPTED = "kms:GenerateDataKey, kms:Decrypt";
const USE_ENCRYPTED_TABLE = throughKey(
  "kms:Encrypt, kms:Decrypt, kms:ReEncryptFrom, kms:ReEncryptTo, kms:GenerateDataKey, kms:GenerateDataKeyWithoutPlaintext, kms:DescribeKey",
  "dynamodb",
);
const TRACE = "Allow xray:PutTraceSegments, xray:PutTelemetryRecords on *";
const logTo = (group: string) =>
  `Allow logs:CreateLogStream, logs:PutLogEvents on <cloudwatch.LogGroup ${group} arn>:*`;

/** Everything that every role may do. */
const GRANTS: Readonly<Record<string, readonly string[]>> = {
  "orders-enqueue": ["Allow sqs:SendMessage on <sqs.Queue orders arn>", throughKey(SEND_ENCRYPTED, "sqs")],
  "orders-query": [`Allow dynamodb:Query on ${TABLE}`, USE_ENCRYPTED_TABLE],
  "orders-getitem": [`Allow dynamodb:GetItem on ${TABLE}`, USE_ENCRYPTED_TABLE],
  "orders-logging": [
    "Allow logs:CreateLogGroup, logs:CreateLogStream, logs:DescribeLogGroups, logs:DescribeLogStreams, logs:PutLogEvents, logs:GetLogEvents, logs:FilterLogEvents on *",
  ],
  "process-orders": [
    logTo("process-orders"),
    TRACE,
    "Allow sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes on <sqs.Queue orders arn>",
    throughKey("kms:Decrypt", "sqs"),
    `Allow dynamodb:PutItem on ${TABLE}`,
    USE_ENCRYPTED_TABLE,
  ],
  "start-deliveries": [
    logTo("start-deliveries"),
    TRACE,
    `Allow dynamodb:DescribeStream, dynamodb:GetRecords, dynamodb:GetShardIterator, dynamodb:ListStreams on ${TABLE}/stream/*`,
    USE_ENCRYPTED_TABLE,
    "Allow states:StartExecution on <sfn.StateMachine deliver-orders arn>",
    "Allow sqs:SendMessage on <sqs.Queue start-deliveries-failures arn>",
    throughKey(SEND_ENCRYPTED, "sqs"),
  ],
  "reconcile-deliveries": [
    logTo("reconcile-deliveries"),
    TRACE,
    `Allow dynamodb:Query on ${TABLE}/index/undelivered`,
    `Allow dynamodb:BatchGetItem, dynamodb:UpdateItem on ${TABLE}`,
    USE_ENCRYPTED_TABLE,
    "Allow states:StartExecution on <sfn.StateMachine deliver-orders arn>",
    "Allow sqs:SendMessage on <sqs.Queue delivery-failures arn>, <sqs.Queue reconcile-deliveries-failures arn>",
    throughKey(SEND_ENCRYPTED, "sqs"),
  ],
  "reconcile-deliveries-schedule": [
    "Allow lambda:InvokeFunction on <lambda.Function reconcile-deliveries arn>",
    "Allow sqs:SendMessage on <sqs.Queue reconcile-deliveries-schedule-failures arn>",
    throughKey(SEND_ENCRYPTED, "sqs"),
  ],
  "deliver-orders": [
    "Allow sns:Publish on <sns.Topic order-events arn>",
    throughKey(SEND_ENCRYPTED, "sns"),
    `Allow dynamodb:UpdateItem on ${TABLE}`,
    USE_ENCRYPTED_TABLE,
    "Allow logs:CreateLogDelivery, logs:GetLogDelivery, logs:UpdateLogDelivery, logs:DeleteLogDelivery, logs:ListLogDeliveries, logs:PutResourcePolicy, logs:DescribeResourcePolicies, logs:DescribeLogGroups on *",
    "Allow xray:PutTraceSegments, xray:PutTelemetryRecords, xray:GetSamplingRules, xray:GetSamplingTargets on *",
  ],
};

/** Who takes which role, and whose word for it is needed. */
const TRUST: Readonly<Record<string, string>> = {
  "orders-enqueue": "apigateway.amazonaws.com",
  "orders-query": "apigateway.amazonaws.com",
  "orders-getitem": "apigateway.amazonaws.com",
  "orders-logging": "apigateway.amazonaws.com",
  "process-orders": "lambda.amazonaws.com",
  "start-deliveries": "lambda.amazonaws.com",
  "reconcile-deliveries": "lambda.amazonaws.com",
  "reconcile-deliveries-schedule": "scheduler.amazonaws.com",
  "deliver-orders": "states.amazonaws.com",
};

/** What a service has to say about itself, where it does. */
const TRUST_CONDITIONS: Readonly<Record<string, object>> = {
  "states.amazonaws.com": { Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } } },
  "scheduler.amazonaws.com": {
    Condition: {
      StringEquals: {
        "aws:SourceAccount": "123456789012",
        "aws:SourceArn": "<scheduler.ScheduleGroup reconcile-deliveries arn>",
      },
    },
  },
};

/** What each role may do, exactly. */
export function describeGrants(dev: () => RecordedStack): void {
  describe("the grants", () => {
    test.each(Object.entries(GRANTS))("of the role %s are exactly these", (role, expected) => {
      const { policy } = dev().inputs("iam.RolePolicy", role);
      const statements = new Symbols(dev()).in(statementsOf(policy));
      expect(statements.map(readable)).toEqual(expected);
    });

    test("are all there are: each role has one policy of its own", () => {
      const roles = dev().all("iam.Role");
      expect(roles.map(({ name }) => name).sort()).toEqual(Object.keys(GRANTS).sort());
      for (const { name, id, inputs } of roles) {
        expect(dev().inputs("iam.RolePolicy", name)["role"]).toBe(id);
        expect(Object.keys(inputs).sort()).toEqual(["assumeRolePolicy", "description"]);
      }
    });

    test.each(Object.entries(TRUST))("of the role %s are for %s alone", (role, service) => {
      const trust = JSON.parse(String(dev().inputs("iam.Role", role)["assumeRolePolicy"])) as unknown;
      expect(new Symbols(dev()).in(trust)).toEqual({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: service },
            Action: "sts:AssumeRole",
            ...TRUST_CONDITIONS[service],
          },
        ],
      });
    });

    test("name every action in full", () => {
      const actions = Object.keys(GRANTS)
        .flatMap((role) => statementsOf(dev().inputs("iam.RolePolicy", role)["policy"]))
        .flatMap(({ Action }) => listOf(Action));
      expect(actions.filter((action) => /[*?]/.test(action))).toEqual([]);
    });

    test("speak of every resource only where AWS offers nothing narrower: logs' deliveries and traces", () => {
      const everywhere = Object.keys(GRANTS)
        .flatMap((role) => statementsOf(dev().inputs("iam.RolePolicy", role)["policy"]))
        .filter(({ Resource }) => Resource === "*")
        .flatMap(({ Action }) => listOf(Action));
      expect(everywhere.filter((action) => !/^(logs|xray):/.test(action))).toEqual([]);
    });

    test("of the key's policy are the account's, by IAM, and four services' that come by themselves", () => {
      expect(statementsOf(dev().inputs("kms.Key", "orders")["policy"]).map(readable)).toEqual([
        'Allow {"AWS":"arn:aws:iam::123456789012:root"} kms:* on *',
        'Allow {"Service":"sns.amazonaws.com"} kms:GenerateDataKey, kms:Decrypt on * when StringEquals aws:SourceAccount 123456789012',
        'Allow {"Service":"cloudwatch.amazonaws.com"} kms:GenerateDataKey, kms:Decrypt on * when StringEquals aws:SourceAccount 123456789012',
        'Allow {"Service":"scheduler.amazonaws.com"} kms:GenerateDataKey, kms:Decrypt on * when StringEquals aws:SourceAccount 123456789012',
        'Allow {"Service":"logs.eu-west-1.amazonaws.com"} kms:Encrypt, kms:Decrypt, kms:ReEncrypt*, kms:GenerateDataKey*, kms:DescribeKey on * when ArnLike kms:EncryptionContext:aws:logs:arn arn:aws:logs:eu-west-1:123456789012:log-group:*',
      ]);
    });

    test("of each queue's one policy refuse plain HTTP, and let in the topic where it delivers", () => {
      const symbols = new Symbols(dev());
      const fedByTopic = ["fulfillment", "accounting", "inventory"].flatMap((name) => [
        name,
        `${name}-dead-letters`,
      ]);
      expect(dev().all("sqs.QueuePolicy")).toHaveLength(dev().all("sqs.Queue").length);
      for (const { name, id } of dev().all("sqs.Queue")) {
        const { policy, queueUrl } = dev().inputs("sqs.QueuePolicy", name);
        const queue = `<sqs.Queue ${name} arn>`;
        const topic = `Allow {"Service":"sns.amazonaws.com"} sqs:SendMessage on ${queue} when ArnEquals aws:SourceArn <sns.Topic order-events arn>`;
        expect(queueUrl).toBe(id);
        expect(symbols.in(statementsOf(policy)).map(readable)).toEqual([
          `Deny "*" sqs:* on ${queue} when Bool aws:SecureTransport false`,
          ...(fedByTopic.includes(name) ? [topic] : []),
        ]);
      }
    });

    test("of the topic's policy refuse plain HTTP", () => {
      const { policy, arn } = dev().inputs("sns.TopicPolicy", "order-events");
      expect(arn).toBe(dev().arn("sns.Topic", "order-events"));
      expect(new Symbols(dev()).in(statementsOf(policy)).map(readable)).toEqual([
        'Deny "*" sns:Publish on <sns.Topic order-events arn> when Bool aws:SecureTransport false',
      ]);
    });
  });
}
