import * as lambda from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { BUNDLE_HANDLER, bundleHandler } from "./bundle";
import type { EncryptionKey } from "./encryptionKey";
import { allow, serviceRole, type PolicyStatement } from "./iam";
import { logGroup } from "./logGroup";

/** Namespace of the metrics that handlers emit. */
export const METRICS_NAMESPACE = "OrderService";

export interface HandlerFunctionArgs {
  /** The file in `handlers/`, without its ending. */
  readonly handler: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  /** What the handler's environment schema asks for, besides what every function has. */
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** What the handler and its event source may do, besides logging and tracing. */
  readonly statements: readonly PolicyStatement[];
  readonly key: EncryptionKey;
  readonly logRetentionDays: number;
  readonly protect: boolean;
}

/** A function that runs one of `handlers/`, with a role and a log group of its own. */
export class HandlerFunction extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;
  /** Depend on it before an event source uses the function's role. */
  readonly permissions: pulumi.Resource;

  constructor(name: string, args: HandlerFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:HandlerFunction", name, {}, opts);
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
        environment: {
          variables: {
            POWERTOOLS_SERVICE_NAME: name,
            POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
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
    this.permissions = policy;
    this.registerOutputs({ arn: this.arn, name: this.name });
  }
}
