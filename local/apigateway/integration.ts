import type { Caller } from "../aws/caller";
import { AwsError } from "../aws/error";
import type { AwsHttpRequest, AwsHttpResponse } from "../aws/http";
import type { Clock } from "../clock";
import { parseServiceUri } from "./awsService";
import type { ApiCall } from "./call";
import { configurationFault, GatewayFault } from "./faults";
import type { IntegrationRequestMapping } from "./integrationRequest";
import type { IntegrationReply } from "./integrationResponse";

/** Answers requests of AWS's own protocols: the run's endpoint. */
export interface AwsAnswerer {
  answer(request: AwsHttpRequest, caller: Caller, signal?: AbortSignal): Promise<AwsHttpResponse>;
}

/**
 * Opens a session of a role.
 *
 * @param service who assumes it, such as `apigateway.amazonaws.com`
 * @param sourceArn for which resource, as `aws:SourceArn` of the trust policy sees it
 * @throws AwsError when the role is missing, or does not trust the service
 */
export type AssumeRole = (roleArn: string, service: string, sourceArn: string, sessionName: string) => Caller;

/** What a method hands its request to. */
export interface Integration {
  /** @throws GatewayFault */
  call(call: ApiCall): Promise<IntegrationReply>;
}

/** Answers without a backend: the request template gives `{"statusCode": 200}`, which picks the response. */
export class MockIntegration implements Integration {
  constructor(private readonly mapping: IntegrationRequestMapping) {}

  call(call: ApiCall): Promise<IntegrationReply> {
    const { body } = this.mapping.build(call);
    return Promise.resolve({ status: mockStatus(body), headers: {}, body: "" });
  }
}

function mockStatus(body: string): number {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    document = undefined;
  }
  const status =
    typeof document === "object" && document !== null && "statusCode" in document
      ? document.statusCode
      : undefined;
  if (typeof status === "number" && Number.isInteger(status)) return status;
  throw configurationFault('A mock integration needs a request template that gives {"statusCode": 200}.');
}

/** Calls an AWS service with a role of its own. */
export class AwsIntegration implements Integration {
  private readonly service: ReturnType<typeof parseServiceUri>;

  /** @throws Error that names what is not supported in the URI */
  constructor(
    private readonly mapping: IntegrationRequestMapping,
    private readonly settings: {
      readonly uri: string;
      readonly roleArn: string;
      readonly timeoutMs: number;
      readonly sourceArn: (call: ApiCall) => string;
    },
    private readonly dependencies: {
      readonly clock: Clock;
      readonly aws: AwsAnswerer;
      readonly assumeRole: AssumeRole;
    },
  ) {
    this.service = parseServiceUri(settings.uri);
  }

  async call(call: ApiCall): Promise<IntegrationReply> {
    const request = this.service.request(this.mapping.build(call), call.context.values.xrayTraceId);
    const caller = this.assumeRole(call);
    const startedAtMs = this.dependencies.clock.now();
    const reply = await this.withinTimeout((signal) => this.dependencies.aws.answer(request, caller, signal));
    call.context.values.integrationStatus = reply.status;
    call.context.values.integrationLatency = this.dependencies.clock.now() - startedAtMs;
    return reply;
  }

  private assumeRole(call: ApiCall): Caller {
    const { roleArn, sourceArn } = this.settings;
    try {
      return this.dependencies.assumeRole(
        roleArn,
        "apigateway.amazonaws.com",
        sourceArn(call),
        "BackplaneAssumeRoleSession",
      );
    } catch (error) {
      throw error instanceof AwsError ? configurationFault(error) : error;
    }
  }

  /** A call that outlasts the integration's timeout is given up; what it does meanwhile may still happen, as on AWS. */
  private withinTimeout<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const abort = new AbortController();
    return new Promise((resolve, reject) => {
      const cancel = this.dependencies.clock.after(this.settings.timeoutMs, () => {
        abort.abort();
        reject(new GatewayFault("INTEGRATION_TIMEOUT", "Endpoint request timed out"));
      });
      void work(abort.signal).then(resolve, reject).finally(cancel);
    });
  }
}
