import { get as httpGet } from "node:http";
import {
  apiResource,
  graph,
  JSON_TYPE,
  method,
  post,
  ROLE_ARN,
  withApi,
  type MethodOptions,
} from "./support/apigateway";
import { resource } from "./support/resource";

/** A method that answers 200 with what the template gives. */
function echo(template: string, options: MethodOptions = {}) {
  return method({
    integration: { type: "MOCK", requestTemplates: { [JSON_TYPE]: '{"statusCode":200}' } },
    responses: { "200": { responseTemplates: { [JSON_TYPE]: template } } },
    httpMethod: "GET",
    ...options,
  });
}

describe("routes", () => {
  it("hands a path variable to the template, decoded", async () => {
    await withApi(graph(echo("$input.params('thingId')", { resourceId: "thing" })), async ({ url }) => {
      expect(await (await fetch(`${url}/things/a%20b%2Fc`)).text()).toBe("a b/c");
    });
  });

  it("prefers a literal segment to a variable, and a variable to {proxy+}", async () => {
    const resources = [
      apiResource("Resource", "new", { parentId: "things", pathPart: "new" }),
      apiResource("Resource", "rest", { parentId: "root", pathPart: "{proxy+}" }),
      ...echo("literal", { resourceId: "new" }),
      ...echo("variable", { resourceId: "thing" }),
      ...echo("greedy $input.params('proxy')", { resourceId: "rest" }),
    ];
    await withApi(graph(resources), async ({ url }) => {
      const texts = ["things/new", "things/old", "things/old/er", "x/y"].map(async (path) =>
        (await fetch(`${url}/${path}`)).text(),
      );
      expect(await Promise.all(texts)).toEqual(["literal", "variable", "greedy things/old/er", "greedy x/y"]);
    });
  });

  it("answers an unknown resource and an unknown method with Missing Authentication Token", async () => {
    await withApi(graph(method()), async ({ url }) => {
      for (const answer of [await fetch(`${url}/nothing`), await fetch(`${url}/things`, { method: "PUT" })]) {
        expect(answer.status).toBe(403);
        expect(answer.headers.get("x-amzn-errortype")).toBe("MissingAuthenticationTokenException");
        expect(await answer.json()).toEqual({ message: "Missing Authentication Token" });
      }
    });
  });

  it("takes ANY for methods that the resource does not name", async () => {
    await withApi(graph(echo("$context.httpMethod", { httpMethod: "ANY" })), async ({ url }) => {
      expect(await (await fetch(`${url}/things`, { method: "DELETE" })).text()).toBe("DELETE");
    });
  });

  it("serves what is below its stages and nothing else", async () => {
    await withApi(graph(method()), async ({ gateway, port }) => {
      expect([
        gateway.serves("/v1/things"),
        gateway.serves("/v1?x=1"),
        gateway.serves("/v10/things"),
      ]).toEqual([true, true, false]);
      const answer = await fetch(`http://127.0.0.1:${port}/v2/things`);
      expect([answer.status, await answer.json()]).toEqual([403, { message: "Forbidden" }]);
    });
  });

  it.each([
    ["a malformed escape in the path", "/things/%zz"],
    ["a malformed escape in the query", "/things?x=%zz"],
    ["a brace in the query", "/things?x={"],
  ])("refuses %s", async (_what, path) => {
    await withApi(graph(echo("reached")), async ({ url, faults }) => {
      expect((await fetch(url + path)).status).toBe(400);
      expect(faults).toEqual([]);
    });
  });

  it("takes a URL of 10,240 characters, and refuses a longer one in plain text", async () => {
    await withApi(graph(echo("reached")), async ({ url }) => {
      const longest = `${url}/things?x=${"y".repeat(10_240 - "/v1/things?x=".length)}`;
      expect((await fetch(longest)).status).toBe(200);
      const refused = await fetch(`${longest}y`);
      expect([refused.status, await refused.text()]).toEqual([414, "Request URI too long"]);
    });
  });

  it("takes header values of 10,240 bytes in all, and refuses more in plain text", async () => {
    await withApi(graph(echo("reached")), async ({ port }) => {
      const answerTo = (filler: string) =>
        new Promise<readonly [number | undefined, string]>((resolve, reject) => {
          const headers = { Host: "a", Connection: "close", Filler: filler };
          httpGet({ port, path: "/v1/things", headers }, (answer) =>
            answer.on("data", (data: Buffer) => resolve([answer.statusCode, data.toString()])),
          ).on("error", reject);
        });
      const filler = "x".repeat(10_240 - "aclose".length);
      expect(await answerTo(filler)).toEqual([200, "reached"]);
      expect(await answerTo(`${filler}x`)).toEqual([431, "HTTP header is larger than 10240 bytes."]);
    });
  });

  it("gives every answer a request id and an extended one", async () => {
    await withApi(graph(echo("$context.requestId $context.extendedRequestId")), async ({ url }) => {
      const answer = await fetch(`${url}/things`);
      const ids = [answer.headers.get("x-amzn-requestid"), answer.headers.get("x-amz-apigw-id")];
      expect(await answer.text()).toBe(ids.join(" "));
    });
  });

  it("lets a client set the request id, but not the extended one", async () => {
    const headers = { "x-amzn-RequestId": "mine", "x-amz-apigw-id": "mine" };
    await withApi(graph(echo("$context.requestId $context.extendedRequestId")), async ({ url }) => {
      expect(await (await fetch(`${url}/things`, { headers })).text()).toMatch(/^mine (?!mine)\S{16}$/);
    });
  });
});

