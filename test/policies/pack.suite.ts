import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Policies, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { policies } from "../../policies/policies";
import { recordInThread } from "../../local/engine/recordInThread";
import { MUTATION_RULES } from "../../tools/policyMutations/rules";

const ROOT = resolve(__dirname, "../..");
const PACK = join(ROOT, "policies");

/** What every module of the pack defines, whether or not the pack registers it. */
async function definedPolicies(): Promise<(ResourceValidationPolicy | StackValidationPolicy)[]> {
  const files = readdirSync(PACK).filter((file) => file.endsWith(".ts") && file !== "index.ts");
  const modules = await Promise.all(
    files.map(async (file) => (await import(join(PACK, file))) as Record<string, Policies>),
  );
  return modules.flatMap((module) => Object.values(module).flat());
}

test("the pack registers every policy that its modules define, once", async () => {
  const defined = new Set((await definedPolicies()).map(({ name }) => name));
  expect(policies.map(({ name }) => name).sort()).toEqual([...defined].sort());
});

test("nothing but a policy of the whole stack or of one resource is registered", () => {
  for (const policy of policies) {
    expect(policy.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)+$/);
    expect(policy.description).toMatch(/^[A-Z].*\.$/);
    expect("validateStack" in policy || policy.validateResource !== undefined).toBe(true);
  }
});

test("each policy is exercised by a mutation of the real stacks", async () => {
  const { raw } = await recordInThread({ directory: ROOT, stack: "prod", origin: "http://127.0.0.1:4000" });
  const exercised = new Set(MUTATION_RULES.flatMap((rule) => rule(raw)).map(({ policy }) => policy));
  expect([...exercised].sort()).toEqual(policies.map(({ name }) => name).sort());
});

test("the README has a line for each policy", () => {
  const readme = readFileSync(join(PACK, "README.md"), "utf8");
  const listed = [...readme.matchAll(/^\| `([a-z0-9-]+)`/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(policies.map(({ name }) => name).sort());
});

test("a copy of the pack asks for the versions that it is tested with", () => {
  const read = (folder: string) =>
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      readonly dependencies: Readonly<Record<string, string>>;
    };
  expect(read(ROOT).dependencies).toMatchObject(read(PACK).dependencies);
});
