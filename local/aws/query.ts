import { randomUUID } from "node:crypto";
import type { AwsApis, AwsDocument } from "./api";
import type { Caller } from "./caller";
import { AwsError } from "./error";
import type { AwsHttpRequest, AwsHttpResponse } from "./http";
import { decodeParameters, parseForm } from "./queryDecode";
import { element, encodeStructure, escapeXml } from "./queryEncode";
import { QUERY_ACTIONS, type QueryAction } from "./queryShapes";

const NAMESPACES: Readonly<Record<QueryAction["service"], string>> = {
  sqs: "http://queue.amazonaws.com/doc/2012-11-05/",
  sns: "http://sns.amazonaws.com/doc/2010-03-31/",
};
const QUEUE_PATH = /^\/\d{12}\/[^/?]+/;

/**
 * Answers one request of the AWS Query protocol, which SNS speaks and SQS still does: parameters in a form, the answer
 * in XML. With `Accept: application/json`, as an API Gateway integration sends it, the answer is the same in JSON:
 * `{"SendMessageResponse":{"ResponseMetadata":...,"SendMessageResult":...}}`, a failure
 * `{"Error":{"Code","Message","Type"},"RequestId"}` (as AWS's own integration samples and logs show it).
 *
 * The queue may stand in the path instead of the parameter `QueueUrl`.
 *
 * @returns the answer, the service's refusal included
 * @throws an error that is no AwsError as it came: a fault of the local run
 */
export async function answerQuery(
  apis: Pick<Partial<AwsApis>, "sqs" | "sns">,
  request: AwsHttpRequest,
  caller: Caller,
  signal?: AbortSignal,
): Promise<AwsHttpResponse> {
  const requestId = randomUUID();
  const asJson = (request.headers["accept"] ?? "").includes("application/json");
  let service: QueryAction["service"] = "sqs";
  try {
    const parameters = parseForm(request.body);
    const name = parameters.get("Action");
    if (!name) throw new AwsError("MissingAction", "The request must contain the parameter Action.");
    const action = QUERY_ACTIONS.get(name);
    const api = action && apis[action.service];
    if (!api) throw new AwsError("InvalidAction", `The action ${name} is not valid for this endpoint.`);
    service = action.service;
    const input = action.input ? decodeParameters(parameters, action.input) : {};
    const output = await api.call(name, withQueueOfPath(input, action, request.path), caller, signal);
    return asJson ? jsonAnswer(name, action, output, requestId) : xmlAnswer(name, action, output, requestId);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return asJson ? jsonFailure(error, requestId) : xmlFailure(error, service, requestId);
  }
}

function withQueueOfPath(input: AwsDocument, action: QueryAction, path: string): AwsDocument {
  if (input["QueueUrl"] !== undefined || !action.input?.byWireName.has("QueueUrl")) return input;
  const queue = QUEUE_PATH.exec(path)?.[0];
  return queue === undefined ? input : { ...input, QueueUrl: queue };
}

function xmlAnswer(
  name: string,
  { service, output }: QueryAction,
  document: AwsDocument,
  requestId: string,
): AwsHttpResponse {
  const result = output ? element(`${name}Result`, encodeStructure(document, output)) : "";
  const metadata = element("ResponseMetadata", element("RequestId", requestId));
  const body = `<${name}Response xmlns="${NAMESPACES[service]}">${result}${metadata}</${name}Response>`;
  return xml(200, body, requestId);
}

function xmlFailure(error: AwsError, service: QueryAction["service"], requestId: string): AwsHttpResponse {
  const { Code, Message, Type } = failureOf(error);
  const details =
    element("Type", Type) + element("Code", escapeXml(Code)) + element("Message", escapeXml(Message));
  const content = `${element("Error", `${details}<Detail/>`)}${element("RequestId", requestId)}`;
  return xml(
    error.status,
    `<ErrorResponse xmlns="${NAMESPACES[service]}">${content}</ErrorResponse>`,
    requestId,
  );
}

function xml(status: number, body: string, requestId: string): AwsHttpResponse {
  return {
    status,
    headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
    body: `<?xml version="1.0"?>${body}`,
  };
}

/** In JSON a member that the answer has not is null. */
function jsonAnswer(
  name: string,
  { output }: QueryAction,
  document: AwsDocument,
  requestId: string,
): AwsHttpResponse {
  const response: AwsDocument = { ResponseMetadata: { RequestId: requestId } };
  if (output) {
    const result: AwsDocument = {};
    for (const member of output.members) result[member.name] = document[member.name] ?? null;
    response[`${name}Result`] = result;
  }
  return json(200, { [`${name}Response`]: response }, requestId);
}

function jsonFailure(error: AwsError, requestId: string): AwsHttpResponse {
  return json(error.status, { Error: failureOf(error), RequestId: requestId }, requestId);
}

function json(status: number, body: unknown, requestId: string): AwsHttpResponse {
  return {
    status,
    headers: { "content-type": "application/json", "x-amzn-requestid": requestId },
    body: JSON.stringify(body),
  };
}

/** An error under the code that the Query protocol has for it. */
function failureOf(error: AwsError): {
  readonly Code: string;
  readonly Message: string;
  readonly Type: string;
} {
  const { queryErrorCode } = error.fields;
  return {
    Code: typeof queryErrorCode === "string" ? queryErrorCode : error.code,
    Message: error.message,
    Type: error.status < 500 ? "Sender" : "Receiver",
  };
}
