import type { ResourceGraph } from "../../local/aws/resource";

/** A graph without the order of its resources and dependencies, which depends on which request comes first. */
export function byUrn(graph: ResourceGraph): ResourceGraph {
  const normal = graph.resources.map((resource) => ({
    ...resource,
    dependencies: [...resource.dependencies].sort(),
    propertyDependencies: Object.fromEntries(
      Object.entries(resource.propertyDependencies).map(([property, urns]) => [property, [...urns].sort()]),
    ),
  }));
  return { ...graph, resources: normal.sort((a, b) => (a.urn < b.urn ? -1 : 1)) };
}
