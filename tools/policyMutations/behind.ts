import type { MutationRule, Which } from "./mutation";

/**
 * Makes a rule for those resources that a property of others was made of, such as the functions behind event source
 * mappings.
 */
export function behind(
  type: string,
  property: string,
  ruleFor: (which: Which) => MutationRule,
  whose: Which = () => true,
): MutationRule {
  return (graph) => {
    const urns = graph
      .filter((resource) => resource.type === type && whose(resource))
      .flatMap(({ propertyDependencies }) => propertyDependencies[property] ?? []);
    return ruleFor(({ urn }) => urns.includes(urn))(graph);
  };
}