describe("a mock", () => {
  const preflight = method({
    httpMethod: "OPTIONS",
    integration: { type: "MOCK", requestTemplates: { [JSON_TYPE]: '{"statusCode": 204}' } },
    responses: {
      "204": {
        responseParameters: {
          "method.response.header.Access-Control-Allow-Origin": "'https://shop.example'",
          "method.response.header.Vary": "'Origin'",
        },
      },
    },
    headers: ["Access-Control-Allow-Origin", "Vary"],
  });

  it("answers a preflight with the headers of its response", async () => {
    await withApi(graph(preflight), async ({ url }) => {
      const answer = await fetch(`${url}/things`, { method: "OPTIONS" });
      expect(answer.status).toBe(204);
      expect(answer.headers.get("access-control-allow-origin")).toBe("https://shop.example");
      expect(answer.headers.get("vary")).toBe("Origin");
    });
  });

  it("adds no CORS header that the graph does not set up", async () => {
    await withApi(graph(method()), async ({ url }) => {
      const answer = await post(`${url}/things`, "{}", { Origin: "https://shop.example" });
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    });
  });

  it("fails when its template gives no status", async () => {
    const mock = { type: "MOCK", requestTemplates: { [JSON_TYPE]: "{}" } };
    await withApi(graph(echo("", { integration: mock })), async ({ url, faults }) => {
      expect((await fetch(`${url}/things`)).status).toBe(500);
      expect(faults).toHaveLength(1);
    });
  });
});

describe("throttling", () => {
  const settings = (methodPath: string, rate: number, burst: number) =>
    apiResource("MethodSettings", methodPath, {
      stageName: "v1",
      methodPath,
      settings: { throttlingRateLimit: rate, throttlingBurstLimit: burst },
    });

  async function statuses(url: string, count: number): Promise<readonly number[]> {
    const found: number[] = [];
    for (let index = 0; index < count; index += 1) found.push((await fetch(`${url}/things`)).status);
    return found;
  }

  it("admits the burst, then the rate", async () => {
    await withApi([...graph(echo("")), settings("*/*", 0.001, 2)], async ({ url, clock }) => {
      expect(await statuses(url, 3)).toEqual([200, 200, 429]);
      clock.advance(1_000_000);
      expect(await statuses(url, 2)).toEqual([200, 429]);
    });
  });

  it("answers Too Many Requests", async () => {
    await withApi([...graph(echo("")), settings("things/GET", 1, 0)], async ({ url }) => {
      const answer = await fetch(`${url}/things`);
      expect(answer.headers.get("x-amzn-errortype")).toBe("TooManyRequestsException");
      expect(await answer.json()).toEqual({ message: "Too Many Requests" });
    });
  });

  it("puts the settings of a method before those of the stage", async () => {
    const resources = [...graph(echo("")), settings("*/*", 1, 0), settings("~1things/GET", -1, -1)];
    await withApi(resources, async ({ url }) => expect(await statuses(url, 2)).toEqual([200, 200]));
  });
});

