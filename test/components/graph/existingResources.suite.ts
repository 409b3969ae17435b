import { RecordedStack, statementsOf } from "../support/recordedStack";

const QUEUE_ARN = "arn:aws:sqs:eu-west-1:210987654321:orders-to-book";
const USER_POOL_ARN = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_company01";
const FILTER = { channel: ["wholesale"], country: ["GB", { prefix: "D" }] };

export function describeExistingResources(): void {
  let stack: RecordedStack;
  beforeAll(async () => {
    stack = await RecordedStack.record("dev", {
      downstreamServices: { fulfillment: {}, accounting: { queueArn: QUEUE_ARN, filterPolicy: FILTER } },
      userPoolArn: USER_POOL_ARN,
      manageApiGatewayAccount: false,
      warmWriteUnits: 10_000,
      alarmEmail: "operators@example.com",
    });
  });

  describe("a downstream service that brings its own queue", () => {
    test("is subscribed with it, filtered by what it asked for", () => {
      const { redrivePolicy, filterPolicy, ...subscription } = stack.inputs(
        "sns.TopicSubscription",
        "accounting",
      );
      expect(subscription).toEqual({
        topic: stack.arn("sns.Topic", "order-events"),
        protocol: "sqs",
        endpoint: QUEUE_ARN,
        rawMessageDelivery: true,
        filterPolicyScope: "MessageAttributes",
      });
      expect(JSON.parse(String(filterPolicy))).toEqual(FILTER);
      expect(JSON.parse(String(redrivePolicy))).toEqual({
        deadLetterTargetArn: stack.arn("sqs.Queue", "accounting-dead-letters"),
      });
    });

    test("keeps its queue as it is: the stack makes no queue and no policy for it", () => {
      const queues = stack.all("sqs.Queue").map(({ name }) => name);
      expect(queues.filter((name) => name.startsWith("accounting"))).toEqual(["accounting-dead-letters"]);
      expect(stack.all("sqs.QueuePolicy").map(({ name }) => name)).not.toContain("accounting");
      expect(JSON.stringify(stack.all("sqs.QueuePolicy").map(({ inputs }) => inputs))).not.toContain(
        QUEUE_ARN,
      );
      expect(stack.all("sqs.RedrivePolicy").map(({ name }) => name)).not.toContain("accounting");
    });

    test("has a dead-letter queue that the topic may use", () => {
      const { policy } = stack.inputs("sqs.QueuePolicy", "accounting-dead-letters");
      expect(statementsOf(policy)).toContainEqual(
        expect.objectContaining({
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: "sqs:SendMessage",
          Condition: { ArnEquals: { "aws:SourceArn": stack.arn("sns.Topic", "order-events") } },
        }),
      );
    });

    test("is told which statements its queue's and its key's policies need", () => {
      expect(stack.outputs["downstreamQueuePolicies"]).toEqual({
        accounting: {
          queuePolicy: {
            Sid: "AllowDelivery",
            Effect: "Allow",
            Principal: { Service: "sns.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: QUEUE_ARN,
            Condition: { ArnEquals: { "aws:SourceArn": stack.arn("sns.Topic", "order-events") } },
          },
          keyPolicy: {
            Sid: "DeliverToEncryptedQueues",
            Effect: "Allow",
            Principal: { Service: "sns.amazonaws.com" },
            Action: ["kms:GenerateDataKey", "kms:Decrypt"],
            Resource: "*",
            Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
          },
        },
      });
    });

    test("finds its queue and its dead letters among the outputs", () => {
      expect(stack.outputs).toMatchObject({
        downstreamQueueUrls: {
          fulfillment: stack.one("sqs.Queue", "fulfillment").id,
          accounting: "https://sqs.eu-west-1.amazonaws.com/210987654321/orders-to-book",
        },
        deadLetterQueueUrls: { accounting: stack.one("sqs.Queue", "accounting-dead-letters").id },
      });
    });
  });

  describe("a company's own user pool", () => {
    test("is what the API's authorizer trusts; the stack makes none", () => {
      expect(stack.inputs("apigateway.Authorizer", "orders")["providerArns"]).toEqual([USER_POOL_ARN]);
      expect(Object.keys(stack.counts).filter((type) => type.startsWith("cognito."))).toEqual([]);
    });

    test("is among the outputs by its id; its clients and its token endpoint the stack does not know", () => {
      expect(stack.outputs["userPoolId"]).toBe("eu-west-1_company01");
      for (const unknown of ["userPoolClientId", "machineClientId", "tokenUrl"])
        expect(stack.outputs).not.toHaveProperty(unknown);
    });
  });

  describe("an address for alarms", () => {
    test("is subscribed to the alarm topic; what cannot be e-mailed goes to a failure queue", () => {
      const { redrivePolicy, ...subscription } = stack.inputs("sns.TopicSubscription", "alarms");
      expect(subscription).toEqual({
        topic: stack.arn("sns.Topic", "alarms"),
        protocol: "email",
        endpoint: "operators@example.com",
      });
      expect(JSON.parse(String(redrivePolicy))).toEqual({
        deadLetterTargetArn: stack.arn("sqs.Queue", "alarms-undelivered"),
      });
    });

    test("has a failure queue that the alarm topic may use, and that raises an alarm itself", () => {
      const { policy } = stack.inputs("sqs.QueuePolicy", "alarms-undelivered");
      expect(statementsOf(policy)).toContainEqual(
        expect.objectContaining({
          Principal: { Service: "sns.amazonaws.com" },
          Condition: { ArnEquals: { "aws:SourceArn": stack.arn("sns.Topic", "alarms") } },
        }),
      );
      expect(stack.inputs("cloudwatch.MetricAlarm", "alarms-undelivered-not-empty")).toMatchObject({
        dimensions: { QueueName: stack.one("sqs.Queue", "alarms-undelivered").outputs["name"] },
      });
      expect(stack.outputs["deadLetterQueueUrls"]).toMatchObject({
        alarmEmails: stack.one("sqs.Queue", "alarms-undelivered").id,
      });
    });
  });

  test("API Gateway's logging role is left to another stack where the configuration says so", () => {
    expect(stack.counts).not.toHaveProperty(["apigateway.Account"]);
    expect(stack.all("iam.Role").map(({ name }) => name)).not.toContain("orders-logging");
    expect(stack.inputs("apigateway.Stage", "orders")).toHaveProperty("accessLogSettings.destinationArn");
  });

  test("the table may be warm for writes alone", () => {
    expect(stack.inputs("dynamodb.Table", "orders")["warmThroughput"]).toEqual({
      writeUnitsPerSecond: 10_000,
    });
  });
}
