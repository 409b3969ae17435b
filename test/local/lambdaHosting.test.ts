import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADMINISTRATOR, type Caller } from "../../local/aws/caller";
import { Kms } from "../../local/kms/kms";
import { host, resource } from "./support/resource";
import {
  archive,
  FUNCTION_ARN,
  lambdaHarness,
  REGION,
  ROLE_ARN,
  textAsset,
  type Harness,
} from "./support/lambda";

const KEY_ARN = `arn:aws:kms:${REGION}:123456789012:key/1`;

let harness: Harness;

beforeEach(async () => {
  harness = await lambdaHarness();
});

afterEach(() => harness.stop());

async function answerOf(event: unknown): Promise<unknown> {
  return JSON.parse((await harness.invoke(event)).payload);
}

describe("the code of a function", () => {
  it("is the whole archive: files that require each other, folders, ES modules", async () => {
    const code = archive({
      "package.json": textAsset('{"type":"module"}'),
      "index.js": textAsset('import { name } from "./lib/name.js"; export const handler = async () => name;'),
      lib: archive({ "name.js": textAsset('export const name = "from a folder";') }),
    });
    await harness.hostFunction("", { code });
    expect(await answerOf({})).toBe("from a folder");
  });

  it("may be a folder on the disk", async () => {
    const folder = mkdtempSync(join(tmpdir(), "function-code-"));
    writeFileSync(join(folder, "app.cjs"), "exports.run = { now: async () => 'from the disk' };");
    const code = { ...archive({}), assets: undefined, path: folder };
    await harness.hostFunction("", { code, handler: "app.run.now" });
    rmSync(folder, { recursive: true });
    expect(await answerOf({})).toBe("from the disk");
  });

  it("cannot be an archive with an entry outside of it", async () => {
    const code = archive({ "../outside.js": textAsset("") });
    await expect(harness.hostFunction("", { code })).rejects.toThrow(
      'an entry outside of it: "../outside.js"',
    );
  });

  it("cannot be a zip file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "function-code-"));
    const zip = join(folder, "code.zip");
    cpSync(__filename, zip);
    const code = { ...archive({}), assets: undefined, path: zip };
    await expect(harness.hostFunction("", { code })).rejects.toThrow("only folders can be unpacked");
    rmSync(folder, { recursive: true });
  });
});

describe("hosting a function", () => {
  it.each([
    ["another runtime", { runtime: "python3.13" }, "runtime"],
    ["a layer", { layers: ["arn:aws:lambda:eu-central-1:123456789012:layer:x:1"] }, "layers"],
    ["a network of its own", { vpcConfig: { subnetIds: [], securityGroupIds: [] } }, "vpcConfig"],
  ])("refuses %s by name", async (_what, inputs, property) => {
    await expect(harness.hostFunction("", inputs)).rejects.toThrow(
      new RegExp(`aws:lambda/function:Function "work".*${property}`, "s"),
    );
  });

  it("refuses a role that does not trust Lambda", async () => {
    const trust = {
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { Service: "states.amazonaws.com" },
    };
    const arn = `${ROLE_ARN}-of-another`;
    const assumeRolePolicy = { Version: "2012-10-17", Statement: [trust] };
    await host(
      harness.iam,
      resource("aws:iam/role:Role", "other", { assumeRolePolicy }, { name: "other", arn }),
    );
    await expect(harness.hostFunction("", { role: arn })).rejects.toThrow(
      'The role defined for the function "work" cannot be assumed by Lambda',
    );
  });

  it("encrypts the environment with a key that its role need not be allowed", async () => {
    const uses: unknown[][] = [];
    const granting = await lambdaHarness({ keys: { authorizeKey: (...use) => void uses.push(use) } });
    await granting.hostFunction("exports.handler = async () => process.env.MODE;", {
      kmsKeyArn: KEY_ARN,
      environment: { variables: { MODE: "secret" } },
    });
    expect((await granting.invoke({})).payload).toBe('"secret"');
    expect(uses).toEqual([[ADMINISTRATOR, "kms:CreateGrant", KEY_ARN, "lambda"]]);
    await granting.stop();
  });

  it("refuses a key that is not there", async () => {
    const keys = new Kms({ iam: harness.iam, region: REGION });
    const keyless = await lambdaHarness({ keys });
    await expect(keyless.hostFunction("", { kmsKeyArn: KEY_ARN })).rejects.toThrow(
      `The environment of the function "work" cannot be encrypted: The key '${KEY_ARN}' does not exist.`,
    );
    await keyless.stop();
  });

  it("refuses variables that Lambda reserves", async () => {
    const environment = { variables: { AWS_REGION: "us-east-1", MODE: "x" } };
    await expect(harness.hostFunction("", { environment })).rejects.toThrow("reserves: AWS_REGION");
  });
});

describe("who may invoke a function", () => {
  const SCHEDULER: Caller = { type: "role", roleArn: ROLE_ARN, sessionName: "scheduler" };
  const API: Caller = {
    type: "service",
    service: "apigateway.amazonaws.com",
    sourceArn: "arn:aws:execute-api:eu-central-1:123456789012:api/prod/GET/",
  };

  it("is a role that is allowed it", async () => {
    await harness.hostFunction("exports.handler = async () => 1;");
    const options = { caller: SCHEDULER };
    await expect(harness.lambda.invoke(FUNCTION_ARN, "{}", options)).rejects.toMatchObject({
      code: "AccessDeniedException",
    });
    const Statement = { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: FUNCTION_ARN };
    const policy = { Version: "2012-10-17", Statement };
    await host(
      harness.iam,
      resource("aws:iam/rolePolicy:RolePolicy", "invoking", { role: "worker", policy }),
    );
    expect((await harness.lambda.invoke(FUNCTION_ARN, "{}", options)).payload).toBe("1");
  });

  it("is a service that has a permission, for its source", async () => {
    await harness.hostFunction("exports.handler = async () => 1;");
    const inputs = {
      action: "lambda:InvokeFunction",
      function: "work",
      principal: "apigateway.amazonaws.com",
      sourceArn: "arn:aws:execute-api:eu-central-1:123456789012:api/*",
    };
    await host(harness.lambda, resource("aws:lambda/permission:Permission", "api", inputs));
    expect((await harness.lambda.invoke(FUNCTION_ARN, "{}", { caller: API })).payload).toBe("1");
    const other = { ...API, sourceArn: "arn:aws:execute-api:eu-central-1:123456789012:other/prod/GET/" };
    await expect(harness.lambda.invoke(FUNCTION_ARN, "{}", { caller: other })).rejects.toMatchObject({
      code: "AccessDeniedException",
    });
  });
});
