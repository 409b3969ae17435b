import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from "node:http";
import type { AwsHttpResponse } from "../../aws/http";
import { AwsRequest } from "./awsRequest";
import type { Report } from "./protocol";

/** A header that the AWS SDK for JavaScript sends with each attempt of a call, and no other client. */
const SDK_HEADER = "amz-sdk-invocation-id";

/**
 * Carries the calls of the AWS SDK to the local endpoint, which is another thread of the same process: a connection
 * over loopback costs both threads several times as much as a message. Only the way is another; the SDK still
 * serializes, signs, times out and retries. Other requests go over connections, to the local endpoint too.
 */
export class AwsCalls {
  /** By id, those without an answer. */
  private readonly open = new Map<number, AwsRequest>();
  private lastId = 0;

  constructor(private readonly report: (report: Report) => void) {}

  /** Takes over `http.request` for the SDK's calls to the endpoint, such as `http://127.0.0.1:4000`. */
  carry(endpoint: string): void {
    const { hostname, port } = new URL(endpoint);
    const isCall = (options: RequestOptions) =>
      options.host === hostname && Number(options.port) === Number(port) && isSdkCall(options);
    const request = http.request as (...parameters: unknown[]) => ClientRequest;
    http.request = (...parameters: unknown[]) => {
      const [options, onResponse] = parameters;
      return typeof options === "object" && isCall(options as RequestOptions)
        ? this.begin(options as RequestOptions, onResponse as (response: IncomingMessage) => void)
        : request(...parameters);
    };
  }

  /** Hands an answer to the request that waits for it. */
  answer(id: number, answer: AwsHttpResponse): void {
    const request = this.open.get(id);
    this.open.delete(id);
    request?.respond(answer);
  }

  private begin(options: RequestOptions, onResponse: (response: IncomingMessage) => void): ClientRequest {
    const id = ++this.lastId;
    const path = options.path ?? "/";
    const headers = singleValues(options.headers as Readonly<Record<string, unknown>>);
    const request = new AwsRequest({
      send: (body) => {
        this.open.set(id, request);
        this.report({ type: "awsCall", id, request: { path, headers, body } });
      },
      over: () => {
        if (this.open.delete(id)) this.report({ type: "awsCallOver", id });
      },
    });
    request.once("response", onResponse);
    // It is none, but has what the SDK uses of one.
    return request as unknown as ClientRequest;
  }
}

/** Calls with `Expect: 100-continue` are not among them: its answer in between needs a connection. */
function isSdkCall({ method, headers }: RequestOptions): boolean {
  if (method !== "POST" || typeof headers !== "object" || Array.isArray(headers)) return false;
  return SDK_HEADER in headers && !("expect" in headers) && !("Expect" in headers);
}

function singleValues(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const single: Record<string, string> = {};
  for (const name in headers) single[name.toLowerCase()] = String(headers[name]);
  return single;
}
