import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundledCode } from "../../components/bundle";

const HANDLERS = [
  ["processOrders", { ORDERS_TABLE_NAME: "orders-1" }],
  ["startDeliveries", { STATE_MACHINE_ARN: "arn:aws:states:eu-west-1:123456789012:stateMachine:deliver-1" }],
] as const;

const LOAD = ["-e", "console.log(typeof require(process.argv[1]).handler)"];

let folder: string;
beforeAll(() => {
  // Outside of the project: what a bundle does not hold, it does not find.
  folder = mkdtempSync(join(tmpdir(), "bundle-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the bundles are the same when they are built again, in another process and another folder", async () => {
  const component = JSON.stringify(join(__dirname, "../../components/bundle.ts"));
  const names = HANDLERS.map(([handler]) => handler);
  const script = `Promise.all(${JSON.stringify(names)}.map(require(${component}).bundledCode))
    .then((codes) => process.stdout.write(JSON.stringify(codes)));`;
  const arguments_ = ["--import", require.resolve("tsx"), "-e", script];
  const built: unknown = JSON.parse(
    execFileSync(process.execPath, arguments_, { cwd: folder, encoding: "utf8" }),
  );
  // Compared as one value: a difference would print both bundles.
  expect(JSON.stringify(built) === JSON.stringify(await Promise.all(names.map(bundledCode)))).toBe(true);
});

describe.each(HANDLERS)("the bundle of %s", (handler, variables) => {
  const file = () => join(folder, `${handler}.js`);
  beforeAll(async () => writeFileSync(file(), await bundledCode(handler)));

  test("is under 450 KB, minified, without a source map or a path of this machine", async () => {
    const code = await bundledCode(handler);
    expect(Buffer.byteLength(code)).toBeLessThan(450_000);
    expect(code).not.toContain("sourceMappingURL");
    expect(code).not.toContain(process.cwd());
    expect(code.split("\n").length).toBeLessThan(500);
  });

  test("runs by itself in Node and exports the handler", () => {
    const environment = { POWERTOOLS_SERVICE_NAME: "x", POWERTOOLS_METRICS_NAMESPACE: "x", ...variables };
    const { stdout } = spawnSync(process.execPath, [...LOAD, file()], {
      cwd: folder,
      encoding: "utf8",
      env: { AWS_REGION: "eu-west-1", ...environment },
    });
    expect(stdout).toBe("function\n");
  });

  test("does not load without its environment", () => {
    const { status, stderr } = spawnSync(process.execPath, [...LOAD, file()], { encoding: "utf8", env: {} });
    expect(status).toBe(1);
    expect(stderr).toContain("The function's environment lacks POWERTOOLS_SERVICE_NAME,");
  });
});
