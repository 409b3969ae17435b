import * as lambda from "@pulumi/aws/lambda";
import type { PolicyResource } from "@pulumi/policy";
import { dependenciesOf, referredBy, resourcesOf, type Stack } from "./graph";

/**
 * The functions of the stack behind a property: named by ARN, with or without a version, by name, or through an alias.
 */
export function functionsBehind(
  stack: Stack,
  resource: PolicyResource,
  property: string,
): readonly PolicyResource[] {
  const referred = referredBy(stack, resource, property);
  const handlers = referred.filter((each) => each.isType(lambda.Function));
  const aliases = referred.filter((each) => each.isType(lambda.Alias));
  const behind = [...handlers, ...aliases.flatMap((alias) => functionsBehind(stack, alias, "functionName"))];
  if (behind.length > 0 || dependenciesOf(resource, property).length > 0) return [...new Set(behind)];
  const name: unknown = resource.props[property];
  return resourcesOf(stack, lambda.Function).flatMap(({ resource: each, props }) =>
    name && props.name === name ? [each] : [],
  );
}
