import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AwsApi } from "../../local/aws/api";
import { AwsError } from "../../local/aws/error";
import { waitFor } from "../support/waitFor";
import {
  counts,
  lambdaHarness,
  ORIGIN,
  ROLE_ARN,
  send,
  type Harness,
  type HarnessOptions,
} from "./support/lambda";

let harness: Harness;

afterEach(() => harness.stop());

const QUEUE_URL = `${ORIGIN}/123456789012/jobs`;
const SDK = JSON.stringify(require.resolve("@aws-sdk/client-sqs"));
/** A function that uses the SDK as on AWS: region, endpoint and credentials come from its environment. */
const WITH_SDK = `
  const { SQSClient, ListQueuesCommand, ReceiveMessageCommand, SendMessageCommand } = require(${SDK});
  const QueueUrl = "${QUEUE_URL}";
  const nameOf = (error) => error.name;`;

async function start(body: string, options: HarnessOptions = {}, inputs: object = {}): Promise<void> {
  harness = await lambdaHarness(options);
  await harness.hostQueue("jobs");
  await harness.hostFunction(`${WITH_SDK}\n${body}`, { timeout: 30, memorySize: 256, ...inputs });
}

async function answerOf(event: unknown = {}): Promise<unknown> {
  return JSON.parse((await harness.invoke(event)).payload);
}

/** A service whose answers the test decides on, and the signals that it was given. */
function service(call: AwsApi["call"] = () => new Promise(() => undefined)) {
  const signals: (AbortSignal | undefined)[] = [];
  const sqs: AwsApi = {
    call: (action, input, caller, signal) => {
      signals.push(signal);
      return call(action, input, caller, signal);
    },
  };
  return { apis: { sqs }, signals };
}

describe("a function that calls AWS with the SDK", () => {
  it("is answered", async () => {
    await start(`exports.handler = async () => {
      const { Messages } = await new SQSClient().send(new ReceiveMessageCommand({ QueueUrl }));
      return Messages[0].Body;
    };`);
    await send(harness.sqs, "jobs", "Grüße ✓ 🎁");
    expect(await answerOf()).toBe("Grüße ✓ 🎁");
  });

  it("sends what it means to, many calls at once", async () => {
    await start(`const client = new SQSClient();
    exports.handler = async () => {
      const bodies = Array.from({ length: 100 }, (_, index) => "ü".repeat(index * 500) + index);
      const sent = await Promise.all(bodies.map((MessageBody) => client.send(new SendMessageCommand({ QueueUrl, MessageBody }))));
      return sent.length;
    };`);
    // The client checks the digest of each body that the queue answers.
    expect(await answerOf()).toBe(100);
    expect(await counts(harness.sqs, "jobs")).toEqual({ visible: 100, inFlight: 0 });
  });

  it("acts as its role", async () => {
    const callers: unknown[] = [];
    const { apis } = service((_action, _input, caller) => {
      callers.push(caller);
      return Promise.resolve({});
    });
    await start(
      "exports.handler = async () => { await new SQSClient().send(new ReceiveMessageCommand({ QueueUrl })); };",
      { apis },
    );
    await answerOf();
    expect(callers).toEqual([{ type: "role", roleArn: ROLE_ARN, sessionName: "work" }]);
  });

  it("gets a service's error as the SDK's", async () => {
    await start(
      `exports.handler = () => new SQSClient().send(new ReceiveMessageCommand({ QueueUrl })).catch(
        (error) => [error.name, error.$metadata.httpStatusCode, error.constructor.name]);`,
      { statements: [{ Effect: "Allow", Action: "sqs:SendMessage", Resource: "*" }] },
    );
    expect(await answerOf()).toEqual(["AccessDenied", 403, "SQSServiceException"]);
  });

  it("tries again after a fault of the service", async () => {
    let calls = 0;
    const { apis } = service(() =>
      ++calls === 1
        ? Promise.reject(new AwsError("ServiceUnavailable", "Try later.", 503))
        : Promise.resolve({ Messages: [] }),
    );
    await start(
      `exports.handler = async () =>
        (await new SQSClient().send(new ReceiveMessageCommand({ QueueUrl }))).$metadata.attempts;`,
      { apis },
    );
    expect(await answerOf()).toBe(2);
  });

  it.each([
    [
      "its request timeout",
      "TimeoutError",
      `new SQSClient({ maxAttempts: 1, requestHandler: { requestTimeout: 50, throwOnRequestTimeout: true } })
        .send(new ReceiveMessageCommand({ QueueUrl }))`,
    ],
    [
      "its socket timeout",
      "TimeoutError",
      `new SQSClient({ maxAttempts: 1, requestHandler: { socketTimeout: 50 } })
        .send(new ReceiveMessageCommand({ QueueUrl }))`,
    ],
    [
      "its abort signal",
      "AbortError",
      `new SQSClient().send(new ReceiveMessageCommand({ QueueUrl }), { abortSignal: AbortSignal.timeout(50) })`,
    ],
  ])("leaves a call that does not come back by %s", async (_by, name, call) => {
    const { apis, signals } = service();
    await start(`exports.handler = () => ${call}.catch(nameOf);`, { apis });
    expect(await answerOf()).toBe(name);
    await waitFor(() => signals.length === 1 && signals[0]?.aborted);
  });

  it("leaves its calls when it times out itself", async () => {
    const { apis, signals } = service();
    await start("exports.handler = () => new SQSClient().send(new ReceiveMessageCommand({ QueueUrl }));", {
      apis,
    });
    const result = harness.invoke({});
    await waitFor(() => signals.length === 1);
    harness.clock.advance(31_000);
    expect((await result).functionError).toBe("Unhandled");
    await waitFor(() => signals[0]?.aborted);
  });

  it("never gets the answer of a call that it left", async () => {
    const pending: ((answer: object) => void)[] = [];
    const { apis } = service(() => new Promise((resolve) => pending.push(resolve as () => void)));
    await start(
      `const client = new SQSClient({ maxAttempts: 1, requestHandler: { requestTimeout: 50, throwOnRequestTimeout: true } });
      exports.handler = () => client.send(new ListQueuesCommand()).then(({ QueueUrls }) => QueueUrls, nameOf);`,
      { apis },
    );
    expect(await answerOf()).toBe("TimeoutError");
    const second = answerOf();
    await waitFor(() => pending.length === 2);
    pending[0]?.({ QueueUrls: ["first"] });
    pending[1]?.({ QueueUrls: ["second"] });
    expect(await second).toEqual(["second"]);
  });
});

