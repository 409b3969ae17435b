import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadStackConfig, regionOf, type StackConfigSource } from "../../../local/engine/stackConfig";

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

interface Files {
  /** What stands under `config:` in Pulumi.yaml. */
  readonly project?: string;
  /** What stands under `config:` in Pulumi.dev.yaml. */
  readonly dev?: string;
}

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "stack-config-"));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

function load({ project = "{}", dev = "{}" }: Files, source: Partial<StackConfigSource> = {}) {
  const files = { "Pulumi.yaml": `{name: shop, config: ${project}}`, "Pulumi.dev.yaml": `config: ${dev}` };
  return loadStackConfig({ directory: folderOf(files), stack: "dev", ...source });
}

describe("the configuration of a stack", () => {
  test("is the project's defaults where the stack says nothing", () => {
    const config = load({ project: "{size: {type: integer, default: 3}, label: plain}" });
    expect(config).toEqual({
      project: "shop",
      stack: "dev",
      values: { "shop:size": "3", "shop:label": "plain" },
      secretKeys: [],
    });
  });

  test("is the stack's value where it has one", () => {
    expect(load({ project: "{size: {type: integer, default: 3}}", dev: "{shop:size: 5}" }).values).toEqual({
      "shop:size": "5",
    });
  });

  test("is the caller's value where it gives one", () => {
    const files = { project: "{size: {type: integer, default: 3}}", dev: "{shop:size: 5}" };
    expect(load(files, { config: { size: 7 } }).values).toEqual({ "shop:size": "7" });
  });

  test("holds values of other namespaces, from the project and from the stack", () => {
    const config = load({
      project: "{aws:region: {value: eu-west-1}, aws:profile: shop}",
      dev: "{'aws:allowedAccountIds': ['123456789012']}",
    });
    expect(config.values).toEqual({
      "aws:region": "eu-west-1",
      "aws:profile": "shop",
      "aws:allowedAccountIds": '["123456789012"]',
    });
    expect(regionOf(config)).toBe("eu-west-1");
  });

  test("holds lists and maps as JSON", () => {
    expect(
      load({ dev: "{shop:services: {billing: {}, picking: {zones: [1, 2]}}}" }).values["shop:services"],
    ).toBe('{"billing":{},"picking":{"zones":[1,2]}}');
  });

  test("knows a decrypted value as secret", () => {
    const config = load(
      { project: "{token: {type: string, secret: true}}", dev: "{shop:token: {secure: v1:abc}}" },
      { decrypt: (key, ciphertext) => `${key} from ${ciphertext}` },
    );
    expect(config).toMatchObject({
      values: { "shop:token": "shop:token from v1:abc" },
      secretKeys: ["shop:token"],
    });
  });

  test.each([
    ["integer", "'5'"],
    ["integer", "5"],
    ["boolean", "true"],
    ["boolean", "'false'"],
    ["string", "5"],
    ["array, items: {type: integer}", "[1, 2]"],
    ["array, items: {type: array, items: {type: string}}", "[[a], []]"],
    ["object", "{a: 1}"],
  ])("accepts for the type %s the value %s", (type, value) => {
    expect(() => load({ project: `{key: {type: ${type}}}`, dev: `{shop:key: ${value}}` })).not.toThrow();
  });
});