describe("access logs", () => {
  const LOG_DELAY_MS = 100;
  const destinationArn = "arn:aws:logs:eu-central-1:123456789012:log-group:access:*";
  const format =
    '{"id":"$context.requestId","status":$context.status,"path":"$context.resourcePath","error":"$context.error.message"}';
  const logged = graph(echo("hello"), { accessLogSettings: { destinationArn, format } });

  it("writes one line for each request, with - for what has no value", async () => {
    await withApi(logged, async (api) => {
      await fetch(`${api.url}/things`, { headers: { "x-amzn-requestid": "r-1" } });
      api.clock.advance(LOG_DELAY_MS);
      const message = '{"id":"r-1","status":200,"path":"/things","error":"-"}';
      expect(api.logged).toEqual([
        { group: "access", message, caller: expect.objectContaining({ type: "service" }) as unknown },
      ]);
    });
  });

  it("writes the lines of one moment together, and the last ones when the gateway stops", async () => {
    let writes = 0;
    await withApi(
      logged,
      async ({ url, clock, gateway, logged }) => {
        for (const id of ["r-1", "r-2", "r-3"]) {
          if (id === "r-3") clock.advance(LOG_DELAY_MS);
          await fetch(`${url}/things`, { headers: { "x-amzn-requestid": id } });
        }
        gateway.stop();
        expect(writes).toBe(2);
        const ids = logged.map(({ message }) => (JSON.parse(message) as { id: string }).id);
        expect(ids).toEqual(["r-1", "r-2", "r-3"]);
      },
      { write: () => void (writes += 1) },
    );
  });

  it("tells what the integration answered, under both its names", async () => {
    const format = "$context.requestId $context.integration.status $context.integrationStatus";
    await withApi(graph(method(), { accessLogSettings: { destinationArn, format } }), async (api) => {
      await post(`${api.url}/things`, "{}", { "x-amzn-requestid": "r-1" });
      api.clock.advance(LOG_DELAY_MS);
      expect(api.logged[0]?.message).toBe("r-1 200 200");
    });
  });

  it("logs refusals, with what the client sent kept inside its JSON string", async () => {
    const format =
      '{"id":"$context.requestId","agent":"$context.identity.userAgent","error":$context.error.messageString}';
    await withApi(graph([], { accessLogSettings: { destinationArn, format } }), async ({ url, ...api }) => {
      await fetch(url, { headers: { "User-Agent": 'a","x":"b' } });
      api.clock.advance(LOG_DELAY_MS);
      expect(JSON.parse(api.logged[0]?.message ?? "")).toMatchObject({
        agent: 'a","x":"b',
        error: "Missing Authentication Token",
      });
    });
  });

  it("writes as the role of the account, when there is one", async () => {
    const account = resource("aws:apigateway/account:Account", "account", { cloudwatchRoleArn: ROLE_ARN });
    await withApi([account, ...logged], async ({ url, ...api }) => {
      await fetch(`${url}/things`);
      api.clock.advance(LOG_DELAY_MS);
      expect(api.logged[0]?.caller).toMatchObject({ type: "role", roleArn: ROLE_ARN });
    });
  });

  it("answers all the same when the log cannot be written", async () => {
    const write = () => {
      throw new Error("no such group");
    };
    await withApi(
      logged,
      async ({ url, clock, faults }) => {
        expect((await fetch(`${url}/things`)).status).toBe(200);
        clock.advance(LOG_DELAY_MS);
        expect(faults).toEqual([new Error("no such group")]);
      },
      { write },
    );
  });
});

describe("stage variables and traces", () => {
  it("gives templates the stage's variables", async () => {
    await withApi(
      graph(echo("$stageVariables.colour"), { variables: { colour: "red" } }),
      async ({ url }) => {
        expect(await (await fetch(`${url}/things`)).text()).toBe("red");
      },
    );
  });

  it("carries a client's trace on to the integration", async () => {
    const trace = "1-5759e988-bd862e3fe1be46a994272793";
    await withApi(graph(method(), { xrayTracingEnabled: true }), async ({ url, calls }) => {
      await post(`${url}/things`, "{}", { "X-Amzn-Trace-Id": `Root=${trace};Sampled=1` });
      expect(calls[0]?.request.headers["x-amzn-trace-id"]).toBe(`Root=${trace};Sampled=1`);
    });
  });
});
