import type { IncomingMessage } from "node:http";
import type { GatewayAnswer } from "../apigateway/answer";
import { GatewayFault, type GatewayResponseType } from "../apigateway/faults";
import { HeaderSet } from "../apigateway/headerSet";
import { ClientGone } from "../apigateway/httpRequest";
import type { FaultInjector } from "./faultInjector";
import type { FaultRule, Refusal } from "./rules";

/** What the gateway answers by itself: its usual responses for these, which an API may shape. */
const RESPONSES: Readonly<Record<Exclude<Refusal, "unavailable">, readonly [GatewayResponseType, string]>> = {
  throttling: ["THROTTLED", "Too Many Requests"],
  serverError: ["DEFAULT_5XX", "Internal server error"],
  accessDenied: ["ACCESS_DENIED", "User is not authorized to access this resource"],
};

/**
 * Answers one request to an API's method while faults are injected. An answer that is lost is logged and counted as any
 * other: it is the connection that fails.
 *
 * @param method such as `POST /things/{thingId}`
 * @param body of the request, which rules may select by, as by its path
 * @throws GatewayFault what the method throws, and what a rule says; ClientGone when nothing is answered
 */
export function answerWithFaults(
  faults: FaultInjector | undefined,
  method: string,
  request: IncomingMessage,
  body: string,
  perform: () => Promise<GatewayAnswer>,
): Promise<GatewayAnswer> {
  if (!faults?.concerns("apigateway")) return perform();
  const gone = new AbortController();
  const leave = () => gone.abort();
  request.socket.once("close", leave);
  const answer = faults.run<GatewayAnswer>({
    service: "apigateway",
    operation: method,
    signal: gone.signal,
    text: () => `${request.url ?? "/"} ${body}`,
    perform,
    refuse,
    lose: (answer) => ({ ...answer, isLost: true }),
    abandon: () => {
      throw new ClientGone();
    },
  });
  // The connection is kept for further requests.
  return answer.finally(() => request.socket.off("close", leave));
}

function refuse(refusal: Refusal, { code }: FaultRule): GatewayAnswer {
  if (code !== undefined) throw new GatewayFault(code as GatewayResponseType, "Injected by the fault plan");
  if (refusal !== "unavailable") throw new GatewayFault(...RESPONSES[refusal]);
  // No gateway response has this status: it comes from before the API.
  const headers = new HeaderSet()
    .set("Content-Type", "application/json")
    .set("x-amzn-ErrorType", "ServiceUnavailableException");
  return { status: 503, headers, body: JSON.stringify({ message: "Service Unavailable" }) };
}
