import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { GatewayFault, RequestRefused } from "./faults";

/** Quota for REST APIs: "Length, in characters, of the URL for a regional API", not adjustable. */
const LONGEST_URL = 10_240;

/** Quota for REST APIs: "Total combined size of all header values 10240 Bytes", not adjustable. */
const LARGEST_HEADERS_BYTES = 10_240;

/** Quota for REST APIs: "Payload size 10 MB", not adjustable. */
const LARGEST_BODY_BYTES = 10_485_760;

/** The client left before its request was complete: nobody waits for an answer. */
export class ClientGone extends Error {}

/** The path and the query of a request, decoded. */
export interface RequestTarget {
  /** As the client sent it, without the query. */
  readonly rawPath: string;
  /** Decoded, without empty ones: a trailing slash makes no difference. */
  readonly segments: readonly string[];
  /** Of a name that stands several times, the last value. */
  readonly query: Readonly<Record<string, string>>;
}

/**
 * Reads the request's URL.
 *
 * Braces and pipes must be escaped in a query (important notes for REST APIs).
 *
 * @throws GatewayFault 400 for a malformed escape, or such a character
 * @throws RequestRefused 414 beyond the quota
 */
export function readTarget(url: string): RequestTarget {
  if (url.length > LONGEST_URL) throw new RequestRefused(414, "Request URI too long");
  const end = url.indexOf("?");
  const rawPath = end < 0 ? url : url.slice(0, end);
  const rawQuery = end < 0 ? "" : url.slice(end + 1);
  if (/[{}|]/.test(rawQuery)) throw badRequest();
  try {
    return {
      rawPath,
      segments: readSegments(rawPath),
      query: readQuery(rawQuery),
    };
  } catch {
    throw badRequest();
  }
}

function readSegments(rawPath: string): readonly string[] {
  const segments = rawPath.split("/").filter((segment) => segment !== "");
  return rawPath.includes("%") ? segments.map(decodeURIComponent) : segments;
}

function badRequest(): GatewayFault {
  return new GatewayFault("DEFAULT_4XX", "Bad Request");
}

function readQuery(text: string): Readonly<Record<string, string>> {
  if (text === "") return {};
  const pairs = text.split("&").filter((pair) => pair !== "");
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      const [name, value] = equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return [decodeForm(name), decodeForm(value)];
    }),
  );
}

function decodeForm(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}

/**
 * That many bytes Node reads as so many characters.
 *
 * @throws RequestRefused 431 beyond the quota: status and text are those that people published, AWS documents none
 */
export function refuseLargeHeaders({ rawHeaders }: IncomingMessage): void {
  let size = 0;
  for (let index = 1; index < rawHeaders.length; index += 2) size += rawHeaders[index]?.length ?? 0;
  if (size > LARGEST_HEADERS_BYTES)
    throw new RequestRefused(431, `HTTP header is larger than ${LARGEST_HEADERS_BYTES} bytes.`);
}

/** Headers by the names that the client sent; of one that stands several times, the last value. */
export function readHeaders({ rawHeaders }: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    headers[rawHeaders[index] ?? ""] = rawHeaders[index + 1] ?? "";
  return headers;
}

/**
 * Reads the request's whole body as text: the API has no binary media types.
 *
 * @throws GatewayFault 413 beyond 10 MB, 400 when it is no UTF-8
 * @throws ClientGone
 */
export async function readBody(request: IncomingMessage): Promise<string> {
  if (request.destroyed) throw new ClientGone();
  const declared = request.headers["content-length"];
  if (Number(declared ?? 0) > LARGEST_BODY_BYTES) throw tooLarge(request);
  if (declared === "0" || (declared === undefined && request.headers["transfer-encoding"] === undefined))
    return "";
  const bytes = await readBytes(request);
  if (isUtf8(bytes)) return bytes.toString("utf8");
  throw new GatewayFault("BAD_REQUEST_BODY", "Invalid request body", {
    validation: "[The body is not valid UTF-8]",
  });
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const collect = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LARGEST_BODY_BYTES) return void chunks.push(chunk);
      request.off("data", collect);
      reject(tooLarge(request));
    };
    const complete = () => {
      // Every request is closed in the end; only one that has not ended was left by its client.
      request.off("close", leave).off("error", leave);
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
    };
    const leave = () => reject(new ClientGone());
    request.on("data", collect).on("end", complete).on("error", leave).on("close", leave);
  });
}

/** What is still to come is read and dropped, so that the client gets to read the refusal. */
function tooLarge(request: IncomingMessage): GatewayFault {
  request.resume();
  return new GatewayFault("REQUEST_TOO_LARGE", `HTTP content length exceeded ${LARGEST_BODY_BYTES} bytes.`);
}
