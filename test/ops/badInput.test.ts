import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { opsCommand } from "../../ops/opsCommand";
import { fakePulumiCli } from "../tools/fakeOrderService";
import { runTool, type ToolResult } from "../tools/runTool";

const ROOT = resolve(__dirname, "../..");
const QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders";
const OUTPUTS = {
  ordersTableName: "orders",
  ordersQueueUrl: QUEUE,
  stateMachineArn: "arn:aws:states:eu-west-1:123456789012:stateMachine:deliver-orders",
  workflowLogGroup: "/aws/vendedlogs/states/deliver-orders",
  downstreamQueueUrls: {},
  deadLetterQueueUrls: { orders: `${QUEUE}-dead-letters` },
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ops-bad-input-"));
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Runs a command where only stack dev is deployed. */
async function ops(command: string, outputs: object = OUTPUTS): Promise<ToolResult> {
  const PATH = await fakePulumiCli(folder, "dev", outputs);
  return runTool(opsCommand, command.split(" "), { projectRoot: folder, env: { PATH } });
}

async function expectOneLine(running: Promise<ToolResult>, exitCode: number, message: RegExp): Promise<void> {
  const result = await running;
  expect(result).toEqual({ exitCode, stdout: "", stderr: expect.stringMatching(message) as string });
  expect(result.stderr.trimEnd().split("\n")).toHaveLength(1);
}

describe("a command that is not understood ends with 2", () => {
  it.each([
    ["an order's id that is no UUID", "history 42", /An order's id is a UUID/],
    ["an id that is missing", "history", /missing required argument 'order-id'/],
    ["an unknown command", "abcdef", /unknown command 'abcdef'/],
    ["an unknown option", "orders --all", /unknown option '--all'/],
    ["a span of time without a unit", "orders --since 10", /It must be a time span, such as 90s/],
    ["a limit that is no number", "orders --limit many", /It must be a whole number from 1/],
    ["a rate above what SQS moves", "redrive orders --rate 501", /It must be a whole number from 1 to 500/],
    [
      "a redrive of nothing in particular",
      "redrive --stack dev",
      /Say what to redrive: a queue, --order or --reason/,
    ],
    [
      "a queue that does not exist",
      "redrive nix --stack dev",
      /no dead-letter or failure queue "nix"\. There are: orders/,
    ],
    ["the failures of such a queue", "failures nix --stack dev", /There are: orders/],
  ])("%s", (_what, command, message) => expectOneLine(ops(command), 2, message));
});

describe("a stack that cannot be reached ends with 3", () => {
  it("no local run", () =>
    expectOneLine(ops("status"), 3, /There is no local run .* Start it with: npm start/));

  it("a local run that was killed", async () => {
    const file = join(folder, "outputs.json");
    writeFileSync(file, JSON.stringify({ ...OUTPUTS, local: { awsEndpointUrl: "http://127.0.0.1:9" } }));
    // A process of its own: in Jest's the SDK does not know Node's errors for errors.
    const argv = [join(ROOT, "scripts/run.mjs"), "ops/main.ts", "history", randomUUID()];
    const env = { ...process.env, LOCAL_OUTPUTS_FILE: file };
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
      cwd: ROOT,
      env,
      encoding: "utf8",
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 3,
      stdout: "",
      stderr:
        "error: There is no local run: http://127.0.0.1:9 does not answer (ECONNREFUSED). Start it with: npm start\n",
    });
  });

  it("a stack that Pulumi does not know", () =>
    expectOneLine(ops("status --stack staging"), 3, /no stack named 'staging' found/));

  it("a stack that is not deployed", () =>
    expectOneLine(ops("status --stack dev", {}), 3, /Deploy it with: pulumi up --stack dev/));

  it("no Pulumi CLI", () =>
    expectOneLine(
      runTool(opsCommand, ["status", "--stack", "dev"], { projectRoot: folder, env: { PATH: folder } }),
      3,
      /pulumi is not installed/,
    ));

  it.each([
    ["no credentials", "CredentialsProviderError", /AWS does not take the credentials .* aws sso login/],
    ["expired ones", "ExpiredTokenException", /AWS does not take the credentials/],
    ["unknown ones", "UnrecognizedClientException", /AWS does not take the credentials/],
    ["ones that do not permit it", "AccessDeniedException", /docs\/operations\.md has the policy/],
    ["a table that is gone", "ResourceNotFoundException", /Something of stack dev is not there .* pulumi up/],
    ["an answer that does not come", "TimeoutError", /AWS does not answer in eu-west-1/],
  ])("%s", async (_what, name, message) => {
    const refusal = Object.assign(new Error("It was refused."), { name });
    jest.spyOn(DynamoDBClient.prototype, "send").mockImplementation(() => {
      throw refusal;
    });
    await expectOneLine(ops("orders --stack dev --undelivered"), 3, message);
  });
});
