import Ajv, { type ValidateFunction } from "ajv";
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { CommandError } from "../command";
import { LEVELS, type Level, type PolicyInfo, type PolicyPackInfo, type PolicySettings } from "./packInfo";

const levelSchema = z.enum(Object.keys(LEVELS) as [Level, ...Level[]], {
  error: `the level must be one of ${Object.keys(LEVELS).join(", ")}`,
});
const givenSchema = z.record(
  z.string(),
  z.union([
    levelSchema.transform((enforcementLevel) => ({ enforcementLevel })),
    z.looseObject({ enforcementLevel: levelSchema.optional() }),
  ]),
);

const ajv = new Ajv({ strict: false, allErrors: true });
const validators = new WeakMap<PolicyInfo, ValidateFunction>();

/** By a policy's name, or `all`: its level and properties, as the file of `--policy-pack-config` holds them. */
export type GivenSettings = Readonly<
  Record<string, { readonly enforcementLevel?: Level | undefined; readonly [property: string]: unknown }>
>;

/**
 * Reads a file of the format that `pulumi preview --policy-pack-config` takes: a JSON object by policy, of a level or of
 * an object with `enforcementLevel` and properties; `all` sets the level of every policy (Pulumi documentation, "Policy
 * pack configuration").
 *
 * @throws CommandError when it cannot be read or is not of that format
 */
export async function readSettings(file: string): Promise<GivenSettings> {
  const text = await readFile(file, "utf8").catch(() => {
    throw new CommandError(`The policy configuration ${file} cannot be read. Correct the path.`);
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new CommandError(`The policy configuration ${file} is not JSON. Correct it.`);
  }
  const given = givenSchema.safeParse(content);
  if (given.success) return given.data;
  const [policy = "the whole"] = given.error.issues[0]?.path ?? [];
  throw new CommandError(
    `The policy configuration ${file} is not understood: "${String(policy)}" must be one of ` +
      `${Object.keys(LEVELS).join(", ")}, or an object with such an enforcementLevel and properties.`,
  );
}

/**
 * The settings of every policy: the pack's defaults, what the pack sets, then what is given, as in the engine
 * (pulumi/pulumi, pkg/resource/analyzer/config.go, ReconcilePolicyPackConfig). Stricter than the engine, which passes over
 * a policy or a property that does not exist.
 *
 * @throws CommandError that names the policy and what is wrong with its settings
 */
export function reconcileSettings(info: PolicyPackInfo, given: GivenSettings = {}): PolicySettings {
  const { all, ...byPolicy } = given;
  refuseUnknown(info, Object.keys(byPolicy));
  return new Map(
    info.policies.map((policy) => {
      const initial = info.initialSettings.get(policy.name);
      const initialForAll = info.initialSettings.get("all")?.level;
      const { enforcementLevel, ...properties } = byPolicy[policy.name] ?? {};
      const setting = {
        level: enforcementLevel ?? all?.enforcementLevel ?? initial?.level ?? initialForAll ?? policy.level,
        properties: { ...defaultsOf(policy), ...initial?.properties, ...properties },
      };
      validate(policy, setting.properties);
      return [policy.name, setting];
    }),
  );
}

function refuseUnknown(info: PolicyPackInfo, names: readonly string[]): void {
  const unknown = names.find((name) => !info.policies.some((policy) => policy.name === name));
  if (unknown === undefined) return;
  throw new CommandError(`The policy configuration names "${unknown}", a policy that ${info.name} has not.`);
}

function defaultsOf({ schemas }: PolicyInfo): Readonly<Record<string, unknown>> {
  const withDefault = Object.entries(schemas).filter(([, schema]) => schema.default !== undefined);
  return Object.fromEntries(withDefault.map(([name, schema]) => [name, schema.default]));
}

function validatorOf(policy: PolicyInfo): ValidateFunction {
  const { schemas: properties, required } = policy;
  const validator =
    validators.get(policy) ??
    ajv.compile({ type: "object", properties, required, additionalProperties: false });
  validators.set(policy, validator);
  return validator;
}

function validate(policy: PolicyInfo, properties: unknown): void {
  const validator = validatorOf(policy);
  if (validator(properties)) return;
  const problems = (validator.errors ?? []).map(({ instancePath, message, params }) => {
    const property = (params as { readonly additionalProperty?: string }).additionalProperty;
    return [instancePath.slice(1), message, property && `("${property}")`].filter(Boolean).join(" ");
  });
  throw new CommandError(`The configuration of the policy ${policy.name} is wrong: ${problems.join("; ")}.`);
}
