import { AwsError } from "../../local/aws/error";
import type { AwsHttpResponse } from "../../local/aws/http";
import {
  apiResource,
  graph,
  JSON_TYPE,
  method,
  post,
  REGION,
  ROLE_ARN,
  SENT,
  SQS_INTEGRATION,
  withApi,
  type MethodOptions,
} from "./support/apigateway";

const uri = (rest: string) => `arn:aws:apigateway:${REGION}:${rest}`;

/** A method whose template is given. */
function calling(rest: string, template: string, options: MethodOptions = {}) {
  const integration = {
    ...SQS_INTEGRATION,
    uri: uri(rest),
    requestParameters: {},
    requestTemplates: { [JSON_TYPE]: template },
  };
  return method({ integration, ...options });
}

const fails =
  (status: number, body = '{"Error":{"Code":"X"}}') =>
  () => ({ ...SENT, status, body });

describe("the request to the service", () => {
  it("goes to the path of the URI with the mapped headers, as the role", async () => {
    await withApi(graph(method()), async ({ url, calls }) => {
      await post(`${url}/things`, '{"text":"&Action=DeleteQueue"}');
      expect(calls).toEqual([
        {
          request: {
            path: "/123456789012/things",
            headers: { accept: JSON_TYPE, "content-type": "application/x-www-form-urlencoded" },
            body: "Action=SendMessage&MessageBody=%7B%22text%22%3A%22%26Action%3DDeleteQueue%22%7D",
          },
          caller: { type: "role", roleArn: ROLE_ARN, sessionName: "BackplaneAssumeRoleSession" },
        },
      ]);
    });
  });

  it("names a JSON service's action in X-Amz-Target", async () => {
    await withApi(graph(calling("dynamodb:action/GetItem", "$input.body")), async ({ url, calls }) => {
      await post(`${url}/things`, "{}");
      expect(calls[0]?.request.headers["x-amz-target"]).toBe("DynamoDB_20120810.GetItem");
      expect(calls[0]?.request.body).toBe("{}");
    });
  });

  it("names a Query service's action in the form, before the template's parameters", async () => {
    const resources = calling("sns:action/Publish", "Message=a", {
      integration: {
        ...SQS_INTEGRATION,
        uri: uri("sns:action/Publish"),
        requestParameters: {
          ...SQS_INTEGRATION.requestParameters,
          "integration.request.querystring.TopicArn": "'arn:t'",
        },
        requestTemplates: { [JSON_TYPE]: "Message=a" },
      },
    });
    await withApi(graph(resources), async ({ url, calls }) => {
      await post(`${url}/things`, "{}");
      expect(calls[0]?.request.body).toBe("Action=Publish&Version=2010-03-31&TopicArn=arn%3At&Message=a");
    });
  });

  it("carries mapped parameters, and overrides of them", async () => {
    const resources = method({
      method: { requestParameters: { "method.request.header.X-Shop": false } },
      integration: {
        ...SQS_INTEGRATION,
        requestParameters: {
          "integration.request.header.a": "method.request.header.X-Shop",
          "integration.request.header.b": "context.httpMethod",
          "integration.request.header.c": "method.request.body.shop",
          "integration.request.header.d": "'static'",
        },
        requestTemplates: { [JSON_TYPE]: "#set($context.requestOverride.header.d = 'overridden')" },
      },
    });
    await withApi(graph(resources), async ({ url, calls }) => {
      await post(`${url}/things`, '{"shop":"de"}', { "x-shop": "uk" });
      expect(calls[0]?.request.headers).toMatchObject({ a: "uk", b: "POST", c: "de", d: "overridden" });
    });
  });

  it("is not made when the role does not trust the gateway", async () => {
    const assumeRole = () => {
      throw new AwsError("AccessDenied", "no trust", 403);
    };
    await withApi(
      graph(method()),
      async ({ url, calls, faults }) => {
        const answer = await post(`${url}/things`, "{}");
        expect([answer.status, await answer.json(), calls.length]).toEqual([
          500,
          { message: "Internal server error" },
          0,
        ]);
        expect(String(faults[0])).toContain("no trust");
      },
      { assumeRole },
    );
  });
});

