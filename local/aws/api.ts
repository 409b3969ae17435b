import type { Caller } from "./caller";

/** Members of a request or an answer in the shape of the service's JSON protocol. */
export type AwsDocument = Record<string, unknown>;

/** One AWS service as its clients see it: named actions that take a document and answer one. */
export interface AwsApi {
  /**
   * Answers one call.
   *
   * @param action such as `SendMessage`
   * @param input the request's members; hostile until the service has checked them
   * @param caller who calls: IAM decides with it
   * @param signal aborted when the client has gone: a long poll ends then
   * @throws AwsError as the service documents; any other error is a fault of the local run
   */
  call(action: string, input: AwsDocument, caller: Caller, signal?: AbortSignal): Promise<AwsDocument>;
}

/** The services that speak an AWS protocol on the local endpoint. */
export interface AwsApis {
  readonly cloudwatch: AwsApi;
  readonly dynamodb: AwsApi;
  readonly logs: AwsApi;
  readonly sns: AwsApi;
  readonly sqs: AwsApi;
  readonly states: AwsApi;
}
