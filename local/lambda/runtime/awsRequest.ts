import { IncomingMessage, STATUS_CODES } from "node:http";
import { Socket } from "node:net";
import { Writable } from "node:stream";
import type { AwsHttpResponse } from "../../aws/http";

/** What takes a request to the endpoint. */
export interface Carrier {
  /** Called once, with the whole body. */
  send(body: string): void;
  /** The request is over: an answer that has not come yet is not waited for. */
  over(): void;
}

/**
 * Stands in for an `http.ClientRequest` that goes to the local endpoint without a connection. It has what the AWS SDK
 * uses of one (@smithy/node-http-handler): the body is written, ended or piped into it; it emits `response`, `error`
 * and `close`; it can be destroyed at any time; it has a socket for the timeouts.
 */
export class AwsRequest extends Writable {
  /** Never connected; nor is it connecting, so the SDK takes it for a connection that was kept alive. */
  readonly socket = new Socket();
  private readonly chunks: Buffer[] = [];
  private answered = false;

  constructor(private readonly carrier: Carrier) {
    // Ending the request is not the end of it: the answer is still to come.
    super({ autoDestroy: false });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.carrier.send(Buffer.concat(this.chunks).toString());
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.carrier.over();
    this.socket.destroy();
    done(error ?? (this.answered ? null : hangUp()));
  }

  /** Emits the answer as a response. */
  respond({ status, headers, body }: AwsHttpResponse): void {
    if (this.destroyed) return;
    this.answered = true;
    const response = new IncomingMessage(this.socket);
    response.httpVersion = "1.1";
    response.statusCode = status;
    response.statusMessage = STATUS_CODES[status] ?? "";
    response.headers = { ...headers };
    response.complete = true;
    response.once("close", () => this.destroy());
    response.push(body);
    response.push(null);
    // A response that nobody takes is read and dropped, as that of a ClientRequest.
    if (!this.emit("response", response)) response.resume();
  }
}

/** The error of a ClientRequest that is destroyed before its answer has come. */
function hangUp(): Error {
  return Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
}
