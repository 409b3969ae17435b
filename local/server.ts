import * as http from "node:http";

/** How long a client may take. Where Node has limits of its own (minutes), a connection is looked at far too seldom. */
export interface ServerLimits {
  /** Until a request's headers are complete; a connection on which nothing comes ends then too. */
  readonly headersMs: number;
  /** Until a request is complete. */
  readonly requestMs: number;
  /** How long what still comes of a request is read and dropped after its answer, so that the client gets to read that. */
  readonly refusedMs: number;
  /** How often connections are looked at. */
  readonly checkMs: number;
}

/** Nobody on this machine is slower. API Gateway documents no limit but one for idle connections: 310 s. */
const LIMITS: ServerLimits = { headersMs: 10_000, requestMs: 60_000, refusedMs: 1_000, checkMs: 1_000 };

/**
 * An HTTP server that whoever sends slowly, or without end, cannot keep busy. What is no HTTP (two lengths, a length and
 * chunks, control characters in a header, more than 16 KB of headers) Node's parser refuses, and closes the connection.
 */
export function createServer({ headersMs, requestMs, refusedMs, checkMs } = LIMITS): http.Server {
  const server = http.createServer({
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: checkMs,
  });
  server.on("request", (request, response) => {
    response.once("finish", () => {
      if (request.complete) return;
      const end = () => void (request.complete || request.socket.destroy());
      setTimeout(end, refusedMs).unref();
    });
  });
  return server;
}
