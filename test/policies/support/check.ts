import type {
  Policies,
  PolicyResource,
  PolicyResourceOptions,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";

/** A resource as a test writes it down. */
export interface Given {
  /** The type's token, such as `aws:sqs/queue:Queue`. */
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
  /** For each property that was made of other resources their names. */
  readonly madeOf?: Readonly<Record<string, readonly string[]>>;
}

export interface CheckOptions {
  /** What the policy's configuration sets beside the defaults of its schema. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly stackTags?: Readonly<Record<string, string>>;
}

const OPTS: PolicyResourceOptions = {
  protect: false,
  ignoreChanges: [],
  aliases: [],
  customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
  additionalSecretOutputs: [],
};

/**
 * What one policy reports about a stack of these resources: `NAME: MESSAGE` for each violation. A policy of resources is
 * asked about each of them in turn, as the engine does.
 */
export async function check(
  policies: Policies,
  policyName: string,
  given: readonly Given[],
  options: CheckOptions = {},
): Promise<string[]> {
  const policy = policies.find(({ name }) => name === policyName);
  if (policy === undefined) throw new Error(`There is no policy ${policyName}.`);
  const violations: string[] = [];
  const shared = sharedArgs(policy, options);
  if ("validateStack" in policy) {
    const resources = asPolicyResources(given);
    const report = (message: string, urn?: string) => {
      const about = resources.find((resource) => resource.urn === urn);
      violations.push(`${about?.name ?? "the stack"}: ${message}`);
    };
    await policy.validateStack({ resources, ...shared }, report);
    return violations;
  }
  for (const resource of given) {
    const report = (message: string) => void violations.push(`${resource.name}: ${message}`);
    const args: ResourceValidationArgs = {
      ...asPolicyResource(resource),
      ...shared,
      asType: asTypeOf(resource),
    };
    for (const validate of [policy.validateResource ?? []].flat())
      await applied(() => validate(args, report));
  }
  return violations;
}

class NotApplicable extends Error {}

/** Runs a validation; one that says it does not apply is done. */
async function applied(validate: () => unknown): Promise<void> {
  try {
    await validate();
  } catch (error) {
    if (!(error instanceof NotApplicable)) throw error;
  }
}

function sharedArgs(policy: ResourceValidationPolicy | StackValidationPolicy, options: CheckOptions) {
  const properties = Object.entries(policy.configSchema?.properties ?? {});
  const defaults = Object.fromEntries(properties.map(([name, schema]) => [name, schema.default as unknown]));
  return {
    stackTags: new Map(Object.entries(options.stackTags ?? {})),
    getConfig: <T extends object>() => ({ ...defaults, ...options.config }) as T,
    notApplicable: (reason?: string): never => {
      throw new NotApplicable(reason);
    },
  };
}

function asPolicyResources(given: readonly Given[]): PolicyResource[] {
  const resources = given.map(asPolicyResource);
  const named = (name: string) => resources.filter((resource) => resource.name === name);
  for (const [index, { madeOf = {} }] of given.entries()) {
    const resource = resources[index];
    if (resource === undefined) continue;
    resource.propertyDependencies = Object.fromEntries(
      Object.entries(madeOf).map(([property, names]) => [property, names.flatMap(named)]),
    );
    resource.dependencies = Object.values(resource.propertyDependencies).flat();
  }
  return resources;
}

function asPolicyResource(given: Given): PolicyResource {
  return {
    type: given.type,
    name: given.name,
    urn: `urn:pulumi:test::test::${given.type}::${given.name}`,
    props: given.props,
    opts: OPTS,
    dependencies: [],
    propertyDependencies: {},
    isType: (resourceClass) => tokenOf(resourceClass) === given.type,
    asType: asTypeOf(given),
  };
}

function asTypeOf(given: Given) {
  return (resourceClass: unknown): never | undefined =>
    tokenOf(resourceClass) === given.type ? (given.props as never) : undefined;
}

function tokenOf(resourceClass: unknown): string | undefined {
  return (resourceClass as { readonly __pulumiType?: string }).__pulumiType;
}