describe("passthrough of a content type without a template", () => {
  const withBehavior = (passthroughBehavior: string, requestTemplates: Readonly<Record<string, string>>) =>
    graph(method({ integration: { ...SQS_INTEGRATION, passthroughBehavior, requestTemplates } }));

  it.each([
    ["NEVER", { [JSON_TYPE]: "t" }, 415],
    ["NEVER", {}, 415],
    ["WHEN_NO_TEMPLATES", { [JSON_TYPE]: "t" }, 415],
    ["WHEN_NO_TEMPLATES", {}, 202],
    ["WHEN_NO_MATCH", { [JSON_TYPE]: "t" }, 202],
  ])("%s with the templates %j gives %i", async (behavior, templates, status) => {
    await withApi(withBehavior(behavior, templates), async ({ url, calls }) => {
      const answer = await post(`${url}/things`, "as it is", { "Content-Type": "text/plain" });
      expect(answer.status).toBe(status);
      expect(calls.map(({ request }) => request.body)).toEqual(status === 202 ? ["as it is"] : []);
    });
  });

  it("uses the template for JSON when the client names no content type", async () => {
    await withApi(withBehavior("NEVER", { [JSON_TYPE]: "from the template" }), async ({ url, calls }) => {
      await fetch(`${url}/things`, { method: "POST", body: Buffer.from("x") });
      expect(calls[0]?.request.body).toBe("from the template");
    });
  });

  it("answers 400 when the template needs JSON and gets none", async () => {
    await withApi(graph(calling("sqs:path/1/things", "$input.json('$')")), async ({ url, calls }) => {
      const answer = await post(`${url}/things`, "hello");
      expect([answer.status, calls.length]).toEqual([400, 0]);
    });
  });
});

