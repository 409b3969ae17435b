import { crc32 } from "node:zlib";
import type { AwsApis, AwsDocument } from "./api";
import type { Caller } from "./caller";
import { AwsError } from "./error";
import { isNestedTooDeep } from "./nesting";
import type { AwsHttpRequest, AwsHttpResponse } from "./http";

interface JsonService {
  readonly api: keyof AwsApis;
  /** The version of AWS's JSON protocol, as the content type names it. */
  readonly version: "1.0" | "1.1";
  /** The namespace that the service puts before the names of its errors. */
  readonly errorNamespace?: string;
  /** DynamoDB sums up its answers, and its clients check the sum. */
  readonly checksum?: true;
}

const DYNAMODB: JsonService = {
  api: "dynamodb",
  version: "1.0",
  errorNamespace: "com.amazonaws.dynamodb.v20120810",
  checksum: true,
};

/** What stands before the dot of `X-Amz-Target`. */
const SERVICES: Readonly<Record<string, JsonService>> = {
  DynamoDB_20120810: DYNAMODB,
  DynamoDBStreams_20120810: DYNAMODB,
  AmazonSQS: { api: "sqs", version: "1.0", errorNamespace: "com.amazonaws.sqs" },
  AWSStepFunctions: { api: "states", version: "1.0" },
  GraniteServiceVersion20100801: {
    api: "cloudwatch",
    version: "1.0",
    errorNamespace: "com.amazonaws.cloudwatch",
  },
  Logs_20140328: { api: "logs", version: "1.1" },
};

/**
 * Answers one request of AWS's JSON protocols (1.0 and 1.1), which name the operation in the header `X-Amz-Target`.
 *
 * @returns the answer, or the service's error with its documented status and `__type`
 * @throws an error that is no AwsError as it came: a fault of the local run
 */
export async function answerJson(
  apis: Partial<AwsApis>,
  request: AwsHttpRequest,
  caller: Caller,
  requestId: string,
  signal?: AbortSignal,
): Promise<AwsHttpResponse> {
  const target = request.headers["x-amz-target"] ?? "";
  const dot = target.lastIndexOf(".");
  const prefix = target.slice(0, Math.max(dot, 0));
  const service = Object.hasOwn(SERVICES, prefix) ? SERVICES[prefix] : undefined;
  try {
    const api = service && apis[service.api];
    if (!api) throw new AwsError("UnknownOperationException", `The operation ${target} is not known here.`);
    const output = await api.call(target.slice(dot + 1), parseBody(request.body), caller, signal);
    return respond(service, 200, JSON.stringify(output), requestId);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return jsonError(error, requestId, service);
  }
}

/** The body and headers with which the JSON protocols answer an error. */
export function jsonError(error: AwsError, requestId: string, service?: JsonService): AwsHttpResponse {
  const { queryErrorCode, ...fields } = error.fields;
  const type = service?.errorNamespace ? `${service.errorNamespace}#${error.code}` : error.code;
  const body = JSON.stringify({ ...fields, __type: type, message: error.message });
  const answer = respond(service, error.status, body, requestId);
  if (typeof queryErrorCode !== "string") return answer;
  // For clients that knew the service by its Query protocol: "AWS Query compatible" in the Smithy specification.
  const fault = error.status < 500 ? "Sender" : "Receiver";
  return { ...answer, headers: { ...answer.headers, "x-amzn-query-error": `${queryErrorCode};${fault}` } };
}

function parseBody(body: string): AwsDocument {
  if (isNestedTooDeep(body))
    throw new AwsError("SerializationException", "The request's body is nested too deep.");
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    throw new AwsError("SerializationException", "The request's body is not JSON.");
  }
  if (typeof document !== "object" || document === null || Array.isArray(document))
    throw new AwsError("SerializationException", "The request's body is not a JSON object.");
  return document as AwsDocument;
}

function respond(
  service: JsonService | undefined,
  status: number,
  body: string,
  requestId: string,
): AwsHttpResponse {
  const headers: Record<string, string> = {
    "content-type": `application/x-amz-json-${service?.version ?? "1.0"}`,
    "x-amzn-requestid": requestId,
  };
  if (service?.checksum) headers["x-amz-crc32"] = String(crc32(body));
  return { status, headers, body };
}
