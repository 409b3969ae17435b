import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { consoleCommand } from "../../console/consoleCommand";
import type { Problem } from "../../console/api";
import { fakePulumiCli } from "../tools/fakeOrderService";
import { runTool } from "../tools/runTool";

let folder: string;
let aws: Server;

/** An AWS whose credentials have expired. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "console-test-"));
  aws = createServer((_request, response) => {
    const error = {
      __type: "ExpiredTokenException",
      message: "The security token included in the request is expired",
    };
    response.writeHead(400, { "Content-Type": "application/x-amz-json-1.0" }).end(JSON.stringify(error));
  });
  aws.listen(0, "127.0.0.1");
  await once(aws, "listening");
});

afterEach(() => {
  aws.close();
  aws.closeAllConnections();
  rmSync(folder, { recursive: true });
});

function outputs() {
  const endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
  return {
    ordersTableName: "orders",
    ordersQueueUrl: `${endpoint}/123456789012/orders`,
    stateMachineArn: "arn:aws:states:eu-west-1:123456789012:stateMachine:deliver-orders",
    workflowLogGroup: "/aws/vendedlogs/states/deliver-orders",
    downstreamQueueUrls: {},
    deadLetterQueueUrls: {},
    local: { awsEndpointUrl: endpoint },
  };
}

/** Runs the command until it has said where it is, does something there, and presses Ctrl-C. */
async function withConsole(argv: string[], env: NodeJS.ProcessEnv, visit: (url: string) => Promise<void>) {
  const interrupt = new AbortController();
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = { stdout, stderr, env, projectRoot: folder, signal: interrupt.signal };
  const ended = consoleCommand(argv, terminal);
  const [printed] = (await once(stdout, "data")) as [Buffer];
  await visit(/http:\S+/.exec(printed.toString())?.[0] ?? "").finally(() => interrupt.abort());
  return { exitCode: await ended, stdout: printed.toString(), stderr: String(stderr.read() ?? "") };
}

function localOutputs(): NodeJS.ProcessEnv {
  const file = join(folder, "outputs.json");
  writeFileSync(file, JSON.stringify(outputs()));
  return { LOCAL_OUTPUTS_FILE: file };
}

it("serves a console until Ctrl-C, on this machine only", async () => {
  const { exitCode, stdout, stderr } = await withConsole(["--port", "0"], localOutputs(), async (url) => {
    expect(new URL(url).hostname).toBe("127.0.0.1");
    expect((await fetch(url)).status).toBe(200);
  });
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("The console of the local run: http://127.0.0.1:");
});

it("shows a deployed stack by the Pulumi CLI", async () => {
  const { local: _local, ...deployed } = outputs();
  const PATH = await fakePulumiCli(folder, "prod", deployed);
  const env = { PATH: `${PATH}:${process.env["PATH"]}` };
  const { exitCode, stdout } = await withConsole(["--stack", "prod", "--port", "0"], env, async (url) => {
    const stack = (await (await fetch(`${url}/api/stack`)).json()) as { stack: string; region: string };
    expect(stack).toMatchObject({ stack: "stack prod", region: "eu-west-1" });
  });
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("The console of stack prod")]);
});

it("tells of expired credentials in one line, with what to do, and goes on", async () => {
  const { exitCode } = await withConsole(["--port", "0"], localOutputs(), async (url) => {
    for (const view of ["orders", "health"]) {
      const answer = await fetch(`${url}/api/${view}`);
      expect(answer.status).toBe(502);
      expect(((await answer.json()) as Problem).message).toMatch(
        /does not take the credentials.*aws sso login/,
      );
    }
    expect((await fetch(url)).status).toBe(200);
  });
  expect(exitCode).toBe(0);
});

it.each<[string, string[], () => NodeJS.ProcessEnv, number, RegExp]>([
  ["there is no local run", [], () => ({}), 3, /There is no local run.*npm start/],
  ["the port is none", ["--port", "http"], localOutputs, 2, /is no port/],
  ["PORT is none", [], () => ({ ...localOutputs(), PORT: "99999" }), 2, /is no port/],
])("says in one line why it cannot start: %s", async (_why, argv, env, code, message) => {
  const { exitCode, stderr } = await runTool(consoleCommand, argv, { env: env(), projectRoot: folder });
  expect([exitCode, stderr.trim().split("\n").length]).toEqual([code, 1]);
  expect(stderr).toMatch(message);
});

it("says that the port is in use", async () => {
  const { port } = aws.address() as AddressInfo;
  const argv = ["--port", String(port)];
  const { exitCode, stderr } = await runTool(consoleCommand, argv, {
    env: localOutputs(),
    projectRoot: folder,
  });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`Port ${port} is in use`)]);
});