describe("the answer", () => {
  const responses = {
    "202": {
      selectionPattern: "2\\d{2}",
      responseTemplates: {
        [JSON_TYPE]: '{"id":$input.json("$.SendMessageResponse.SendMessageResult.MessageId")}',
      },
      responseParameters: {
        "method.response.header.X-Service-Id": "integration.response.header.x-amzn-RequestId",
        "method.response.header.X-Message":
          "integration.response.body.SendMessageResponse.SendMessageResult.MessageId",
      },
    },
    "400": { selectionPattern: "4\\d{2}", responseTemplates: { [JSON_TYPE]: '{"message":"refused"}' } },
    "500": { responseTemplates: { [JSON_TYPE]: '{"message":"broken"}' } },
  };
  const resources = graph(method({ responses, headers: ["X-Service-Id", "X-Message"] }));

  it("is made of the service's answer by the response whose pattern matches its status", async () => {
    await withApi(resources, async ({ url }) => {
      const answer = await post(`${url}/things`, "{}");
      expect([answer.status, await answer.json()]).toEqual([202, { id: "m-1" }]);
      expect(answer.headers.get("x-service-id")).toBe("sqs-1");
      expect(answer.headers.get("x-message")).toBe("m-1");
    });
  });

  it.each([
    [403, 400],
    [500, 500],
    [503, 500],
    [302, 500],
  ])("for a status %i of the service is %i", async (status, expected) => {
    await withApi(
      resources,
      async ({ url }) => expect((await post(`${url}/things`, "{}")).status).toBe(expected),
      {
        answer: fails(status),
      },
    );
  });

  it("is 500 when no response is meant for the service's status", async () => {
    const only = { "202": { selectionPattern: "2\\d{2}" } };
    await withApi(
      graph(method({ responses: only })),
      async ({ url }) => {
        const answer = await post(`${url}/things`, "{}");
        expect([answer.status, await answer.json()]).toEqual([500, { message: "Internal server error" }]);
      },
      { answer: fails(400) },
    );
  });

  it("matches a pattern against the whole status", async () => {
    const partial = { "202": { selectionPattern: "2" }, "500": {} };
    await withApi(graph(method({ responses: partial })), async ({ url }) => {
      expect((await post(`${url}/things`, "{}")).status).toBe(500);
    });
  });

  it("passes the service's body on without a template", async () => {
    await withApi(graph(method({ responses: { "200": {} } })), async ({ url }) => {
      expect(await (await post(`${url}/things`, "{}")).text()).toBe(SENT.body);
    });
  });

  it("takes the template for Accept, otherwise the first", async () => {
    const templates = { "text/plain": "text", "application/xml": "xml" };
    await withApi(
      graph(method({ responses: { "200": { responseTemplates: templates } } })),
      async ({ url }) => {
        const answer = await post(`${url}/things`, "{}", { Accept: "application/xml" });
        expect([answer.headers.get("content-type"), await answer.text()]).toEqual(["application/xml", "xml"]);
        expect(await (await post(`${url}/things`, "{}", { Accept: "image/png" })).text()).toBe("text");
      },
    );
  });

  it("can have its status and headers overridden by the template", async () => {
    const template =
      "#set($context.responseOverride.status = 404)#set($context.responseOverride.header.x-a = 'b')none";
    await withApi(
      graph(method({ responses: { "200": { responseTemplates: { [JSON_TYPE]: template } } } })),
      async ({ url }) => {
        const answer = await post(`${url}/things`, "{}");
        expect([answer.status, answer.headers.get("x-a"), await answer.text()]).toEqual([404, "b", "none"]);
      },
    );
  });

  it.each([
    [
      "overrides the status twice",
      "#set($context.responseOverride.status = 404)#set($context.responseOverride.status = 400)",
    ],
    ["overrides the status with a word", "#set($context.responseOverride.status = 'none')"],
    ["overrides a header with a newline", "#set($context.responseOverride.header.x = $input.body)"],
    ["reads JSON where there is none", "$input.json('$')"],
  ])("is 500 when its template %s", async (_what, template) => {
    await withApi(
      graph(method({ responses: { "200": { responseTemplates: { [JSON_TYPE]: template } } } })),
      async ({ url, faults }) => {
        expect((await post(`${url}/things`, "{}")).status).toBe(500);
        expect(faults).toHaveLength(1);
      },
      { answer: fails(200, "no\r\nJSON") },
    );
  });

  it("keeps a template from the headers that frame the answer", async () => {
    const template = "#set($context.responseOverride.header.content-length = '1')hello";
    await withApi(
      graph(method({ responses: { "200": { responseTemplates: { [JSON_TYPE]: template } } } })),
      async ({ url }) => {
        const answer = await post(`${url}/things`, "{}");
        expect(answer.headers.get("x-amzn-remapped-content-length")).toBe("1");
        expect(await answer.text()).toBe("hello");
      },
    );
  });

  it("has one content type when a mapping sets it in other letters", async () => {
    const responses = {
      "200": { responseParameters: { "method.response.header.content-TYPE": "'text/csv'" } },
    };
    await withApi(graph(method({ responses, headers: ["content-TYPE"] })), async ({ url }) => {
      expect((await post(`${url}/things`, "{}")).headers.get("content-type")).toBe("text/csv");
    });
  });

  it("is 504 when the service takes longer than the integration's timeout", async () => {
    let aborted = false;
    const never = (_request: unknown, signal?: AbortSignal) =>
      new Promise<AwsHttpResponse>(() => signal?.addEventListener("abort", () => (aborted = true)));
    await withApi(
      graph(method()),
      async ({ url, clock, calls }) => {
        const pending = post(`${url}/things`, "{}");
        while (calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
        clock.advance(29_000);
        const answer = await pending;
        expect([answer.status, await answer.json()]).toEqual([
          504,
          { message: "Endpoint request timed out" },
        ]);
        expect(aborted).toBe(true);
      },
      { answer: never },
    );
  });

  it("is 500 without a word on the cause when the run itself fails", async () => {
    const broken = () => Promise.reject(new Error("secret"));
    await withApi(
      graph(method()),
      async ({ url, faults }) => {
        const answer = await post(`${url}/things`, "{}");
        expect([answer.status, await answer.json()]).toEqual([500, { message: "Internal server error" }]);
        expect(faults).toEqual([new Error("secret")]);
      },
      { answer: broken },
    );
  });
});

describe("gateway responses", () => {
  const custom = (responseType: string, inputs: Readonly<Record<string, unknown>>) =>
    apiResource("Response", responseType, { responseType, ...inputs });
  const cors = { "gatewayresponse.header.Access-Control-Allow-Origin": "'*'" };

  it("of all 4XX add their headers to every refusal and keep its status and message", async () => {
    await withApi(graph([custom("DEFAULT_4XX", { responseParameters: cors })]), async ({ url }) => {
      const answer = await fetch(`${url}/nothing`);
      expect([answer.status, await answer.json()]).toEqual([
        403,
        { message: "Missing Authentication Token" },
      ]);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    });
  });

  it("of a type go before those of all 4XX", async () => {
    const resources = [
      custom("DEFAULT_4XX", { statusCode: "418" }),
      custom("MISSING_AUTHENTICATION_TOKEN", {
        statusCode: "404",
        responseParameters: { "gatewayresponse.header.x-path": "context.path" },
        responseTemplates: {
          [JSON_TYPE]:
            '{"type":"$context.error.responseType","colour":"$stageVariables.colour","vtl":"#if(true)"}',
        },
      }),
    ];
    await withApi(graph(resources, { variables: { colour: "red" } }), async ({ url }) => {
      const answer = await fetch(`${url}/nothing?x=1`);
      expect(answer.status).toBe(404);
      expect(answer.headers.get("x-path")).toBe("/v1/nothing");
      expect(await answer.json()).toEqual({
        type: "MISSING_AUTHENTICATION_TOKEN",
        colour: "red",
        vtl: "#if(true)",
      });
    });
  });

  it("of all 5XX serve failures", async () => {
    const template = '{"message":$context.error.messageString,"requestId":"$context.requestId"}';
    const resources = [custom("DEFAULT_5XX", { responseTemplates: { [JSON_TYPE]: template } }), ...method()];
    await withApi(
      graph(resources),
      async ({ url }) => {
        const answer = await post(`${url}/things`, "{}");
        const requestId = answer.headers.get("x-amzn-requestid");
        expect([answer.status, await answer.json()]).toEqual([
          500,
          { message: "Internal server error", requestId },
        ]);
      },
      { answer: () => Promise.reject(new Error("broken")) },
    );
  });
});
