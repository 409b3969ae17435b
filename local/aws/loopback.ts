import type { IncomingHttpHeaders } from "node:http";
import { AwsError } from "./error";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/**
 * Keeps web pages away from a server on loopback: a browser tells its page in `Origin`, and a page whose name was
 * re-pointed at 127.0.0.1 (DNS rebinding) still sends that name as `Host`.
 *
 * @throws AwsError 403 when the request comes from a page, or was meant for another host
 */
export function refuseForeignOrigin(headers: IncomingHttpHeaders): void {
  if (!isLoopbackHost(headers))
    throw new AwsError("AccessDeniedException", "Only requests to a loopback host name are served.", 403);
  if (headers.origin !== undefined)
    throw new AwsError("AccessDeniedException", "Requests from a web page are not served.", 403);
}

/** Whether a request was meant for this machine: a page of a name re-pointed at 127.0.0.1 still sends that name. */
export function isLoopbackHost(headers: IncomingHttpHeaders): boolean {
  return LOOPBACK.test(headers.host ?? "");
}
