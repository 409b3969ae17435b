import type { IncomingMessage } from "node:http";
import { AwsError } from "./error";

/** More than any request of the hosted services: a message of 1 MiB in a form, nearly every byte escaped. */
const LIMIT_BYTES = 4 * 1024 * 1024;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads the request's whole body.
 *
 * @throws AwsError 413 when it is larger than the limit, 400 when it is not UTF-8 or the client leaves before its end
 */
export async function readBody(request: IncomingMessage, limitBytes = LIMIT_BYTES): Promise<string> {
  const bytes = await readBytes(request, limitBytes);
  try {
    return utf8.decode(bytes);
  } catch {
    throw new AwsError("SerializationException", "The request's body is not valid UTF-8.");
  }
}

function readBytes(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const collect = (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= limitBytes) return;
      // What is still to come is read and dropped, so that the client gets to read the refusal.
      request.off("data", collect).resume();
      reject(new AwsError("RequestEntityTooLargeException", `A request may have ${limitBytes} bytes.`, 413));
    };
    const leave = () =>
      reject(new AwsError("RequestAbortedException", "The client left before its request's end."));
    request.on("data", collect);
    request.once("error", leave).once("close", leave);
    request.once("end", () => {
      request.off("error", leave).off("close", leave);
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    });
  });
}
