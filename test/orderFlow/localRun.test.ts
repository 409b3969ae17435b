import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { orderAnswer } from "../../contracts/api";
import { anOrder } from "../support/orders";
import { waitFor } from "../support/waitFor";
import { Started, STARTED, type Outputs } from "./startedProcess";

/** What the tests leave on the disk. */
const folder = mkdtempSync(join(tmpdir(), "local-run-test-"));
const started: Started[] = [];

function start(env: Record<string, string> = {}): Started {
  const run = new Started(folder, env);
  started.push(run);
  return run;
}

afterAll(() => {
  for (const run of started) run.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function customer({ apiUrl, local }: Outputs) {
  const answer = await fetch(local["tokenUrl"] ?? "", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ sub: "customer-1", scope: "orders/write orders/read" }),
  });
  const { accessToken } = (await answer.json()) as { accessToken: string };
  const headers = { Authorization: `Bearer ${accessToken}`, "Content-Type": "application/json" };
  return {
    post: (order: object) =>
      fetch(`${apiUrl}/orders`, { method: "POST", headers, body: JSON.stringify(order) }),
    delivered: (orderId: string) =>
      waitFor(async () => {
        const response = await fetch(`${apiUrl}/orders/${orderId}`, { headers });
        const shown = response.status === 200 && orderAnswer.parse(await response.json());
        return shown && shown.status === "PLACED" && shown.delivery.status === "DELIVERED";
      }, STARTED),
  };
}

describe("npm start", () => {
  let run: Started;
  let outputs: Outputs;

  beforeAll(async () => {
    run = start();
    outputs = await run.outputs();
  });

  it("says what to try, takes an order, and shows it in the console", async () => {
    const { post, delivered } = await customer(outputs);
    const order = anOrder({ orderId: randomUUID() });

    expect((await post(order)).status).toBe(202);
    await delivered(order.orderId);

    expect(run.printed).toContain(`curl -i ${outputs.apiUrl}/orders`);
    const consoleUrl = outputs.local["consoleUrl"] ?? "";
    expect(await (await fetch(new URL("/", consoleUrl))).text()).toContain("<title>Order service console");
    expect(await (await fetch(`${consoleUrl}/api/orders`)).text()).toContain(order.orderId);
  });

  it("serves no web page that was lured here: neither under a foreign name nor, for tokens, from any origin", async () => {
    const { apiUrl, local } = outputs;
    const { port } = new URL(apiUrl);
    const status = (path: string, headers: Record<string, string>) =>
      new Promise<number | undefined>((done, failed) => {
        const asked = request({ host: "127.0.0.1", port, path, method: "POST", headers }, (answer) => {
          answer.resume();
          done(answer.statusCode);
        });
        asked.once("error", failed).end("{}");
      });

    for (const path of ["/", "/v1/orders", "/console", new URL(local["tokenUrl"] ?? "").pathname])
      expect(await status(path, { Host: `evil.example:${port}` })).toBe(403);
    expect(await status("/oauth2/token", { Origin: "https://evil.example" })).toBe(403);
  });

  it("lets nobody turn faults on", async () => {
    const { consoleUrl = "", faultsUrl } = outputs.local;
    expect(faultsUrl).toBeUndefined();
    const put = { method: "PUT", body: '{"seed":1,"rules":[]}' };
    expect((await fetch(new URL("/_faults", consoleUrl), put)).status).toBe(405);
  });

  it("says that the port is in use", async () => {
    const { port } = new URL(outputs.apiUrl);
    const another = start({ PORT: port });

    expect(await another.exitCode()).toBe(2);
    expect(another.printed).toContain(`Port ${port} is in use.`);
  });

  it("ends on Ctrl-C without leaving anything", async () => {
    expect(await run.end()).toBe(0);

    expect(existsSync(run.outputsFile)).toBe(false);
    await expect(fetch(outputs.apiUrl)).rejects.toThrow();
  });
});

/** A fault for each way that a call takes: they hurt nobody, and each is counted. */
const EVERYWHERE = [
  { service: "apigateway", operation: "POST /orders" },
  { service: "sqs", operation: "SendMessage", caller: "sns.amazonaws.com" },
  { service: "sqs", operation: "SendMessage" },
  { service: "sqs", operation: "ReceiveMessage" },
  { service: "lambda", operation: "Invoke" },
  { service: "dynamodb", operation: "PutItem" },
  { service: "dynamodb", operation: "GetRecords" },
  { service: "states", operation: "StartExecution" },
  { service: "sns", operation: "Publish" },
].map((selectors) => ({ ...selectors, always: true, fault: "delay", milliseconds: 1 }));

