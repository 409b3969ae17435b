import { gatewayModel } from "../../../contracts/gatewayModel";
import type { Resource } from "../../../local/aws/resource";
import type { RecordedStack } from "../support/recordedStack";
import { Symbols } from "../support/symbols";

type Inputs = Resource["inputs"];

/** The path of a method's resource. */
function pathOf(stack: RecordedStack, { resourceId }: Inputs): string {
  const resource = stack.all("apigateway.Resource").find(({ id }) => id === resourceId);
  if (resource === undefined) return "";
  return `${pathOf(stack, { resourceId: resource.inputs["parentId"] })}/${String(resource.inputs["pathPart"])}`;
}

/** `POST /orders` */
function routeOf(stack: RecordedStack, inputs: Inputs): string {
  return `${String(inputs["httpMethod"])} ${pathOf(stack, inputs)}`;
}

/** The statuses that a response template may choose. */
function overridesIn(template: string): string[] {
  return [...template.matchAll(/responseOverride\.status = (\d{3})/g)].map(([, status]) => String(status));
}

function templateOf({ inputs }: Resource): string {
  return (inputs["responseTemplates"] as Record<string, string>)["application/json"] ?? "";
}

/** Hop 1. */
export function describeApi(dev: () => RecordedStack, prod: () => RecordedStack): void {
  describe("the API", () => {
    test("has three methods for a token's owner, and preflights for everybody", () => {
      const methods = dev()
        .all("apigateway.Method")
        .map(({ inputs }) => [
          routeOf(dev(), inputs),
          inputs["authorization"],
          ...((inputs["authorizationScopes"] as string[] | undefined) ?? []),
        ]);
      expect(methods.sort()).toEqual([
        ["GET /orders", "COGNITO_USER_POOLS", "orders/read"],
        ["GET /orders/{orderId}", "COGNITO_USER_POOLS", "orders/read"],
        ["OPTIONS /orders", "NONE"],
        ["OPTIONS /orders/{orderId}", "NONE"],
        ["POST /orders", "COGNITO_USER_POOLS", "orders/write"],
      ]);
    });

    test("checks tokens of the stack's pool, and parameters and body of every request", () => {
      expect(dev().inputs("apigateway.Authorizer", "orders")).toMatchObject({
        type: "COGNITO_USER_POOLS",
        providerArns: [dev().arn("cognito.UserPool", "customers")],
      });
      expect(dev().inputs("apigateway.RequestValidator", "orders")).toMatchObject({
        validateRequestBody: true,
        validateRequestParameters: true,
      });
      const authorizer = dev().one("apigateway.Authorizer", "orders").id;
      const validator = dev().one("apigateway.RequestValidator", "orders").id;
      for (const { inputs } of dev().all("apigateway.Method")) {
        if (inputs["httpMethod"] === "OPTIONS") continue;
        expect(inputs).toMatchObject({ authorizerId: authorizer, requestValidatorId: validator });
      }
    });

    test("holds a posted order to the contract's model", () => {
      const { name, schema, contentType } = dev().inputs("apigateway.Model", "orders");
      expect(JSON.parse(String(schema))).toEqual(gatewayModel());
      expect(contentType).toBe("application/json");
      expect(dev().inputs("apigateway.Method", "orders-place-order")["requestModels"]).toEqual({
        "application/json": name,
      });
    });

    test("calls the queue and the table themselves, each as a role of its own", () => {
      const integrations = dev()
        .all("apigateway.Integration")
        .filter(({ inputs }) => inputs["type"] === "AWS")
        .map(({ inputs }) => [routeOf(dev(), inputs), inputs["uri"], inputs["credentials"]]);
      expect(new Symbols(dev()).in(integrations).sort()).toEqual([
        ["GET /orders", "arn:aws:apigateway:eu-west-1:dynamodb:action/Query", "<iam.Role orders-query arn>"],
        [
          "GET /orders/{orderId}",
          "arn:aws:apigateway:eu-west-1:dynamodb:action/GetItem",
          "<iam.Role orders-getitem arn>",
        ],
        [
          "POST /orders",
          "arn:aws:apigateway:eu-west-1:sqs:path/123456789012/<sqs.Queue orders name>",
          "<iam.Role orders-enqueue arn>",
        ],
      ]);
    });

    test("lets no body of another content type past its validation", () => {
      for (const { inputs } of dev().all("apigateway.Integration")) {
        expect(inputs["passthroughBehavior"]).toBe("NEVER");
        expect(Object.keys(inputs["requestTemplates"] as object)).toEqual(["application/json"]);
      }
    });

    test("answers with success only what a service answered with success", () => {
      const answers = dev()
        .all("apigateway.IntegrationResponse")
        .filter(({ inputs }) => inputs["httpMethod"] !== "OPTIONS")
        .map(({ inputs }) =>
          [inputs["statusCode"], inputs["selectionPattern"] ?? "anything else"].join(": "),
        );
      expect(answers.sort()).toEqual([
        ...["200: 2\\d{2}", "200: 2\\d{2}", "202: 2\\d{2}"],
        ...new Array<string>(3).fill("500: anything else"),
        ...new Array<string>(3).fill("502: 4\\d{2}"),
        ...new Array<string>(3).fill("503: 5\\d{2}"),
      ]);
    });

    test("declares every status that an answer has or may choose", () => {
      const declared = dev()
        .all("apigateway.MethodResponse")
        .map(({ inputs }) => `${routeOf(dev(), inputs)} ${String(inputs["statusCode"])}`);
      const answered = dev()
        .all("apigateway.IntegrationResponse")
        .flatMap((answer) =>
          [String(answer.inputs["statusCode"]), ...overridesIn(templateOf(answer))].map(
            (status) => `${routeOf(dev(), answer.inputs)} ${status}`,
          ),
        );
      expect(declared.sort()).toEqual(answered.sort());
    });

    test("puts whatever a client chooses into a request URL-encoded, or escaped inside a JSON string", () => {
      const templates = dev()
        .all("apigateway.Integration")
        .map(
          ({ inputs }) => (inputs["requestTemplates"] as Record<string, string>)["application/json"] ?? "",
        );
      const chosen =
        /\$(input\.(body|params\('\w+'\))|context\.(authorizer\.claims\.sub|extendedRequestId))/g;
      const uses = templates.flatMap((template) =>
        [...template.matchAll(chosen)].map(({ index, 0: { length } }) =>
          template.slice(index - 30, index + length),
        ),
      );
      expect(uses).toHaveLength(9);
      for (const use of uses)
        expect(use).toMatch(
          /(\$util\.urlEncode\(|"S":"\$util\.escapeJavaScript\(|#if\()\$(input|context)[^)$]*('\))?$/,
        );
    });

    test("with one allowed origin names it on every answer; with several, a template chooses among them", () => {
      const header = "method.response.header.Access-Control-Allow-Origin";
      for (const answer of dev().all("apigateway.IntegrationResponse")) {
        expect(answer.inputs["responseParameters"]).toMatchObject({ [header]: "'*'" });
        expect(templateOf(answer)).not.toContain("$origin");
      }
      for (const answer of prod().all("apigateway.IntegrationResponse")) {
        expect(answer.inputs["responseParameters"]).not.toHaveProperty([header]);
        expect(answer.inputs["responseParameters"]).toHaveProperty(
          ["method.response.header.Vary"],
          "'Origin'",
        );
        expect(templateOf(answer)).toContain(
          '#if($origin == "https://shop.example.com" || $origin == "https://wholesale.example.com")\n' +
            "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)",
        );
      }
    });

    test("gives its own refusals a message, the reason of a bad request, and the CORS header", () => {
      const responses = dev()
        .all("apigateway.Response")
        .map((response) => {
          expect(response.inputs["responseParameters"]).toEqual({
            "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
          });
          return [response.inputs["responseType"], response.inputs["statusCode"], templateOf(response)];
        });
      const message = '"message":$context.error.messageString';
      const detail = '"detail":"$context.error.validationErrorString"';
      expect(responses.sort()).toEqual([
        ["BAD_REQUEST_BODY", undefined, `{${message},${detail}}`],
        ["BAD_REQUEST_PARAMETERS", undefined, `{${message},${detail}}`],
        ["DEFAULT_4XX", undefined, `{${message}}`],
        ["DEFAULT_5XX", undefined, `{${message},"requestId":"$context.extendedRequestId"}`],
        ["MISSING_AUTHENTICATION_TOKEN", "404", expect.stringContaining("There is no such resource.")],
      ]);
    });

    test("is traced, throttled, and logged without a word of who asked for what", () => {
      const { accessLogSettings, ...stage } = dev().inputs("apigateway.Stage", "orders");
      expect(stage).toMatchObject({ stageName: "v1", xrayTracingEnabled: true });
      const { destinationArn, format } = accessLogSettings as { destinationArn: string; format: string };
      expect(destinationArn).toBe(dev().arn("cloudwatch.LogGroup", "orders"));
      expect(Object.values(JSON.parse(format) as object).sort()).toEqual(
        [
          ...["extendedRequestId", "requestTime", "httpMethod", "resourcePath", "status"],
          ...["error.responseType", "integration.status", "responseLatency", "responseLength", "xrayTraceId"],
        ]
          .map((name) => `$context.${name}`)
          .sort(),
      );
      expect(dev().inputs("apigateway.MethodSettings", "orders")).toMatchObject({
        stageName: "v1",
        methodPath: "*/*",
        settings: {
          throttlingRateLimit: 2_000,
          throttlingBurstLimit: 4_000,
          metricsEnabled: true,
          loggingLevel: "OFF",
          dataTraceEnabled: false,
        },
      });
    });

    test("is deployed after all of its parts, and staged after the account's logging role", () => {
      const parts = dev()
        .graph.resources.filter(({ type }) => type.startsWith("aws:apigateway/"))
        .filter(({ type }) => !/:(Deployment|Stage|MethodSettings|Account)$/.test(type));
      const { dependencies } = dev().one("apigateway.Deployment", "orders");
      expect(dependencies).toEqual(expect.arrayContaining(parts.map(({ urn }) => urn)));
      expect(parts).toHaveLength(54);
      const account = dev().one("apigateway.Account", "orders");
      expect(dev().one("apigateway.Stage", "orders").dependencies).toContain(account.urn);
      expect(account.dependencies).toContain(dev().one("iam.RolePolicy", "orders-logging").urn);
    });
  });
}
