import type { IncomingMessage, ServerResponse } from "node:http";
import { isLoopbackHost } from "./aws/loopback";
import type { FaultControl } from "./faults/control";
import type { Services } from "./services";

/** Answers to everything from `consoleUrl` on. */
export interface Pages {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  stop(): void;
}

/** Who serves what comes in. */
export interface Servers {
  readonly services: Services;
  readonly pages: Pages | undefined;
  readonly consoleUrl: string;
  /** Of a run that takes fault plans. */
  readonly control: FaultControl | undefined;
}

/** Passes a request to who serves its path: an API's stage, the user pools, the pages, or the AWS endpoint. */
export async function routeRequest(
  { services, pages, consoleUrl, control }: Servers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isLoopbackHost(request.headers) || hasSeveralHosts(request))
    return refuse(response, "Only requests to a loopback host name are served.");
  const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
  if (services.apiGateway.serves(path)) return services.apiGateway.handle(request, response);
  if (services.cognito.serves(path)) {
    // Whoever asks gets a token for any customer: no web page may ask.
    if (request.headers.origin !== undefined)
      return refuse(response, "Requests from a web page are not served.");
    return services.cognito.handle(request, response);
  }
  if (control?.serves(path)) return control.handle(request, response);
  if (pages) {
    const { pathname } = new URL(consoleUrl);
    if (path === pathname || path.startsWith(`${pathname}/`)) return pages.handle(request, response);
    // Whoever opens the run's address in a browser.
    if (request.method === "GET" && path === "/") {
      response.writeHead(302, { Location: pathname }).end();
      return;
    }
  }
  return services.endpoint.handle(request, response);
}

/** Node takes the first, whoever stands in front of it perhaps another (RFC 9112, section 3.2, has it refused). */
function hasSeveralHosts({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === "host").length > 1;
}

function refuse(response: ServerResponse, message: string): void {
  response.writeHead(403, { "Content-Type": "application/json" }).end(JSON.stringify({ message }));
}
