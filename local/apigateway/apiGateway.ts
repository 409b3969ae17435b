import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "../aws/caller";
import type { ResourceHost } from "../aws/resource";
import type { MetricStore } from "../cloudwatch/metricStore";
import type { FaultInjector } from "../faults/faultInjector";
import { AccessLog, type LogWriter } from "./accessLog";
import type { GatewayAnswer } from "./answer";
import { ApiDefinitions, type DefinitionDependencies } from "./definitions";
import { Exchange } from "./exchange";
import { HeaderSet } from "./headerSet";
import { ClientGone } from "./httpRequest";
import type { RestApi } from "./restApi";
import type { Stage } from "./stage";
import { StageMetrics } from "./stageMetrics";

const SERVICE = "apigateway.amazonaws.com";

/** What the service needs of the others. */
export interface ApiGatewayDependencies extends DefinitionDependencies {
  readonly logs: LogWriter;
  readonly metrics: MetricStore;
  readonly faults?: FaultInjector;
  /** Told of what a client only sees as an internal error, and of access logs that could not be written. */
  readonly onFault: (error: unknown) => void;
}

interface HostedStage {
  readonly api: RestApi;
  readonly stage: Stage;
  readonly accessLog: AccessLog | undefined;
  readonly metrics: StageMetrics;
}

/**
 * Amazon API Gateway: REST APIs with Cognito authorizers, request validation, mapping templates, and integrations with
 * AWS services and mocks. Every stage of every API is served under its name, as `/{stageName}/...`.
 */
export class ApiGateway implements ResourceHost {
  readonly hosts: ResourceHost["hosts"];
  private readonly definitions: ApiDefinitions;
  private readonly stages = new Map<string, HostedStage>();

  constructor(private readonly dependencies: ApiGatewayDependencies) {
    this.definitions = new ApiDefinitions(dependencies);
    this.hosts = this.definitions.hosts;
  }

  /** Puts the APIs together. @throws Error for one that AWS would not deploy, such as a method without an integration */
  start(): void {
    for (const api of this.definitions.apis.values()) {
      api.assemble();
      for (const stage of api.stages.values())
        this.stages.set(stage.name, {
          api,
          stage,
          accessLog: this.accessLogOf(api, stage),
          metrics: new StageMetrics(this.dependencies.metrics, api.name, stage.name),
        });
    }
  }

  stop(): void {
    for (const { accessLog } of this.stages.values()) accessLog?.flush();
  }

  /** Whether the path, with or without a query, is below a stage. */
  serves(path: string): boolean {
    return this.stages.has(stageNameOf(path));
  }

  /** Answers one request to a stage. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const hosted = this.stages.get(stageNameOf(request.url ?? "/"));
    if (!hosted) return send(response, FORBIDDEN);
    const exchange = new Exchange(request, hosted.api, hosted.stage, this.dependencies);
    try {
      const answer = await exchange.answer();
      this.respond(response, answer);
      hosted.metrics.answered(answer.status, exchange.context.values.responseLatency ?? 0);
      hosted.accessLog?.add(exchange.context);
    } catch (error) {
      if (error instanceof ClientGone) return void response.destroy();
      this.dependencies.onFault(error);
      if (!response.headersSent) send(response, INTERNAL_ERROR);
    }
  }

  /** Mapped values may be no header values: then the API's set-up is at fault. */
  private respond(response: ServerResponse, answer: GatewayAnswer): void {
    try {
      send(response, answer);
    } catch (error) {
      this.dependencies.onFault(error);
      send(response, INTERNAL_ERROR);
    }
  }

  private accessLogOf(api: RestApi, { name, accessLog }: Stage): AccessLog | undefined {
    if (!accessLog) return undefined;
    const { clock, logs, onFault, region, assumeRole } = this.dependencies;
    const sourceArn = `arn:aws:apigateway:${region}::/restapis/${api.id}/stages/${name}`;
    const role = this.definitions.logRoleArn;
    const writer = (): Caller =>
      role === undefined
        ? { type: "service", service: SERVICE, sourceArn }
        : assumeRole(role, SERVICE, sourceArn, "ApiGatewayLogs");
    return new AccessLog(accessLog, { clock, logs, writer, onFault });
  }
}

/** AWS's answer below a stage that does not exist. */
const FORBIDDEN = refusal(403, "Forbidden", "ForbiddenException");
const INTERNAL_ERROR = refusal(500, "Internal server error", "InternalServerErrorException");

function refusal(status: number, message: string, errorType: string): GatewayAnswer {
  const headers = new HeaderSet().set("Content-Type", "application/json").set("x-amzn-ErrorType", errorType);
  return { status, headers, body: JSON.stringify({ message }) };
}

function stageNameOf(path: string): string {
  const end = path.slice(1).search(/[/?]/);
  return end < 0 ? path.slice(1) : path.slice(1, end + 1);
}

function send(response: ServerResponse, { status, headers, body, isLost }: GatewayAnswer): void {
  if (response.destroyed) return;
  if (isLost) return void response.destroy();
  const hasBody = status !== 204 && status !== 304;
  const fields = headers.toList();
  if (hasBody) fields.push("Content-Length", String(Buffer.byteLength(body)));
  response.writeHead(status, fields);
  response.end(hasBody ? body : undefined);
}
