import type { IncomingMessage, ServerResponse } from "node:http";
import { isLoopbackHost } from "./aws/loopback";
import type { LocalOutputs } from "./localRun";
import type { Services } from "./services";
import { startPage } from "./startPage";

/** Passes a request to who serves its path: an API's stage, the user pools, the start page, or the AWS endpoint. */
export async function routeRequest(
  services: Services,
  outputs: LocalOutputs,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isLoopbackHost(request.headers))
    return refuse(response, "Only requests to a loopback host name are served.");
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  if (services.apiGateway.serves(path)) return services.apiGateway.handle(request, response);
  if (services.cognito.serves(path)) {
    // Whoever asks gets a token for any customer: no web page may ask.
    if (request.headers.origin !== undefined)
      return refuse(response, "Requests from a web page are not served.");
    return services.cognito.handle(request, response);
  }
  if (request.method === "GET" && (path === "/console" || path === "/")) {
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(startPage(outputs));
    return;
  }
  return services.endpoint.handle(request, response);
}

function refuse(response: ServerResponse, message: string): void {
  response.writeHead(403, { "Content-Type": "application/json" }).end(JSON.stringify({ message }));
}
