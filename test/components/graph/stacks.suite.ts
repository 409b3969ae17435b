import type { RecordedStack } from "../support/recordedStack";
import { differencesBetween } from "../support/differences";

const COMPONENTS = {
  "pulumi:pulumi:Stack": 1,
  "order-service:index:EncryptionKey": 1,
  "order-service:index:CustomerPool": 1,
  "order-service:index:AlarmTopic": 1,
  "order-service:index:Dashboard": 1,
  "order-service:index:SavedQueries": 1,
  "order-service:index:OrderQueue": 1,
  "order-service:index:OrderTable": 1,
  "order-service:index:OrderEvents": 1,
  "order-service:index:OrderApi": 1,
  "order-service:index:OrderProcessor": 1,
  "order-service:index:DeliveryWorkflow": 1,
  "order-service:index:DeliveryStarter": 1,
  "order-service:index:DownstreamQueue": 3,
  "order-service:index:DeadLetteredQueue": 4,
  "order-service:index:DeliveryReconciler": 1,
  "order-service:index:HandlerFunction": 3,
  "order-service:index:FailureQueue": 8,
};

const PROD = {
  ...COMPONENTS,
  "apigateway.Authorizer": 1,
  "apigateway.Deployment": 1,
  "apigateway.Integration": 5,
  "apigateway.IntegrationResponse": 14,
  "apigateway.Method": 5,
  "apigateway.MethodResponse": 19,
  "apigateway.MethodSettings": 1,
  "apigateway.Model": 1,
  "apigateway.RequestValidator": 1,
  "apigateway.Resource": 2,
  "apigateway.Response": 5,
  "apigateway.RestApi": 1,
  "apigateway.Stage": 1,
  "cloudwatch.LogGroup": 5,
  "cloudwatch.Dashboard": 1,
  "cloudwatch.MetricAlarm": 27,
  "cloudwatch.QueryDefinition": 3,
  "cognito.ResourceServer": 1,
  "cognito.UserPool": 1,
  "cognito.UserPoolClient": 1,
  "cognito.UserPoolDomain": 1,
  "dynamodb.Table": 1,
  "iam.Role": 8,
  "iam.RolePolicy": 8,
  "kms.Alias": 1,
  "kms.Key": 1,
  "lambda.EventSourceMapping": 2,
  "lambda.Function": 3,
  "lambda.FunctionEventInvokeConfig": 1,
  "scheduler.Schedule": 1,
  "scheduler.ScheduleGroup": 1,
  "sfn.StateMachine": 1,
  "sns.Topic": 2,
  "sns.TopicPolicy": 2,
  "sns.TopicSubscription": 3,
  "sqs.Queue": 12,
  "sqs.QueuePolicy": 12,
  "sqs.RedriveAllowPolicy": 4,
  "sqs.RedrivePolicy": 4,
};

/** Dev also manages API Gateway's logging role, and has a client for programs. */
const DEV = {
  ...PROD,
  "apigateway.Account": 1,
  "cognito.UserPoolClient": 2,
  "iam.Role": 9,
  "iam.RolePolicy": 9,
};

const QUEUES_BOTH_WAYS = [
  ...["orders", "orders-dead-letters", "start-deliveries-failures"],
  ...["delivery-failures", "reconcile-deliveries-failures", "reconcile-deliveries-schedule-failures"],
  ...["fulfillment", "accounting", "inventory"].flatMap((service) => [service, `${service}-dead-letters`]),
];

