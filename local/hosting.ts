import type { Resource, ResourceGraph, ResourceHost } from "./aws/resource";

/**
 * Types without behaviour of their own while a stack runs. A type that is neither here nor hosted is an error: silence
 * would let the local run differ from AWS.
 */
const WITHOUT_BEHAVIOUR = new Set([
  "pulumi:pulumi:Stack",
  "pulumi:providers:aws",
  "aws:cloudwatch/dashboard:Dashboard",
  "aws:cloudwatch/queryDefinition:QueryDefinition",
]);

/**
 * Hosts every resource of a graph, in the order in which the program registered them. Nothing starts yet.
 *
 * @throws Error that names the resource, when nothing hosts its type or its host refuses it
 */
export async function hostGraph(graph: ResourceGraph, services: readonly ResourceHost[]): Promise<void> {
  for (const resource of graph.resources) {
    if (isComponent(resource) || WITHOUT_BEHAVIOUR.has(resource.type)) continue;
    const service = services.find(({ hosts }) => Object.hasOwn(hosts, resource.type));
    const host = service?.hosts[resource.type];
    if (host === undefined)
      throw new Error(
        `The local run does not know the resource type ${resource.type} of "${resource.name}": ` +
          `teach it to one of the services in local/, or list it as without behaviour in local/hosting.ts.`,
      );
    await host.call(service, resource);
  }
}

/** Starts the services, once everything is hosted. */
export async function startServices(services: readonly ResourceHost[]): Promise<void> {
  for (const service of services) await service.start?.();
}

/** A component is a grouping of the program: its type names the project where a provider's names a package. */
function isComponent({ type, urn }: Resource): boolean {
  const project = urn.split("::")[1];
  return type.startsWith(`${project}:`);
}
