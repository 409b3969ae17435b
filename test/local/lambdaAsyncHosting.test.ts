import type { Caller } from "../../local/aws/caller";
import { waitFor } from "../support/waitFor";
import { counts, FUNCTION_ARN, lambdaHarness, queueArn, ROLE_ARN, type Harness } from "./support/lambda";
import { receiveOne } from "./support/mapping";
import { totals } from "./support/metrics";
import { host, resource } from "./support/resource";

let harness: Harness;

beforeEach(async () => {
  harness = await lambdaHarness();
});

afterEach(() => harness.stop());

const SCHEDULER: Caller = { type: "role", roleArn: ROLE_ARN, sessionName: "scheduler" };
const TO_FAILURES = { onFailure: { destination: queueArn("failures") } };

const configure = (inputs: Readonly<Record<string, unknown>>, on = harness) =>
  host(
    on.lambda,
    resource("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "events", {
      functionName: "work",
      ...inputs,
    }),
  );

const invokeAsync = (event: unknown, caller?: Caller) =>
  harness.lambda.invokeAsync(FUNCTION_ARN, JSON.stringify(event), caller ? { caller } : {});

describe("invoking a function asynchronously", () => {
  it("is for a role that is allowed it", async () => {
    await harness.hostFunction("exports.handler = async () => 1;");
    await expect(invokeAsync({}, SCHEDULER)).rejects.toMatchObject({ code: "AccessDeniedException" });
    const Statement = { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: FUNCTION_ARN };
    const policy = { Version: "2012-10-17", Statement };
    await host(
      harness.iam,
      resource("aws:iam/rolePolicy:RolePolicy", "invoking", { role: "worker", policy }),
    );
    expect(await invokeAsync({}, SCHEDULER)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("needs a function that is there", async () => {
    await expect(invokeAsync({})).rejects.toMatchObject({ code: "ResourceNotFoundException" });
  });

  it("runs one event after the other with a reserved concurrency of 1", async () => {
    await harness.hostQueue("failures");
    await harness.hostFunction(
      `let running = 0;
      exports.handler = async () => {
        if (++running > 1) throw new Error("side by side");
        await new Promise((end) => setTimeout(end, 30));
        running--;
      };`,
      { reservedConcurrentExecutions: 1 },
    );
    await configure({ maximumRetryAttempts: 0, destinationConfig: TO_FAILURES });
    for (let number = 1; number <= 3; number++) await invokeAsync({ number });
    await waitFor(() => {
      harness.clock.advance(100);
      return totals(harness.metrics, "AWS/Lambda")["Invocations"] === 3;
    });
    expect(totals(harness.metrics, "AWS/Lambda")).toMatchObject({ Errors: 0, AsyncEventsDropped: 0 });
    expect(totals(harness.metrics, "AWS/Lambda")["Throttles"]).toBeGreaterThan(0);
    expect(await counts(harness.sqs, "failures")).toEqual({ visible: 0, inFlight: 0 });
  });

  it("tells the failure queue of an error, under the id that the function saw", async () => {
    await harness.hostQueue("failures");
    await harness.hostFunction(
      "exports.handler = async (_event, { awsRequestId }) => { throw new Error(awsRequestId); };",
    );
    await configure({ qualifier: "$LATEST", maximumRetryAttempts: 0, destinationConfig: TO_FAILURES });
    const requestId = await invokeAsync({ number: 1 });
    const message = await waitFor(() => receiveOne(harness.sqs, "failures"));
    expect(JSON.parse(message.Body)).toMatchObject({
      requestContext: { requestId, condition: "RetriesExhausted" },
      requestPayload: { number: 1 },
      responsePayload: { errorType: "Error", errorMessage: requestId },
    });
  });
});

describe("hosting the configuration of asynchronous invocations", () => {
  it.each([
    ["a destination for successes", { destinationConfig: { onSuccess: { destination: "x" } } }, "onSuccess"],
    ["a version", { qualifier: "7" }, "versions and aliases are not hosted"],
    [
      "a topic as destination",
      { destinationConfig: { onFailure: { destination: "arn:aws:sns:x:1:t" } } },
      "SQS",
    ],
    ["more retries than Lambda's", { maximumRetryAttempts: 3 }, "maximumRetryAttempts"],
    ["a shorter age than Lambda's", { maximumEventAgeInSeconds: 59 }, "maximumEventAgeInSeconds"],
  ])("refuses %s by name", async (_what, inputs, problem) => {
    await harness.hostFunction("exports.handler = async () => 1;");
    await expect(async () => configure(inputs)).rejects.toThrow(
      new RegExp(`FunctionEventInvokeConfig "events".*${problem}`, "s"),
    );
  });

  it("refuses a failure queue that the function's role may not send to", async () => {
    const powerless = await lambdaHarness({ statements: [] });
    await powerless.hostFunction("exports.handler = async () => 1;");
    await expect(async () => configure({ destinationConfig: TO_FAILURES }, powerless)).rejects.toThrow(
      `The function's execution role does not have permissions to call SendMessage on ${queueArn("failures")}`,
    );
    await powerless.stop();
  });

  it("refuses a function that is not there", async () => {
    await expect(async () => configure({})).rejects.toThrow('"events": Function not found: work');
  });
});

describe("starting", () => {
  const started = () => {
    harness.clock.advance(100);
    return harness.written.some(({ message }) => message.startsWith("INIT_START"));
  };

  it("starts no worker for a function without event source mapping", async () => {
    await harness.hostFunction("exports.handler = async () => 1;");
    await harness.lambda.start();
    expect(started()).toBe(false);
  });

  it("starts a worker for a function with one, before there is an event", async () => {
    await harness.hostQueue("source");
    await harness.hostFunction("exports.handler = async () => 1;");
    await harness.hostMapping({ eventSourceArn: queueArn("source") });
    await harness.lambda.start();
    expect(started()).toBe(true);
  });

  it("goes on when a function cannot be loaded: its first invocation says so", async () => {
    await harness.hostQueue("source");
    await harness.hostFunction("throw new Error('broken');");
    await harness.hostMapping({ eventSourceArn: queueArn("source") });
    await harness.lambda.start();
    expect((await harness.invoke({})).payload).toContain("broken");
  });
});