/** What a stack is made of, what it tells the outside, and what `Pulumi.dev.yaml` and `Pulumi.prod.yaml` change in it. */
export function describeStacks(dev: () => RecordedStack, prod: () => RecordedStack): void {
  describe("the stacks", () => {
    test("are exactly these resources", () => {
      expect(dev().counts).toEqual(DEV);
      expect(dev().graph.resources).toHaveLength(200);
      expect(prod().counts).toEqual(PROD);
      expect(prod().graph.resources).toHaveLength(196);
    });

    test("have every resource under a component, and every component under the stack or another", () => {
      for (const { graph } of [dev(), prod()])
        for (const { type, parent } of graph.resources) {
          if (type === "pulumi:pulumi:Stack") continue;
          expect(parent).toMatch(
            type.startsWith("aws:") ? /order-service:index:/ : /pulumi:Stack|order-service:index:/,
          );
        }
    });

    test("tell the outside what the design promises", () => {
      const names = [
        ...["apiUrl", "ordersTableName", "ordersQueueUrl", "stateMachineArn", "workflowLogGroup"],
        ...["orderEventsTopicArn", "downstreamQueueUrls", "deadLetterQueueUrls", "downstreamQueuePolicies"],
        ...["alarmTopicArn", "dashboardUrl", "userPoolId", "userPoolClientId", "tokenUrl"],
      ];
      expect(Object.keys(prod().outputs).sort()).toEqual(names.sort());
      expect(Object.keys(dev().outputs).sort()).toEqual([...names, "machineClientId"].sort());
    });

    test("tell the outside the resources that they have", () => {
      const stack = dev();
      const url = (name: string) => stack.one("sqs.Queue", name).id;
      expect(stack.outputs).toMatchObject({
        apiUrl: stack.one("apigateway.Stage", "orders").outputs["invokeUrl"],
        ordersTableName: stack.one("dynamodb.Table", "orders").outputs["name"],
        ordersQueueUrl: url("orders"),
        stateMachineArn: stack.arn("sfn.StateMachine", "deliver-orders"),
        workflowLogGroup: stack.one("cloudwatch.LogGroup", "deliver-orders").outputs["name"],
        orderEventsTopicArn: stack.arn("sns.Topic", "order-events"),
        alarmTopicArn: stack.arn("sns.Topic", "alarms"),
        userPoolId: stack.one("cognito.UserPool", "customers").id,
        userPoolClientId: stack.one("cognito.UserPoolClient", "customers-app").id,
        machineClientId: stack.one("cognito.UserPoolClient", "customers-machine").id,
        tokenUrl: "https://order-service-dev-123456789012.auth.eu-west-1.amazoncognito.com/oauth2/token",
      });
      expect(stack.outputs["downstreamQueueUrls"]).toEqual({
        fulfillment: url("fulfillment"),
        accounting: url("accounting"),
        inventory: url("inventory"),
      });
      expect(stack.outputs["deadLetterQueueUrls"]).toEqual({
        orders: url("orders-dead-letters"),
        deliveryStarts: url("start-deliveries-failures"),
        deliveryFailures: url("delivery-failures"),
        reconciliations: url("reconcile-deliveries-failures"),
        reconciliationSchedule: url("reconcile-deliveries-schedule-failures"),
        fulfillment: url("fulfillment-dead-letters"),
        accounting: url("accounting-dead-letters"),
        inventory: url("inventory-dead-letters"),
      });
      expect(stack.outputs["downstreamQueuePolicies"]).toEqual({});
    });

    test("have an output for every dead-letter and failure queue", () => {
      const urls = Object.values(dev().outputs["deadLetterQueueUrls"] as object);
      const failureQueues = dev()
        .all("sqs.Queue")
        .filter(({ parent }) => parent.includes("FailureQueue"));
      expect(urls.sort()).toEqual(failureQueues.map(({ id }) => id).sort());
    });

    test("differ, apart from the answers' origins, in exactly what their files configure", () => {
      const answers = /^apigateway\.(IntegrationResponse .*|Deployment orders triggers\.content)/;
      const differences = differencesBetween(dev(), prod()).filter((difference) => !answers.test(difference));
      expect(differences.sort()).toEqual(
        [
          "only in dev: apigateway.Account orders",
          "only in dev: cognito.UserPoolClient customers-machine",
          "only in dev: iam.Role orders-logging",
          "only in dev: iam.RolePolicy orders-logging",
          "apigateway.MethodSettings orders settings.throttlingBurstLimit: 4000, 5000",
          "apigateway.MethodSettings orders settings.throttlingRateLimit: 2000, 5000",
          `apigateway.Stage orders dependencies: the list`,
          ...["orders", "process-orders", "start-deliveries", "reconcile-deliveries"].map(
            (name) => `cloudwatch.LogGroup ${name} retentionInDays: 7, 90`,
          ),
          "cloudwatch.LogGroup deliver-orders retentionInDays: 7, 30",
          ...["orders", "process-orders", "start-deliveries", "reconcile-deliveries", "deliver-orders"].map(
            (name) => `cloudwatch.LogGroup ${name} protect: false, true`,
          ),
          'cognito.UserPool customers deletionProtection: "INACTIVE", "ACTIVE"',
          "cognito.UserPool customers protect: false, true",
          'cognito.UserPoolClient customers-app callbackUrls.0: "http://localhost:3000/callback", "https://shop.example.com/signed-in"',
          "dynamodb.Table orders deletionProtectionEnabled: false, true",
          "dynamodb.Table orders protect: false, true",
          ...[
            "warmThroughput",
            "globalSecondaryIndexes.0.warmThroughput",
            "globalSecondaryIndexes.1.warmThroughput",
          ].map(
            (path) =>
              `dynamodb.Table orders ${path}: undefined, {"readUnitsPerSecond":12000,"writeUnitsPerSecond":8000}`,
          ),
          "kms.Key orders deletionWindowInDays: 7, 30",
          "kms.Key orders protect: false, true",
          "lambda.EventSourceMapping process-orders scalingConfig.maximumConcurrency: 10, 100",
          "lambda.EventSourceMapping start-deliveries parallelizationFactor: 2, 10",
          ...QUEUES_BOTH_WAYS.map((name) => `sqs.Queue ${name} protect: false, true`),
        ].sort(),
      );
    });
  });
}
