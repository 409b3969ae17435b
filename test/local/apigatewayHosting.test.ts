import { ApiGateway } from "../../local/apigateway/apiGateway";
import type { Resource } from "../../local/aws/resource";
import { MetricStore } from "../../local/cloudwatch/metricStore";
import { Clock } from "../../local/clock";
import {
  apiResource,
  graph,
  JSON_TYPE,
  method,
  REGION,
  SQS_INTEGRATION,
  withApi,
} from "./support/apigateway";

/** Hosts the resources and starts. */
function host(resources: readonly Resource[]): void {
  const gateway = new ApiGateway({
    clock: new Clock(),
    region: REGION,
    cognito: { verify: () => Promise.reject(new Error()), standInFor: (arn) => arn },
    aws: { answer: () => Promise.reject(new Error()) },
    assumeRole: () => ({ type: "administrator" }),
    logs: { write: () => undefined },
    metrics: new MetricStore(new Clock()),
    onFault: () => undefined,
  });
  for (const resource of resources) void gateway.hosts[resource.type]?.(resource);
  gateway.start();
}

const model = (schema: unknown) =>
  apiResource("Model", "Thing", { name: "Thing", contentType: JSON_TYPE, schema: JSON.stringify(schema) });

const integrating = (inputs: Readonly<Record<string, unknown>>) =>
  method({ integration: { ...SQS_INTEGRATION, ...inputs } });

const stageLogging = (destinationArn: string, format: string) =>
  graph([], { accessLogSettings: { destinationArn, format } });

describe("a graph that the local run or AWS cannot host is refused by name", () => {
  const place = { resourceId: "things", httpMethod: "POST" };
  const LOG_GROUP = `arn:aws:logs:${REGION}:123456789012:log-group:access`;

  it.each<[string, readonly Resource[], RegExp]>([
    [
      "an unknown property",
      graph([apiResource("RequestValidator", "v", { strictness: 1 })]),
      /"v".*strictness/s,
    ],
    ["another type of integration", graph(integrating({ type: "HTTP" })), /"things-POST".*type/s],
    [
      "another service",
      graph(integrating({ uri: `arn:aws:apigateway:${REGION}:s3:path/b` })),
      /service "s3"/,
    ],
    [
      "a URI of another shape",
      graph(integrating({ uri: "https://example.com" })),
      /is not arn:aws:apigateway/,
    ],
    ["an integration without a role", graph(integrating({ credentials: undefined })), /needs credentials/],
    ["another authorization", graph(method({ method: { authorization: "AWS_IAM" } })), /authorization/],
    ["an API key", graph(method({ method: { apiKeyRequired: true } })), /apiKeyRequired/],
    [
      "an authorizer that is not there",
      graph(method({ method: { authorization: "COGNITO_USER_POOLS", authorizerId: "none" } })),
      /authorizer "none"/,
    ],
    [
      "a Lambda authorizer",
      graph([apiResource("Authorizer", "a", { type: "TOKEN", providerArns: [] })]),
      /"a".*COGNITO_USER_POOLS/s,
    ],
    [
      "an unclosed #if",
      graph(integrating({ requestTemplates: { [JSON_TYPE]: "#if(true)" } })),
      /"things-POST".*#end/s,
    ],
    [
      "a mapping from a parameter that the method does not declare",
      graph(
        integrating({ requestParameters: { "integration.request.header.a": "method.request.header.A" } }),
      ),
      /does not declare/,
    ],
    [
      "a mapping of an unknown kind",
      graph(integrating({ requestParameters: { "integration.request.header.a": "request.header.A" } })),
      /mapping "request.header.A"/,
    ],
    [
      "a method without an integration",
      graph([apiResource("Method", "m", { ...place, authorization: "NONE" })]),
      /POST \/things has no integration/,
    ],
    [
      "an integration response without a method response",
      graph([
        ...method(),
        apiResource("IntegrationResponse", "r", { ...place, statusCode: "500", selectionPattern: "5.." }),
      ]),
      /integration response 500 without a method response/,
    ],
    [
      "a mapped header that the method response does not declare",
      graph(method({ responses: { "200": { responseParameters: { "method.response.header.X": "'a'" } } } })),
      /maps X for the status 200/,
    ],
    [
      "two default responses",
      graph(method({ responses: { "200": {}, "500": {} } })),
      /one response without a selection/,
    ],
    ["a stage without its deployment", graph([], { deployment: "none" }), /"stage".*no deployment "none"/],
    [
      "two stages of one name",
      [...graph([]), apiResource("Stage", "second", { deployment: "deployment", stageName: "v1" })],
      /two stages/,
    ],
    ["a cache", graph([], { cacheClusterEnabled: true }), /cacheClusterEnabled/],
    [
      "an unknown gateway response",
      graph([apiResource("Response", "r", { responseType: "TEAPOT" })]),
      /"TEAPOT"/,
    ],
    [
      "variables of different names in one place",
      graph([
        apiResource("Resource", "b", { parentId: "things", pathPart: "{b}" }),
        ...method({ resourceId: "thing" }),
        ...method({ resourceId: "b" }),
      ]),
      /siblings/,
    ],
    [
      "access logs to a stream",
      stageLogging(`arn:aws:firehose:${REGION}:1:deliverystream/x`, "$context.requestId"),
      /log group/,
    ],
    ["access logs without a request id", stageLogging(LOG_GROUP, "$context.status"), /requestId/],
    ["access logs of several lines", stageLogging(LOG_GROUP, "$context.requestId\n"), /single line/],
    [
      "a model that the method names and the API lacks",
      graph([
        apiResource("RequestValidator", "v", { validateRequestBody: true }),
        ...method({ method: { requestValidatorId: "v", requestModels: { [JSON_TYPE]: "None" } } }),
      ]),
      /model "None"/,
    ],
    [
      "exclusiveMinimum as a number",
      graph([model({ exclusiveMinimum: 0 })]),
      /"Thing".*at #, "exclusiveMinimum" is a boolean/,
    ],
    [
      "a keyword of a later draft",
      graph([model({ properties: { a: { const: 1 } } })]),
      /at #\/properties\/a, the keyword "const"/,
    ],
    ["a later draft", graph([model({ $schema: "http://json-schema.org/draft-07/schema#" })]), /draft 4/],
    [
      "a reference outside of the model",
      graph([model({ $ref: "https://example.com" })]),
      /references within the model/,
    ],
    ["a reference to nothing", graph([model({ $ref: "#/definitions/none" })]), /"Thing"/],
    [
      "a regular expression that Java's validator lacks",
      graph([model({ pattern: "(?<a>x)" })]),
      /regular expression/,
    ],
    ["a schema that is none", graph([model({ type: "text" })]), /"Thing": it is no JSON schema/],
    [
      "a model's name with a hyphen",
      graph([apiResource("Model", "m", { name: "a-b", contentType: JSON_TYPE, schema: "{}" })]),
      /letters and digits/,
    ],
  ])("%s", (_what, resources, message) => {
    expect(() => host(resources)).toThrow(message);
  });
});

describe("the built-in models", () => {
  it("exist in every API", async () => {
    const validated = method({
      method: { requestValidatorId: "v", requestModels: { [JSON_TYPE]: "Empty" } },
    });
    const validator = apiResource("RequestValidator", "v", { validateRequestBody: true });
    await withApi(graph([validator, ...validated]), async ({ url }) => {
      const status = async (body: string) =>
        (await fetch(`${url}/things`, { method: "POST", body, headers: { "Content-Type": JSON_TYPE } }))
          .status;
      expect([await status("{}"), await status("[]")]).toEqual([202, 400]);
    });
  });
});
