import {
  type AnalyzerInfo,
  EnforcementLevel,
  fromStruct,
  type PolicyInfo as PolicyInfoMessage,
  PolicyType,
} from "../../local/engine/protocol";

/** Pulumi's enforcement levels; see its documentation, "Policy pack configuration". */
export const LEVELS = {
  advisory: EnforcementLevel.ADVISORY,
  mandatory: EnforcementLevel.MANDATORY,
  remediate: EnforcementLevel.REMEDIATE,
  disabled: EnforcementLevel.DISABLED,
} as const;

export type Level = keyof typeof LEVELS;

/** How a policy is set: whether and how strictly it applies, and its own properties. */
export interface PolicySetting {
  readonly level: Level;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** By the policy's name. */
export type PolicySettings = ReadonlyMap<string, PolicySetting>;

export interface PolicyInfo {
  readonly name: string;
  readonly description: string;
  /** Whether it looks at one resource after the other, or at the whole stack. */
  readonly of: "resource" | "stack";
  readonly level: Level;
  /** JSON schemas of the properties that can be configured, by name. */
  readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly required: readonly string[];
}

export interface PolicyPackInfo {
  readonly name: string;
  readonly version: string;
  readonly policies: readonly PolicyInfo[];
  /** What the pack itself sets, beside its policies. */
  readonly initialSettings: PolicySettings;
}

export function packInfo(message: AnalyzerInfo): PolicyPackInfo {
  const initial = [...message.getInitialconfigMap().entries()];
  return {
    name: message.getName(),
    version: message.getVersion(),
    policies: message.getPoliciesList().map(policyInfo),
    initialSettings: new Map(
      initial.map(([policy, config]) => [
        policy,
        { level: levelOf(config.getEnforcementlevel()), properties: fromStruct(config.getProperties()) },
      ]),
    ),
  };
}

export function levelOf(message: EnforcementLevel): Level {
  const found = Object.entries(LEVELS).find(([, level]) => level === message);
  if (found === undefined) throw new Error(`The policy pack knows an enforcement level ${message}.`);
  return found[0] as Level;
}

function policyInfo(message: PolicyInfoMessage): PolicyInfo {
  const schema = message.getConfigschema();
  return {
    name: message.getName(),
    description: message.getDescription(),
    of: message.getPolicyType() === PolicyType.POLICY_TYPE_STACK ? "stack" : "resource",
    level: levelOf(message.getEnforcementlevel()),
    schemas: fromStruct(schema?.getProperties()) as PolicyInfo["schemas"],
    required: schema?.getRequiredList() ?? [],
  };
}