describe("a configuration is refused in one line that names key and remedy:", () => {
  const of = (key: string) => `Stack "dev": the configuration key "shop:${key}"`;
  test.each<[string, Files, string]>([
    [
      "a value that is missing",
      { project: "{size: {type: integer}, label: {type: string}}" },
      'Stack "dev" is missing required configuration: shop:size, shop:label. Set them under "config:" in Pulumi.dev.yaml.',
    ],
    [
      "a value of the wrong type",
      { project: "{size: {type: integer}}", dev: "{shop:size: many}" },
      `${of("size")} must be of type integer, and is "many". Correct it in Pulumi.dev.yaml.`,
    ],
    [
      "a fraction for an integer",
      { project: "{size: {type: integer}}", dev: "{shop:size: 1.5}" },
      `${of("size")} must be of type integer, and is 1.5. Correct it in Pulumi.dev.yaml.`,
    ],
    [
      "one wrong item of a list",
      { project: "{days: {type: array, items: {type: string}}}", dev: "{shop:days: [mon, 2]}" },
      `${of("days")} must be of type array<string>, and is ["mon",2]. Correct it in Pulumi.dev.yaml.`,
    ],
    [
      "a scalar for an object",
      { project: "{map: {type: object}}", dev: "{shop:map: text}" },
      `${of("map")} must be of type object, and is "text". Correct it in Pulumi.dev.yaml.`,
    ],
    [
      "an encrypted value",
      { dev: "{shop:deep: {token: {secure: v1:abc}}}" },
      `${of("deep")} is encrypted and cannot be decrypted locally: use a stack without secure values. Correct it in Pulumi.dev.yaml.`,
    ],
    [
      "a secret in plain text",
      { project: "{token: {type: string, secret: true}}", dev: "{shop:token: abc}" },
      `${of("token")} is declared secret and must be encrypted. Correct it in Pulumi.dev.yaml.`,
    ],
    [
      "an empty value",
      { dev: "{shop:size: }" },
      `${of("size")} has no value. Correct it in Pulumi.dev.yaml.`,
    ],
    [
      "a default of another type",
      { project: "{size: {type: integer, default: many}}" },
      'Pulumi.yaml: the configuration key "size" has a default that is not of its type integer.',
    ],
    [
      "both a default and a value",
      { project: "{size: {default: 1, value: 2}}" },
      'Pulumi.yaml: the configuration key "size" has both "default" and "value"; leave one out.',
    ],
    [
      "a list of nothing",
      { project: "{days: {type: array}}" },
      'Pulumi.yaml: the configuration key "days" is an array; say of what with "items".',
    ],
    [
      "a type for another namespace",
      { project: "{aws:region: {type: string, default: eu-west-1}}" },
      'Pulumi.yaml: the configuration key "aws:region" belongs to another namespace than the project: give it a "value", and no "type" or "default".',
    ],
    [
      "a type that does not exist",
      { project: "{size: {type: number}}" },
      'Pulumi.yaml: the configuration key "size" is not understood: type: Invalid option: expected one of "string"|"integer"|"boolean"|"array"|"object".',
    ],
  ])("%s", (_, files, message) => {
    expect(() => load(files)).toThrow(expect.objectContaining({ name: "StackConfigError", message }));
  });

  test("a secret is not repeated", () => {
    const files = { project: "{pin: {type: integer, secret: true}}", dev: "{shop:pin: {secure: abc}}" };
    expect(() => load(files, { decrypt: () => "hunter2" })).toThrow(
      `${of("pin")} must be of type integer. Correct it in Pulumi.dev.yaml.`,
    );
  });

  test("a stack that does not exist", () => {
    const directory = folderOf({
      "Pulumi.yaml": "name: shop",
      "Pulumi.prod.yaml": "",
      "Pulumi.dev.yaml": "",
    });
    expect(() => loadStackConfig({ directory, stack: "../dev" })).toThrow(
      `There is no stack "../dev" in ${directory}: choose one of dev, prod.`,
    );
  });

  test("a folder without stacks", () => {
    const directory = folderOf({ "Pulumi.yaml": "name: shop" });
    expect(() => loadStackConfig({ directory, stack: "dev" })).toThrow(
      `There is no stack "dev" in ${directory}: add Pulumi.dev.yaml.`,
    );
  });

  test("a folder without a project", () => {
    const directory = folderOf({ "Pulumi.dev.yaml": "config: {}" });
    expect(() => loadStackConfig({ directory, stack: "dev" })).toThrow(
      `Pulumi.yaml cannot be read in ${directory}.`,
    );
  });

  test("a file that is not YAML", () => {
    const directory = folderOf({
      "Pulumi.yaml": "name: shop",
      "Pulumi.dev.yaml": "config:\n  a: [1\n  b: 2\n",
    });
    expect(() => loadStackConfig({ directory, stack: "dev" })).toThrow(
      /^Pulumi\.dev\.yaml is not valid YAML: .+ in line 3\. Correct the file\.$/,
    );
  });

  test("an environment of Pulumi Cloud, which cannot be opened here", () => {
    const directory = folderOf({ "Pulumi.yaml": "name: shop", "Pulumi.dev.yaml": "environment: [shared]" });
    expect(() => loadStackConfig({ directory, stack: "dev" })).toThrow(
      'Pulumi.dev.yaml is not understood: Unrecognized key: "environment". Correct the file.',
    );
  });

  test("a stack without a region", () => {
    expect(() => regionOf(load({}))).toThrow(
      'Stack "dev" does not say its AWS region. Set "aws:region" under "config:" in Pulumi.dev.yaml.',
    );
  });
});
