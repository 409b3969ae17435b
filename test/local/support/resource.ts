import type { Resource } from "../../../local/aws/resource";

/** A resource as the recorded graph has it; its outputs are its inputs and what is given. */
export function resource(
  type: string,
  name: string,
  inputs: Readonly<Record<string, unknown>>,
  outputs: Readonly<Record<string, unknown>> = {},
): Resource {
  return {
    urn: `urn:pulumi:test::test::${type}::${name}`,
    type,
    name,
    id: name,
    inputs,
    outputs: { ...inputs, ...outputs },
    parent: "",
    dependencies: [],
    propertyDependencies: {},
    protect: false,
  };
}

/** Hosts the resource as the local run does: by its type. */
export async function host(
  service: { readonly hosts: Readonly<Record<string, (resource: Resource) => void | Promise<void>>> },
  hosted: Resource,
): Promise<void> {
  const hostIt = service.hosts[hosted.type];
  if (!hostIt) throw new Error(`The service does not host ${hosted.type}.`);
  await hostIt(hosted);
}
