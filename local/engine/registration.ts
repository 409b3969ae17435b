import type { RegisterResourceRequest } from "./protocol";
import type { RawResourceOptions } from "./recorded";

interface StackName {
  readonly project: string;
  readonly stack: string;
}

/**
 * The URN that the engine gives a resource: it holds the types of its ancestors, of which the stack's own is left out
 * (Pulumi documentation, "Resource names": `urn:pulumi:STACK::PROJECT::PARENT_TYPE$TYPE::NAME`).
 */
export function resourceUrn(
  { project, stack }: StackName,
  parent: string,
  type: string,
  name: string,
): string {
  const parentType = parent.split("::")[2] ?? "";
  const prefix = parentType === "" || parentType === "pulumi:pulumi:Stack" ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

/** For each input property, the URNs that its value came from, sorted. */
export function propertyDependenciesOf(request: RegisterResourceRequest): Record<string, readonly string[]> {
  const dependencies = [...request.getPropertydependenciesMap().entries()];
  return Object.fromEntries(dependencies.map(([property, urns]) => [property, urns.getUrnsList().sort()]));
}

/** The resource options of a registration. */
export function optionsOf(stack: StackName, request: RegisterResourceRequest): RawResourceOptions {
  const timeouts = request.getCustomtimeouts();
  return {
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    ...(request.getDeletebeforereplacedefined()
      ? { deleteBeforeReplace: request.getDeletebeforereplace() }
      : {}),
    aliases: aliasesOf(stack, request),
    customTimeouts: {
      create: timeouts?.getCreate() ?? "",
      update: timeouts?.getUpdate() ?? "",
      delete: timeouts?.getDelete() ?? "",
    },
  };
}

function aliasesOf(current: StackName, request: RegisterResourceRequest): string[] {
  return request.getAliasesList().map((alias) => {
    const spec = alias.getSpec();
    if (spec === undefined) return alias.getUrn();
    return resourceUrn(
      { project: spec.getProject() || current.project, stack: spec.getStack() || current.stack },
      spec.getNoparent() ? "" : spec.getParenturn() || request.getParent(),
      spec.getType() || request.getType(),
      spec.getName() || request.getName(),
    );
  });
}