describe("a function's other requests", () => {
  /** A server where the functions take the endpoint to be, and what it was asked. */
  async function endpointOverTcp(body: string): Promise<{ answer: unknown; requests: string[] }> {
    const requests: string[] = [];
    const server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      response.end("by TCP");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await start(body, { origin });
    const answer = await answerOf(origin);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    return { answer, requests };
  }

  const POST = `
    const http = require("node:http");
    const { text } = require("node:stream/consumers");
    const post = (url, options, pieces) => new Promise((resolve, reject) => {
      const { hostname: host, port } = new URL(url);
      const request = http.request({ host, port, method: "POST", path: "/", ...options }, async (response) =>
        resolve([response.statusCode, response.headers["content-type"], await text(response)]));
      request.on("error", reject);
      for (const piece of pieces) request.write(piece);
      request.end();
    });`;

  it.each([
    ["fetch", "fetch(url, { method: 'POST' }).then((response) => response.text())"],
    ["another client", "post(url, {}, []).then(([, , body]) => body)"],
    [
      "a call that expects to continue",
      "post(url, { headers: { 'amz-sdk-invocation-id': '1', Expect: '100-continue' } }, []).then(([, , body]) => body)",
    ],
  ])("go to the endpoint over a connection: %s", async (_what, expression) => {
    const { answer, requests } = await endpointOverTcp(`${POST} exports.handler = (url) => ${expression};`);
    expect(answer).toBe("by TCP");
    expect(requests).toEqual(["POST /"]);
  });

  it("of the SDK go without one, in as many pieces as they are written", async () => {
    const { answer, requests } = await endpointOverTcp(`${POST}
      const headers = {
        Authorization: "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20250101/eu-central-1/sqs/aws4_request",
        "X-Amz-Target": "AmazonSQS.ListQueues",
        "amz-sdk-invocation-id": "1",
      };
      exports.handler = (url) => post(url, { headers }, ['{"QueueName', 'Prefix":"j"}']);`);
    expect(answer).toEqual([200, "application/x-amz-json-1.0", JSON.stringify({ QueueUrls: [QUEUE_URL] })]);
    expect(requests).toEqual([]);
  });
});
