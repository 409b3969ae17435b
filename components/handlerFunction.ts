import * as lambda from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { alarm, LASTING, type Metric } from "./alarm";
import type { AlarmTopic } from "./alarmTopic";
import { BUNDLE_HANDLER, bundleHandler } from "./bundle";
import type { EncryptionKey } from "./encryptionKey";
import type { CounterName, GaugeName } from "../handlers/observability";
import { allow, serviceRole, type PolicyStatement } from "./iam";
import { logGroup } from "./logGroup";

export interface HandlerFunctionArgs {
  /** The file in `handlers/`, without its ending. */
  readonly handler: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** Invocations at once, taken from what the account has; without it the account's limit is the only one. */
  readonly reservedConcurrency?: number;
  /** What the handler's environment schema asks for, besides what every function has. */
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** What the handler and its event source may do, besides logging and tracing. */
  readonly statements: readonly PolicyStatement[];
  readonly key: EncryptionKey;
  readonly logRetentionDays: number;
  readonly protect: boolean;
  readonly alarms: AlarmTopic;
}

/** A function that runs one of `handlers/`, with a role and a log group of its own. */
export class HandlerFunction extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;
  readonly logGroupName: pulumi.Output<string>;
  /** Depend on it before an event source uses the function's role. */
  readonly permissions: pulumi.Resource;

  /** What the function calls itself in its logs and metrics. */
  private readonly serviceName: string;

  constructor(name: string, args: HandlerFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:HandlerFunction", name, {}, opts);
    this.serviceName = name;
    const { logs, role, policy } = this.identity(name, args);
    const handler = new lambda.Function(
      name,
      {
        description: args.description,
        runtime: "nodejs24.x",
        architectures: ["arm64"],
        handler: BUNDLE_HANDLER,
        code: bundleHandler(args.handler),
        role: role.arn,
        timeout: args.timeoutSeconds,
        memorySize: args.memoryMegabytes,
        ...(args.reservedConcurrency !== undefined && {
          reservedConcurrentExecutions: args.reservedConcurrency,
        }),
        environment: {
          variables: {
            POWERTOOLS_SERVICE_NAME: name,
            POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(),
            ...args.environment,
          },
        },
        // Lambda grants the role the key of its environment (Developer Guide, "Securing Lambda environment variables").
        kmsKeyArn: args.key.arn,
        loggingConfig: {
          logFormat: "JSON",
          applicationLogLevel: "INFO",
          systemLogLevel: "INFO",
          logGroup: logs.name,
        },
        tracingConfig: { mode: "Active" },
      },
      { parent: this, dependsOn: [policy] },
    );
    this.arn = handler.arn;
    this.name = handler.name;
    this.logGroupName = logs.name;
    this.permissions = policy;
    this.watch(args.alarms);
    this.registerOutputs({ arn: this.arn, name: this.name });
  }

  /** A metric that Lambda keeps of the function. */
  metric(name: string): Metric {
    return { namespace: "AWS/Lambda", name, dimensions: { FunctionName: this.name } };
  }

  /** A metric that the handler itself reports. */
  reported(name: CounterName | GaugeName): Metric {
    return { namespace: metricsNamespace(), name, dimensions: { service: this.serviceName } };
  }

  /** Its log group, and the role that may write there. */
  private identity(name: string, args: HandlerFunctionArgs) {
    const logs = logGroup(
      name,
      { key: args.key, retentionDays: args.logRetentionDays, protect: args.protect },
      { parent: this },
    );
    const { role, policy } = serviceRole(
      name,
      {
        service: "lambda.amazonaws.com",
        description: args.description,
        statements: [
          allow(["logs:CreateLogStream", "logs:PutLogEvents"], pulumi.interpolate`${logs.arn}:*`),
          // X-Ray has no resources to name (Service Authorization Reference, AWS X-Ray).
          allow(["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"),
          ...args.statements,
        ],
      },
      { parent: this },
    );
    return { logs, role, policy };
  }

  private watch(alarms: AlarmTopic): void {
    alarm(
      `${this.serviceName}-errors`,
      {
        alarms,
        metric: this.metric("Errors"),
        statistic: "Sum",
        above: 0,
        window: LASTING,
        meaning: `Invocations of ${this.serviceName} end in errors or time out, minute after minute.`,
        runbook: "function-errors",
      },
      { parent: this },
    );
    alarm(
      `${this.serviceName}-throttles`,
      {
        alarms,
        metric: this.metric("Throttles"),
        statistic: "Sum",
        above: 0,
        window: LASTING,
        meaning: `Lambda turns invocations of ${this.serviceName} away, minute after minute: concurrency is used up.`,
        runbook: "function-throttles",
      },
      { parent: this },
    );
  }
}

/** Of what handlers count; by stack, for two of them may share an account. */
function metricsNamespace(): string {
  return `${pulumi.getProject()}-${pulumi.getStack()}`;
}
