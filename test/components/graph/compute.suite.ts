import {
  processOrdersEnvironment,
  reconcileDeliveriesEnvironment,
  startDeliveriesEnvironment,
} from "../../../contracts/environment";
import { CLIENT_SETTINGS } from "../../../handlers/awsClients";
import { deliveryWorkflow } from "../../../workflow/delivery";
import type { RecordedStack } from "../support/recordedStack";
import { Symbols } from "../support/symbols";

/** What moves an order: hops 3, 5 and 6, and what they log. */
export function describeCompute(dev: () => RecordedStack, prod: () => RecordedStack): void {
  const inputs = (type: string, name: string) => new Symbols(dev()).in(dev().inputs(type, name));

  describe("the functions", () => {
    test.each([
      ["process-orders", { ORDERS_TABLE_NAME: "<dynamodb.Table orders name>" }, { timeout: 10 }],
      ["start-deliveries", { STATE_MACHINE_ARN: "<sfn.StateMachine deliver-orders arn>" }, { timeout: 10 }],
      [
        "reconcile-deliveries",
        {
          ORDERS_TABLE_NAME: "<dynamodb.Table orders name>",
          STATE_MACHINE_ARN: "<sfn.StateMachine deliver-orders arn>",
          DELIVERY_FAILURES_QUEUE_URL: "<sqs.Queue delivery-failures url>",
          UNDELIVERED_AFTER_SECONDS: "900",
          RECONCILIATIONS_MAX: "10",
          ORDERS_PER_RUN_MAX: "10000",
        },
        { timeout: 240, reservedConcurrentExecutions: 1 },
      ],
    ])("%s runs as its own role, logs to its own group and is traced", (name, variables, limits) => {
      const { code, description, ...settings } = inputs("lambda.Function", name);
      expect(settings).toEqual({
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        handler: "index.handler",
        role: `<iam.Role ${name} arn>`,
        ...limits,
        memorySize: 512,
        environment: {
          variables: {
            POWERTOOLS_SERVICE_NAME: name,
            POWERTOOLS_METRICS_NAMESPACE: "order-service-dev",
            ...variables,
          },
        },
        kmsKeyArn: "<kms.Key orders arn>",
        loggingConfig: {
          logFormat: "JSON",
          applicationLogLevel: "INFO",
          systemLogLevel: "INFO",
          logGroup: `<cloudwatch.LogGroup ${name} name>`,
        },
        tracingConfig: { mode: "Active" },
      });
      expect(description).toEqual(expect.any(String));
      expect(Object.keys((code as { assets: object }).assets)).toEqual(["index.js"]);
    });

    test.each([
      ["process-orders", processOrdersEnvironment],
      ["start-deliveries", startDeliveriesEnvironment],
      ["reconcile-deliveries", reconcileDeliveriesEnvironment],
    ])("%s has exactly the environment that its handler asks for", (name, schema) => {
      const { variables } = dev().inputs("lambda.Function", name)["environment"] as { variables: object };
      expect(Object.keys(variables).sort()).toEqual(Object.keys(schema.shape).sort());
    });

    test("outlast the slowest call to AWS, all of its attempts together", () => {
      const { maxAttempts, requestHandler } = CLIENT_SETTINGS;
      expect(maxAttempts).toBeGreaterThan(1);
      for (const { inputs: settings } of dev().all("lambda.Function"))
        expect(maxAttempts * requestHandler.requestTimeout).toBeLessThan(Number(settings["timeout"]) * 1_000);
    });

    test("are there only once their roles may do their work", () => {
      for (const name of ["process-orders", "start-deliveries"]) {
        const policy = dev().one("iam.RolePolicy", name).urn;
        expect(dev().one("lambda.Function", name).dependencies).toContain(policy);
        expect(dev().one("lambda.EventSourceMapping", name).dependencies).toContain(policy);
      }
    });
  });

  describe("the event source mappings", () => {
    test("feed the order function ten orders at once, of which those that fail come back alone", () => {
      expect(inputs("lambda.EventSourceMapping", "process-orders")).toEqual({
        eventSourceArn: "<sqs.Queue orders arn>",
        functionName: "<lambda.Function process-orders arn>",
        batchSize: 10,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency: 10 },
      });
      expect(prod().inputs("lambda.EventSourceMapping", "process-orders")["scalingConfig"]).toEqual({
        maximumConcurrency: 100,
      });
    });

    test("feed the starter new placed orders, from the oldest, and give up after 5 retries or an hour", () => {
      const { filterCriteria, ...settings } = inputs("lambda.EventSourceMapping", "start-deliveries");
      expect(settings).toEqual({
        eventSourceArn: "<dynamodb.Table orders streamArn>",
        functionName: "<lambda.Function start-deliveries arn>",
        batchSize: 10,
        parallelizationFactor: 2,
        startingPosition: "TRIM_HORIZON",
        functionResponseTypes: ["ReportBatchItemFailures"],
        bisectBatchOnFunctionError: true,
        maximumRetryAttempts: 5,
        maximumRecordAgeInSeconds: 3_600,
        destinationConfig: { onFailure: { destinationArn: "<sqs.Queue start-deliveries-failures arn>" } },
      });
      const { filters } = filterCriteria as { filters: readonly { pattern: string }[] };
      expect(filters.map(({ pattern }) => JSON.parse(pattern) as unknown)).toEqual([
        { eventName: ["INSERT"], dynamodb: { NewImage: { status: { S: ["PLACED"] } } } },
      ]);
    });
  });

  describe("the reconciler's schedule", () => {
    test("invokes it every five minutes, and says in a dead-letter queue when it cannot", () => {
      const { description, ...schedule } = inputs("scheduler.Schedule", "reconcile-deliveries");
      expect(description).toEqual(expect.any(String));
      expect(schedule).toEqual({
        groupName: "<scheduler.ScheduleGroup reconcile-deliveries name>",
        scheduleExpression: "rate(5 minutes)",
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: "<lambda.Function reconcile-deliveries arn>",
          roleArn: "<iam.Role reconcile-deliveries-schedule arn>",
          deadLetterConfig: { arn: "<sqs.Queue reconcile-deliveries-schedule-failures arn>" },
          retryPolicy: { maximumEventAgeInSeconds: 3_600, maximumRetryAttempts: 10 },
        },
      });
    });

    test("begins once the schedule's role may invoke, and failed runs have a queue to go to", () => {
      expect(dev().one("scheduler.Schedule", "reconcile-deliveries").dependencies).toEqual(
        expect.arrayContaining([
          dev().one("iam.RolePolicy", "reconcile-deliveries-schedule").urn,
          dev().one("lambda.FunctionEventInvokeConfig", "reconcile-deliveries").urn,
        ]),
      );
    });

    test("has each failed run tried twice more, for an hour, and then sent to the function's failure queue", () => {
      expect(inputs("lambda.FunctionEventInvokeConfig", "reconcile-deliveries")).toEqual({
        functionName: "<lambda.Function reconcile-deliveries name>",
        maximumRetryAttempts: 2,
        maximumEventAgeInSeconds: 3_600,
        destinationConfig: { onFailure: { destination: "<sqs.Queue reconcile-deliveries-failures arn>" } },
      });
    });

    test("leaves a run the time between two of them, and an order the time of two executions", () => {
      const { timeout, environment } = dev().inputs("lambda.Function", "reconcile-deliveries");
      const { variables } = environment as { variables: Record<string, string> };
      expect(Number(timeout)).toBeLessThan(5 * 60);
      const { definition } = dev().inputs("sfn.StateMachine", "deliver-orders");
      const { TimeoutSeconds } = JSON.parse(String(definition)) as { TimeoutSeconds: number };
      expect(Number(variables["UNDELIVERED_AFTER_SECONDS"])).toBeGreaterThanOrEqual(2 * TimeoutSeconds);
    });
  });

  describe("the state machine", () => {
    test("is the delivery workflow on this stack's topic and table", () => {
      const { definition, type } = inputs("sfn.StateMachine", "deliver-orders");
      const expected = deliveryWorkflow({
        topicArn: "<sns.Topic order-events arn>",
        tableName: "<dynamodb.Table orders name>",
      });
      expect(JSON.parse(String(definition))).toEqual(JSON.parse(JSON.stringify(expected)));
      expect(type).toBe("EXPRESS");
    });

    test("logs its whole history to its own group, is traced, and is there once its role may log", () => {
      const { loggingConfiguration, roleArn, tracingConfiguration } = inputs(
        "sfn.StateMachine",
        "deliver-orders",
      );
      expect(loggingConfiguration).toEqual({
        level: "ALL",
        includeExecutionData: true,
        logDestination: "<cloudwatch.LogGroup deliver-orders arn>:*",
      });
      expect(roleArn).toBe("<iam.Role deliver-orders arn>");
      expect(tracingConfiguration).toEqual({ enabled: true });
      expect(dev().one("sfn.StateMachine", "deliver-orders").dependencies).toContain(
        dev().one("iam.RolePolicy", "deliver-orders").urn,
      );
    });

    test("logs where no resource policy has to grow", () => {
      expect(dev().outputs["workflowLogGroup"]).toMatch(/^\/aws\/vendedlogs\/states\/deliver-orders-/);
    });
  });

  test("logs are kept as long as each stack says, the history with its addresses for a time of its own", () => {
    const retentions = (stack: RecordedStack) =>
      Object.fromEntries(
        stack.all("cloudwatch.LogGroup").map(({ name, inputs: i }) => [name, i["retentionInDays"]]),
      );
    expect(retentions(dev())).toEqual({
      orders: 7,
      "process-orders": 7,
      "start-deliveries": 7,
      "reconcile-deliveries": 7,
      "deliver-orders": 7,
    });
    expect(retentions(prod())).toEqual({
      orders: 90,
      "process-orders": 90,
      "start-deliveries": 90,
      "reconcile-deliveries": 90,
      "deliver-orders": 30,
    });
  });
}
