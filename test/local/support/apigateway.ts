import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ApiGateway } from "../../../local/apigateway/apiGateway";
import type { AssumeRole } from "../../../local/apigateway/integration";
import type { Caller } from "../../../local/aws/caller";
import type { AwsHttpRequest, AwsHttpResponse } from "../../../local/aws/http";
import type { Resource } from "../../../local/aws/resource";
import { MetricStore } from "../../../local/cloudwatch/metricStore";
import { Clock } from "../../../local/clock";
import { Cognito } from "../../../local/cognito/cognito";
import { FaultInjector } from "../../../local/faults/faultInjector";
import { openStore } from "../../../local/store";
import { resource } from "./resource";

export const REGION = "eu-central-1";
export const POOL_ARN = `arn:aws:cognito-idp:${REGION}:123456789012:userpool/${REGION}_Pool1`;
export const ROLE_ARN = "arn:aws:iam::123456789012:role/api";
export const JSON_TYPE = "application/json";

export function apiResource(type: string, name: string, inputs: Readonly<Record<string, unknown>>): Resource {
  const [first = "", ...rest] = type;
  const fullType = `aws:apigateway/${first.toLowerCase()}${rest.join("")}:${type}`;
  return resource(
    fullType,
    name,
    type === "Response" ? { restApiId: "api", ...inputs } : { restApi: "api", ...inputs },
  );
}

/** A method with its integration and responses. */
export interface MethodOptions {
  readonly resourceId?: string;
  readonly httpMethod?: string;
  readonly method?: Readonly<Record<string, unknown>>;
  readonly integration?: Readonly<Record<string, unknown>>;
  /** By status: the integration response's properties. */
  readonly responses?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Headers that the method responses declare. */
  readonly headers?: readonly string[];
}

export const SQS_INTEGRATION = {
  type: "AWS",
  integrationHttpMethod: "POST",
  uri: `arn:aws:apigateway:${REGION}:sqs:path/123456789012/things`,
  credentials: ROLE_ARN,
  passthroughBehavior: "NEVER",
  requestParameters: { "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'" },
  requestTemplates: { [JSON_TYPE]: "Action=SendMessage&MessageBody=$util.urlEncode($input.body)" },
};

export function method(options: MethodOptions = {}): readonly Resource[] {
  const { resourceId = "things", httpMethod = "POST", headers = [] } = options;
  const place = { resourceId, httpMethod };
  const name = `${resourceId}-${httpMethod}`;
  const responses = options.responses ?? { "202": { responseTemplates: { [JSON_TYPE]: '{"ok":true}' } } };
  return [
    apiResource("Method", name, { ...place, authorization: "NONE", ...options.method }),
    apiResource("Integration", name, { ...place, ...(options.integration ?? SQS_INTEGRATION) }),
    ...Object.entries(responses).flatMap(([statusCode, inputs]) => [
      apiResource("MethodResponse", `${name}-${statusCode}`, {
        ...place,
        statusCode,
        responseParameters: Object.fromEntries(
          headers.map((header) => [`method.response.header.${header}`, false]),
        ),
      }),
      apiResource("IntegrationResponse", `${name}-${statusCode}`, { ...place, statusCode, ...inputs }),
    ]),
  ];
}

/** An API with the resources `/things` and `/things/{thingId}`, a pool with two scopes, and a stage `v1`. */
export function graph(
  resources: readonly Resource[],
  stage: Readonly<Record<string, unknown>> = {},
): readonly Resource[] {
  return [
    resource("aws:cognito/userPool:UserPool", `${REGION}_Pool1`, {}, { arn: POOL_ARN }),
    resource("aws:cognito/resourceServer:ResourceServer", "server", {
      userPoolId: `${REGION}_Pool1`,
      identifier: "things",
      scopes: [
        { scopeName: "read", scopeDescription: "" },
        { scopeName: "write", scopeDescription: "" },
      ],
    }),
    resource("aws:apigateway/restApi:RestApi", "api", { name: "api" }, { rootResourceId: "root" }),
    apiResource("Resource", "things", { parentId: "root", pathPart: "things" }),
    apiResource("Resource", "thing", { parentId: "things", pathPart: "{thingId}" }),
    apiResource("Authorizer", "authorizer", { type: "COGNITO_USER_POOLS", providerArns: [POOL_ARN] }),
    ...resources,
    apiResource("Deployment", "deployment", {}),
    apiResource("Stage", "stage", { deployment: "deployment", stageName: "v1", ...stage }),
  ];
}

export const SENT: AwsHttpResponse = {
  status: 200,
  headers: { "content-type": JSON_TYPE, "x-amzn-requestid": "sqs-1" },
  body: '{"SendMessageResponse":{"SendMessageResult":{"MessageId":"m-1"}}}',
};

/** A served API. */
export interface TestApi {
  /** Of the stage. */
  readonly url: string;
  readonly port: number;
  readonly metrics: MetricStore;
  readonly clock: Clock;
  readonly cognito: Cognito;
  readonly gateway: ApiGateway;
  readonly injector: FaultInjector;
  /** What the integrations sent. */
  readonly calls: { readonly request: AwsHttpRequest; readonly caller: Caller }[];
  readonly logged: { readonly group: string; readonly message: string; readonly caller: Caller }[];
  readonly faults: unknown[];
  close(): Promise<void>;
}

export interface TestApiOptions {
  readonly answer?: (
    request: AwsHttpRequest,
    signal?: AbortSignal,
  ) => AwsHttpResponse | Promise<AwsHttpResponse>;
  readonly assumeRole?: AssumeRole;
  readonly write?: () => void;
}

/** One for all tests of a file: making the signing key takes longer than a test. */
const store = openStore();
afterAll(() => store.close());

/** Hosts the resources and serves them on a free port. */
export async function serveApi(
  resources: readonly Resource[],
  options: TestApiOptions = {},
): Promise<TestApi> {
  const clock = new Clock();
  const cognito = new Cognito({ store, clock, region: REGION });
  const [calls, logged, faults]: [TestApi["calls"], TestApi["logged"], unknown[]] = [[], [], []];
  const metrics = new MetricStore(clock);
  const injector = new FaultInjector(clock);
  const gateway = new ApiGateway({
    clock,
    faults: injector,
    metrics,
    region: REGION,
    cognito,
    aws: {
      answer(request, caller, signal) {
        calls.push({ request, caller });
        return Promise.resolve(options.answer?.(request, signal) ?? SENT);
      },
    },
    assumeRole:
      options.assumeRole ??
      ((roleArn, _service, _sourceArn, sessionName) => ({ type: "role", roleArn, sessionName })),
    logs: {
      write(group, _stream, events, caller) {
        options.write?.();
        for (const { message } of events) logged.push({ group, message, caller });
      },
    },
    onFault: (error) => faults.push(error),
  });
  for (const each of resources) await (cognito.hosts[each.type] ?? gateway.hosts[each.type])?.(each);
  await cognito.start();
  gateway.start();
  const server = createServer((request, response) => void gateway.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    metrics,
    clock,
    cognito,
    gateway,
    injector,
    calls,
    logged,
    faults,
    async close() {
      clock.stop();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

/** Serves the resources for one test. */
export async function withApi(
  resources: readonly Resource[],
  test: (api: TestApi) => Promise<void>,
  options: TestApiOptions = {},
): Promise<void> {
  const api = await serveApi(resources, options);
  try {
    await test(api);
  } finally {
    await api.close();
  }
}

/** A POST of JSON text. */
export function post(
  url: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, { method: "POST", body, headers: { "Content-Type": JSON_TYPE, ...headers } });
}
