/** A request of an AWS protocol, whatever carried it: the local endpoint's socket or an API method's integration. */
export interface AwsHttpRequest {
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface AwsHttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
