import * as apigateway from "@pulumi/aws/apigateway";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config";
import type { EncryptionKey } from "../encryptionKey";
import { allow, serviceRole } from "../iam";
import { logGroup } from "../logGroup";

/** The version of the contract, first in every path. */
const STAGE = "v1";

/** One line per request: who asked is not in it, nor what for, nor `$context.requestId`, which clients can choose. */
const ACCESS_LOG_FORMAT = JSON.stringify({
  extendedRequestId: "$context.extendedRequestId",
  requestTime: "$context.requestTime",
  httpMethod: "$context.httpMethod",
  resourcePath: "$context.resourcePath",
  status: "$context.status",
  errorType: "$context.error.responseType",
  integrationStatus: "$context.integration.status",
  responseLatency: "$context.responseLatency",
  responseLength: "$context.responseLength",
  xrayTraceId: "$context.xrayTraceId",
});

export type ApiStageSettings = Pick<
  Settings,
  | "logRetentionDays"
  | "manageApiGatewayAccount"
  | "protectData"
  | "throttlingBurstLimit"
  | "throttlingRateLimit"
>;

export interface ApiStageArgs {
  readonly restApi: apigateway.RestApi;
  readonly deployment: apigateway.Deployment;
  readonly key: EncryptionKey;
  readonly settings: ApiStageSettings;
}

/** Serves a deployment, throttled, traced, and with an access log. */
export function apiStage(
  name: string,
  { restApi, deployment, key, settings }: ApiStageArgs,
  opts: pulumi.ResourceOptions,
): apigateway.Stage {
  const logs = logGroup(
    name,
    { key, retentionDays: settings.logRetentionDays, protect: settings.protectData },
    opts,
  );
  const stage = new apigateway.Stage(
    name,
    {
      restApi: restApi.id,
      deployment: deployment.id,
      stageName: STAGE,
      xrayTracingEnabled: true,
      accessLogSettings: { destinationArn: logs.arn, format: ACCESS_LOG_FORMAT },
    },
    { ...opts, dependsOn: settings.manageApiGatewayAccount ? [loggingAccount(name, opts)] : [] },
  );
  new apigateway.MethodSettings(
    name,
    {
      restApi: restApi.id,
      stageName: stage.stageName,
      methodPath: "*/*",
      settings: {
        throttlingRateLimit: settings.throttlingRateLimit,
        throttlingBurstLimit: settings.throttlingBurstLimit,
        metricsEnabled: true,
        // Execution logs go to a group that the stack cannot encrypt; the access log says what failed.
        loggingLevel: "OFF",
        dataTraceEnabled: false,
      },
    },
    opts,
  );
  return stage;
}

/** The role with which API Gateway writes every API's logs: one setting per account and region. */
function loggingAccount(name: string, opts: pulumi.ResourceOptions): apigateway.Account {
  const { role, policy } = serviceRole(
    `${name}-logging`,
    {
      service: "apigateway.amazonaws.com",
      description: "Writes the logs of API Gateway.",
      statements: [
        // The actions of AWS's managed policy AmazonAPIGatewayPushToCloudWatchLogs; it serves every API of the region.
        allow(
          [
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogGroups",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
            "logs:GetLogEvents",
            "logs:FilterLogEvents",
          ],
          "*",
        ),
      ],
    },
    opts,
  );
  return new apigateway.Account(name, { cloudwatchRoleArn: role.arn }, { ...opts, dependsOn: [policy] });
}
