import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AwsApis } from "./api";
import type { Caller } from "./caller";
import { AwsError } from "./error";
import type { AwsHttpRequest, AwsHttpResponse } from "./http";
import { answerJson, jsonError } from "./jsonProtocol";
import { answerQuery } from "./query";
import { refuseForeignOrigin } from "./loopback";
import { readBody } from "./requestBody";
import { accessKeyIdOf } from "./signature";

const FORM = "application/x-www-form-urlencoded";

/**
 * The one HTTP endpoint of all services: on its root path it speaks AWS's JSON protocols (1.0 and 1.1, by the header
 * `X-Amz-Target`) and the Query protocol (by the content type of a form), as the SDKs and the AWS CLI do.
 */
export class AwsEndpoint {
  /**
   * @param apis the services that are hosted
   * @param callerOf who signs with an access key id; `undefined` for a request without a signature
   * @param onFault told of every error that no service documents; the client gets `InternalFailure` for it
   */
  constructor(
    private readonly apis: Partial<AwsApis>,
    private readonly callerOf: (accessKeyId: string | undefined) => Caller,
    private readonly onFault: (error: unknown) => void = () => undefined,
  ) {}

  /**
   * Answers one request of a known caller, from the socket or from an API method's integration. Never rejects: a
   * failure is an error answer.
   *
   * @param signal aborted when the client has gone
   */
  async answer(request: AwsHttpRequest, caller: Caller, signal?: AbortSignal): Promise<AwsHttpResponse> {
    const requestId = randomUUID();
    try {
      const isForm = request.headers["content-type"]?.startsWith(FORM) && !request.headers["x-amz-target"];
      return isForm
        ? await answerQuery(this.apis, request, caller, signal)
        : await answerJson(this.apis, request, caller, requestId, signal);
    } catch (error) {
      return this.failure(error, requestId);
    }
  }

  /**
   * Answers one request of whoever signed it; the signature is not verified. Never rejects.
   *
   * @param signal aborted when the client has gone
   */
  async answerSigned(request: AwsHttpRequest, signal?: AbortSignal): Promise<AwsHttpResponse> {
    try {
      return await this.answer(
        request,
        this.callerOf(accessKeyIdOf(request.headers["authorization"])),
        signal,
      );
    } catch (error) {
      return this.failure(error, randomUUID());
    }
  }

  /**
   * Serves one HTTP request. Refuses what a browser could have been lured into sending: a foreign `Host` (DNS
   * rebinding) or any `Origin`.
   */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => {
      if (!response.writableFinished) gone.abort();
    });
    const { status, headers, body } = await this.receive(request, gone.signal);
    if (response.destroyed) return;
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    response.end(body);
  }

  private async receive(request: IncomingMessage, signal: AbortSignal): Promise<AwsHttpResponse> {
    try {
      refuseForeignOrigin(request.headers);
      if (request.method !== "POST")
        throw new AwsError("UnsupportedOperation", `The endpoint serves POST, not ${request.method}.`, 405);
      const body = await readBody(request);
      return await this.answerSigned(
        { path: request.url ?? "/", headers: singleValues(request.headers), body },
        signal,
      );
    } catch (error) {
      return this.failure(error, randomUUID());
    }
  }

  private failure(error: unknown, requestId: string): AwsHttpResponse {
    if (error instanceof AwsError) return jsonError(error, requestId);
    this.onFault(error);
    const message = "The local run failed to answer; its own output says why.";
    return jsonError(new AwsError("InternalFailure", message, 500), requestId);
  }
}

function singleValues(headers: IncomingMessage["headers"]): Record<string, string> {
  const single: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (typeof value === "string") single[name] = value;
  }
  return single;
}
