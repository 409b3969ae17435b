import type { IncomingMessage } from "node:http";
import { randomText } from "../aws/randomText";
import type { Clock } from "../clock";
import type { FaultInjector } from "../faults/faultInjector";
import { answerWithFaults } from "../faults/faultyMethod";
import type { GatewayAnswer } from "./answer";
import { authenticate, type TokenVerifier } from "./authorization";
import { CallContext, requestIdOf } from "./context";
import { configurationFault, errorTypeOf, GatewayFault, RequestRefused } from "./faults";
import { HeaderSet } from "./headerSet";
import {
  ClientGone,
  readBody,
  readHeaders,
  readTarget,
  refuseLargeHeaders,
  type RequestTarget,
} from "./httpRequest";
import { mediaTypeOf } from "./mediaType";
import { answerCall, type ApiMethod } from "./method";
import type { RestApi } from "./restApi";
import type { Stage } from "./stage";
import { headerOf, Input, type RequestParameters } from "./templateVariables";

/** Quota for REST APIs: "ARN length of a method with authorization", with the path that the client asked for. */
const LONGEST_ARN_BYTES = 1_600;

export interface ExchangeDependencies {
  readonly clock: Clock;
  readonly cognito: TokenVerifier;
  readonly faults?: FaultInjector;
  /** Told of what the client only sees as an internal error. */
  readonly onFault: (error: unknown) => void;
}

/**
 * One request to a stage, from its headers to the answer.
 *
 * The order of the checks: headers and URL, route, authorizer, throttling, size, encoding, required parameters, model, content type,
 * integration. Where AWS documents no order, refusals that need not read the body come first.
 */
export class Exchange {
  readonly context: CallContext;
  private readonly headers: Readonly<Record<string, string>>;
  private parameters: RequestParameters;

  constructor(
    private readonly request: IncomingMessage,
    private readonly api: RestApi,
    private readonly stage: Stage,
    private readonly dependencies: ExchangeDependencies,
  ) {
    this.headers = readHeaders(request);
    this.parameters = { path: {}, querystring: {}, header: this.headers };
    this.context = new CallContext({
      apiId: api.id,
      stage: stage.name,
      httpMethod: request.method ?? "",
      path: (request.url ?? "/").split("?", 1)[0] ?? "/",
      protocol: `HTTP/${request.httpVersion}`,
      domainName: request.headers.host ?? "",
      sourceIp: request.socket.remoteAddress ?? "",
      userAgent: request.headers["user-agent"] ?? "",
      requestTimeEpoch: dependencies.clock.now(),
      requestId: requestIdOf(headerOf(this.headers, "x-amzn-requestid")),
      xrayTraceId: stage.isTraced ? this.traceId() : undefined,
    });
  }

  /**
   * Answers; a refusal is an answer too.
   *
   * @throws ClientGone when the client left before it had sent its request
   */
  async answer(): Promise<GatewayAnswer> {
    const { values, extendedRequestId } = this.context;
    const answer = await this.answerOrRefuse();
    values.status = answer.status;
    values.responseLength = Buffer.byteLength(answer.body);
    values.responseLatency = this.dependencies.clock.now() - values.requestTimeEpoch;
    answer.headers.set("x-amzn-RequestId", values.requestId).set("x-amz-apigw-id", extendedRequestId);
    if (values.xrayTraceId !== undefined) answer.headers.set("X-Amzn-Trace-Id", `Root=${values.xrayTraceId}`);
    return answer;
  }

  private async answerOrRefuse(): Promise<GatewayAnswer> {
    try {
      return await this.run();
    } catch (error) {
      if (error instanceof ClientGone) throw error;
      if (error instanceof RequestRefused) return refusedBefore(error);
      return this.refuse(error instanceof GatewayFault ? error : configurationFault(error));
    }
  }

  private async run(): Promise<GatewayAnswer> {
    refuseLargeHeaders(this.request);
    const target = readTarget(this.request.url ?? "/");
    this.parameters = { ...this.parameters, querystring: target.query };
    const method = this.route(target);
    if (method.authorizer) {
      this.refuseLongArn(method, target);
      this.context.values.claims = await authenticate(
        method.authorizer,
        method.scopes,
        this.headers,
        this.dependencies.cognito,
      );
    }
    if (!this.stage.admits(method.resourcePath, method.httpMethod))
      throw new GatewayFault("THROTTLED", "Too Many Requests");
    const body = await readBody(this.request);
    const call = {
      context: this.context,
      stageVariables: this.stage.variables,
      parameters: this.parameters,
      mediaType: mediaTypeOf(this.request.headers["content-type"]),
      accept: this.request.headers.accept,
      body,
      input: new Input(body, this.parameters),
    };
    const operation = `${this.request.method} ${method.resourcePath}`;
    return answerWithFaults(this.dependencies.faults, operation, this.request, body, () =>
      answerCall(method, call),
    );
  }

  private route({ segments, query }: RequestTarget): ApiMethod {
    const route = this.api.route(segments.slice(1), this.request.method ?? "");
    if (!route) throw new GatewayFault("MISSING_AUTHENTICATION_TOKEN", "Missing Authentication Token");
    this.parameters = { path: route.parameters, querystring: query, header: this.headers };
    this.context.values.resourceId = route.method.resourceId;
    this.context.values.resourcePath = route.method.resourcePath;
    return route.method;
  }

  /** "the client receives a 414 Request URI too long response" (quotas for REST APIs). */
  private refuseLongArn({ httpMethod }: ApiMethod, { rawPath }: RequestTarget): void {
    const path = rawPath.slice(1 + this.stage.name.length);
    if (this.api.executionArn(this.stage.name, httpMethod, path).length > LONGEST_ARN_BYTES)
      throw new RequestRefused(414, "Request URI too long");
  }

  private refuse({ responseType, message, details: { validation, cause } }: GatewayFault): GatewayAnswer {
    if (cause !== undefined) this.dependencies.onFault(cause);
    this.context.values.error = {
      message,
      responseType,
      ...(validation !== undefined && { validationErrorString: validation }),
    };
    const sources = {
      context: this.context,
      stageVariables: this.stage.variables,
      request: this.parameters,
    };
    const answer = this.api.gatewayResponses.answer(responseType, sources, this.request.headers.accept);
    answer.headers.set("x-amzn-ErrorType", errorTypeOf(responseType));
    return answer;
  }

  /** The client's trace goes on; otherwise a new one begins, named by its time. */
  private traceId(): string {
    const root = /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/.exec(
      headerOf(this.headers, "x-amzn-trace-id") ?? "",
    )?.[1];
    if (root !== undefined) return root;
    const seconds = Math.floor(this.dependencies.clock.now() / 1000);
    return `1-${seconds.toString(16)}-${randomText(12, "hex")}`;
  }
}

function refusedBefore({ status, message }: RequestRefused): GatewayAnswer {
  return { status, headers: new HeaderSet().set("Content-Type", "text/plain"), body: message };
}
