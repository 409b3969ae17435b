import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { lambdaHarness, ORIGIN, ROLE_ARN, type Harness } from "./support/lambda";

let harness: Harness;

beforeEach(async () => {
  harness = await lambdaHarness();
});

afterEach(() => harness.stop());

async function answerOf(event: unknown): Promise<unknown> {
  return JSON.parse((await harness.invoke(event)).payload);
}

describe("the environment of a function", () => {
  it("is what the program gave it and what Lambda defines, and nothing of this machine", async () => {
    process.env["SECRET_OF_THIS_MACHINE"] = "x";
    await harness.hostFunction("exports.handler = async () => process.env;", {
      environment: { variables: { MODE: "fast", NODE_ENV: "production" } },
      loggingConfig: { logFormat: "JSON", applicationLogLevel: "WARN", logGroup: "/app/logs" },
      memorySize: 256,
    });
    const environment = (await answerOf({})) as Record<string, string>;
    delete process.env["SECRET_OF_THIS_MACHINE"];
    const taskRoot = environment["LAMBDA_TASK_ROOT"] ?? "";
    expect(environment).toEqual({
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/) as string,
      AWS_DEFAULT_REGION: "eu-central-1",
      AWS_ENDPOINT_URL: ORIGIN,
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_LAMBDA_FUNCTION_NAME: "work",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_LAMBDA_LOG_FORMAT: "JSON",
      AWS_LAMBDA_LOG_GROUP_NAME: "/app/logs",
      AWS_LAMBDA_LOG_LEVEL: "WARN",
      AWS_LAMBDA_LOG_STREAM_NAME: expect.stringContaining("[$LATEST]") as string,
      AWS_REGION: "eu-central-1",
      AWS_SECRET_ACCESS_KEY: expect.any(String) as string,
      AWS_SESSION_TOKEN: expect.any(String) as string,
      HOME: taskRoot,
      LAMBDA_TASK_ROOT: expect.stringMatching(/work$/) as string,
      LANG: "en_US.UTF-8",
      MODE: "fast",
      NODE_ENV: "production",
      PATH: "/usr/local/bin:/usr/bin:/bin",
      TZ: ":UTC",
      _HANDLER: "index.handler",
      _X_AMZN_TRACE_ID: expect.any(String) as string,
    });
    expect(harness.iam.callerOf(environment["AWS_ACCESS_KEY_ID"])).toEqual({
      type: "role",
      roleArn: ROLE_ARN,
      sessionName: "work",
    });
  });
});

describe("the time of a function", () => {
  it("is the run's, however it asks for it", async () => {
    await harness.hostFunction(
      "exports.handler = async () => [Date.now(), new Date().getTime(), Date.parse(Date()), new Date(0).getTime()];",
    );
    harness.clock.advance(48 * 3_600_000);
    const now = harness.clock.now();
    const [fromNow = 0, fromDate = 0, fromText = 0, epoch] = (await answerOf({})) as number[];
    for (const time of [fromNow, fromDate, fromText]) expect(Math.abs(time - now)).toBeLessThan(60_000);
    expect(epoch).toBe(0);
  });
});

describe("a function stays on the machine", () => {
  it.each([
    ["fetch by name", 'fetch("http://example.com/")', "connections to example.com"],
    ["fetch by address", 'fetch("http://192.0.2.1/")', "connections to 192.0.2.1"],
    ["fetch over TLS", 'fetch("https://example.com/")', "connections to example.com"],
    [
      "a request",
      'once(require("node:http").get("http://example.com/"), "response")',
      "connections to example.com",
    ],
    ["a socket", 'once(require("node:net").connect(80, "192.0.2.1"), "connect")', "connections to 192.0.2.1"],
    [
      "a local socket",
      'once(require("node:net").connect("/run/docker.sock"), "connect")',
      "connections to the socket /run/docker.sock",
    ],
    [
      "HTTP/2",
      'once(require("node:http2").connect("https://example.com"), "connect")',
      "connections to example.com",
    ],
    ["a look-up", 'require("node:dns").promises.lookup("example.com")', "look-ups of example.com"],
    ["a query", 'require("node:dns").promises.resolve4("localhost")', "name look-ups"],
    ["a datagram", 'require("node:dgram").createSocket("udp4")', "datagrams"],
    ["a command", 'require("node:child_process").execSync("true")', "child processes"],
    ["a thread", 'new (require("node:worker_threads").Worker)("1", { eval: true })', "worker threads"],
    ["a signal", "process.kill(process.pid)", "signals"],
  ])("when it tries %s", async (_what, expression, refused) => {
    await harness.hostFunction(`
      const { once } = require("node:events");
      exports.handler = async () => {
        try { await ${expression}; return "left"; }
        catch (error) { return (error.cause ?? error).message; }
      };`);
    expect(await answerOf({})).toBe(`The local run keeps functions on this machine: it refuses ${refused}.`);
  });

  it.each(["127.0.0.1", "localhost"])("and reaches servers on %s", async (hostName) => {
    const server = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    const { port, address } = server.address() as AddressInfo;
    await harness.hostFunction("exports.handler = async (url) => (await fetch(url)).text();");
    const reachable = address === "::1" ? "[::1]" : hostName;
    expect(await answerOf(`http://${reachable}:${port}/`)).toBe("hello");
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});
