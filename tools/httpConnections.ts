import * as http from "node:http";
import * as https from "node:https";

/** API Gateway answers within 29 s (API Gateway quotas, integration timeout). */
const TIMEOUT_MS = 30_000;

/** API Gateway's answers have at most 10 MB (API Gateway quotas, payload size). */
const ANSWER_BYTES_MAX = 10_000_000;

/** How a request may end early. */
export interface RequestLimits {
  /** For the whole answer; 30 seconds unless told. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface HttpRequest extends RequestLimits {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** No whole answer came: whether the request was carried out is unknown. */
export class NoAnswerError extends Error {
  override readonly name = "NoAnswerError";
}

/**
 * Kept-alive connections. Not `fetch`: that costs the caller 370 us of CPU for a request where this costs 80 us (Node
 * 20), and a load generator that shares two cores with the service would measure mostly itself.
 */
export class HttpConnections {
  readonly #http: http.Agent;
  readonly #https: https.Agent;

  /** @param maxPerHost requests beyond it wait for a connection */
  constructor(maxPerHost = 64) {
    this.#http = new http.Agent({ keepAlive: true, maxSockets: maxPerHost });
    this.#https = new https.Agent({ keepAlive: true, maxSockets: maxPerHost });
  }

  /**
   * Sends a request that is harmless to send twice: a kept connection that the server closed in the same moment is
   * replaced by a new one.
   *
   * @throws NoAnswerError when no whole answer came
   * @throws the signal's reason when it was aborted
   */
  async request(url: URL, request: HttpRequest): Promise<HttpAnswer> {
    try {
      return await this.#send(url, request);
    } catch (error) {
      if (!(error instanceof StaleConnectionError)) throw error;
      return await this.#send(url, request);
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #send(
    url: URL,
    { method, headers, body, signal, timeoutMs = TIMEOUT_MS }: HttpRequest,
  ): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const outgoing =
        url.protocol === "https:"
          ? https.request(url, { agent: this.#https, method, headers })
          : http.request(url, { agent: this.#http, method, headers });

      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      };
      const fail = (error: unknown) => {
        settle();
        reject(error);
        outgoing.destroy();
      };
      const abort = () => fail(signal?.reason);
      const timer = setTimeout(
        () => fail(new NoAnswerError(`${url.host} did not answer within ${timeoutMs / 1_000} s`)),
        timeoutMs,
      );
      signal?.addEventListener("abort", abort);

      outgoing.on("error", (error) => fail(noAnswer(url, error, outgoing.reusedSocket)));
      outgoing.on("response", (incoming) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        incoming.on("data", (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes > ANSWER_BYTES_MAX)
            fail(new NoAnswerError(`${url.host} answered more than ${ANSWER_BYTES_MAX} bytes`));
        });
        incoming.on("error", (error) => fail(noAnswer(url, error, false)));
        incoming.on("end", () => {
          settle();
          resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
        });
      });
      outgoing.end(body);
    });
  }
}

/** The server closed a kept connection before it read the request. */
class StaleConnectionError extends NoAnswerError {}

function noAnswer(url: URL, error: NodeJS.ErrnoException, reusedConnection: boolean): NoAnswerError {
  const Kind = reusedConnection && error.code === "ECONNRESET" ? StaleConnectionError : NoAnswerError;
  return new Kind(`${url.host} cannot be reached (${error.code ?? error.message})`, { cause: error });
}