describe("npm start of the prod stack, with a state folder and faults wherever calls go", () => {
  const env = { STACK: "prod", LOCAL_STATE_DIR: join(folder, "state") };
  const accepted = Array.from({ length: 40 }, () => anOrder({ orderId: randomUUID() }));
  let run: Started;
  let outputs: Outputs;
  let again: Started;

  beforeAll(async () => {
    const plan = join(folder, "plan.json");
    writeFileSync(plan, JSON.stringify({ seed: 7, rules: EVERYWHERE }));
    run = start({ ...env, LOCAL_FAULTS: plan });
    outputs = await run.outputs();
  });

  it("takes and delivers an order, and counts the faults", async () => {
    const { post, delivered } = await customer(outputs);
    const order = anOrder({ orderId: randomUUID() });

    expect((await post(order)).status).toBe(202);
    await delivered(order.orderId);

    expect(run.printed).toContain(`FAULTS ARE ON: calls fail on purpose, by ${EVERYWHERE.length} rules`);
    const answer = await fetch(outputs.local["faultsUrl"] ?? "");
    const { counters } = (await answer.json()) as { counters: { injected: number }[] };
    expect(counters.filter(({ injected }) => injected === 0)).toEqual([]);
  });

  it("can be killed by a fault", async () => {
    const { post } = await customer(outputs);
    const answers = await Promise.all(accepted.map((order) => post(order)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));

    const killing = { ...EVERYWHERE[0], milliseconds: undefined, fault: "killProcess" };
    const body = JSON.stringify({ seed: 7, rules: [killing] });
    await fetch(outputs.local["faultsUrl"] ?? "", { method: "PUT", body });

    await expect(post(anOrder({ orderId: randomUUID() }))).rejects.toThrow();
    expect(await run.signal()).toBe("SIGKILL");
  });

  it("has every accepted order stored or queued when it starts again", async () => {
    again = start(env);
    const { ordersTableName, ordersQueueUrl, local } = await again.outputs();
    const aws = {
      region: "eu-west-1",
      endpoint: local["awsEndpointUrl"] ?? "",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
    // What a function was working on comes back to the queue when its visibility timeout has passed.
    const [dynamodb, sqs] = [new DynamoDBClient(aws), new SQSClient(aws)];
    const stored = await dynamodb.send(new ScanCommand({ TableName: ordersTableName, Select: "COUNT" }));
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: ordersQueueUrl, AttributeNames: ["All"] }),
    );
    const queued =
      Number(Attributes["ApproximateNumberOfMessages"]) +
      Number(Attributes["ApproximateNumberOfMessagesNotVisible"]);

    // And the one before them.
    expect((stored.Count ?? 0) + queued).toBeGreaterThanOrEqual(accepted.length + 1);
  });

  it("says that another run has the state folder open", async () => {
    const another = start(env);

    expect(await another.exitCode()).toBe(2);
    expect(another.printed).toMatch(/has the state folder .* open/);
    expect(await again.end()).toBe(0);
  });
});

/** The lines that a start left which could not be, but for the SDK's warnings. */
async function refusalOf(run: Started): Promise<readonly string[]> {
  expect(await run.exitCode()).toBe(2);
  const lines = run.printed.trim().split("\n");
  return lines.filter((line) => !line.includes("SDK"));
}

describe("a start that cannot be", () => {
  const left = join(folder, "outputs.json");
  let ofNoStack: readonly string[];

  beforeAll(async () => {
    const killed = { local: { consoleUrl: "http://127.0.0.1:9/console" } };
    writeFileSync(left, JSON.stringify(killed, undefined, 2));
    ofNoStack = await refusalOf(start({ LOCAL_OUTPUTS_FILE: left, STACK: "staging" }));
  });

  it("says in one line that there is no such stack", () => {
    expect(ofNoStack).toEqual([expect.stringMatching(/"staging".*dev, prod/)]);
  });

  it("leaves nothing of a killed run's outputs where tools would find them", () => {
    expect(existsSync(left)).toBe(false);
  });

  it("says in one line that a port is none", async () => {
    const lines = await refusalOf(start({ PORT: "http" }));
    expect(lines).toEqual([expect.stringContaining("PORT=http is not a port")]);
  });

  it("says in one line that there is no such fault plan", async () => {
    const lines = await refusalOf(start({ LOCAL_FAULTS: "none.json" }));
    expect(lines).toEqual([expect.stringMatching(/LOCAL_FAULTS=none.json.*"on".*ENOENT/)]);
  });

  it("names a state folder that cannot be used", async () => {
    writeFileSync(join(folder, "file"), "");
    const lines = await refusalOf(start({ LOCAL_STATE_DIR: join(folder, "file") }));
    expect(lines).toEqual([
      expect.stringMatching(
        /The state folder .*file cannot be opened .* Choose a folder for LOCAL_STATE_DIR/,
      ),
    ]);
  });
});
