import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { explainAwsError } from "../../ops/awsErrors";
import type { Stack } from "../../ops/target";
import { printable } from "../../tools/command";
import type { Problem } from "../api";

/** An answer other than what was asked for. The message is for people: what is wrong, and what to do. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Nothing but what this server itself serves; no inline script, no frame around it. */
const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
} as const;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/**
 * Keeps other web pages away from a server on loopback: one whose name was re-pointed at 127.0.0.1 (DNS rebinding) still
 * sends that name as `Host`, and a browser says where a request comes from in `Origin` and `Sec-Fetch-Site`.
 *
 * @throws HttpProblem 403 when the request comes from another page, or was meant for another host
 */
export function refuseForeignPages({ host, origin, ...headers }: IncomingHttpHeaders): void {
  if (!LOOPBACK.test(host ?? ""))
    throw new HttpProblem(403, "The console answers to loopback names only: open http://127.0.0.1 instead.");
  const site = headers["sec-fetch-site"];
  const isForeign = origin !== undefined && origin !== `http://${host}`;
  // A link on another page may lead here; nothing else of it may.
  const isLink = headers["sec-fetch-mode"] === "navigate";
  if (isForeign || (site !== undefined && site !== "same-origin" && site !== "none" && !isLink))
    throw new HttpProblem(403, "Requests from other web pages are not answered.");
}

export interface Answer {
  readonly status?: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function send({ method }: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status ?? 200, {
    ...HEADERS,
    "Cache-Control": "no-store",
    "Content-Type": answer.type,
    ...answer.headers,
  });
  response.end(method === "HEAD" ? undefined : answer.body);
}

export function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  body: object,
  status = 200,
): void {
  send(request, response, { status, type: "application/json; charset=utf-8", body: JSON.stringify(body) });
}

/** What may wait for a browser that has stopped reading: bytes. */
const UNREAD_MAX = 4_000_000;

/** Begins an answer that goes on until one side ends it; returns how to send an event. */
export function sendEvents(response: ServerResponse): (event: string, json: string) => void {
  response.writeHead(200, {
    ...HEADERS,
    "Cache-Control": "no-store",
    "Content-Type": "text/event-stream",
  });
  response.flushHeaders();
  return (event, json) => {
    if (response.writableLength > UNREAD_MAX) response.destroy();
    else response.write(`event: ${event}\ndata: ${json}\n\n`);
  };
}

/** What to tell about an error: one line, and the status of an answer that has nothing else to say. */
export function problemOf(error: unknown, stack: Stack): Problem & { readonly status: number } {
  if (error instanceof HttpProblem) return { status: error.status, message: error.message };
  const explained = explainAwsError(error, stack);
  const message = printable(explained instanceof Error ? explained.message : String(explained));
  return { status: 502, message };
}
