interface RouteNode<Target> {
  readonly literals: Map<string, RouteNode<Target>>;
  variable?: { readonly name: string; readonly node: RouteNode<Target> };
  /** `{proxy+}`: takes all that is left. */
  greedy?: { readonly name: string; readonly target: Target };
  target?: Target;
}

/** A resource of the API and the values of its path's variables. */
export interface RouteMatch<Target> {
  readonly target: Target;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Finds the resource for a path: a literal segment before a variable, a variable before `{proxy+}`. */
export class Router<Target> {
  private readonly root: RouteNode<Target> = { literals: new Map() };

  /**
   * @param path as API Gateway writes it, such as `/things/{thingId}`
   * @throws Error when a sibling's variable has another name, which AWS refuses too
   */
  add(path: string, target: Target): void {
    let node = this.root;
    for (const segment of path.split("/").filter((part) => part !== "")) {
      const name = /^\{(.+?)(\+?)\}$/.exec(segment);
      if (name?.[1] !== undefined && name[2] === "+") {
        node.greedy = { name: name[1], target };
        return;
      }
      node = name?.[1] === undefined ? literal(node, segment) : variable(node, name[1]);
    }
    node.target = target;
  }

  /** @param segments of the request's path below the stage, decoded */
  match(segments: readonly string[]): RouteMatch<Target> | undefined {
    return find(this.root, segments, 0, {});
  }
}

function literal<Target>(node: RouteNode<Target>, segment: string): RouteNode<Target> {
  const next = node.literals.get(segment) ?? { literals: new Map<string, RouteNode<Target>>() };
  node.literals.set(segment, next);
  return next;
}

function variable<Target>(node: RouteNode<Target>, name: string): RouteNode<Target> {
  node.variable ??= { name, node: { literals: new Map() } };
  if (node.variable.name !== name)
    throw new Error(
      `{${name}} and {${node.variable.name}} are siblings: a resource has one variable path part.`,
    );
  return node.variable.node;
}

function find<Target>(
  node: RouteNode<Target>,
  segments: readonly string[],
  depth: number,
  parameters: Readonly<Record<string, string>>,
): RouteMatch<Target> | undefined {
  const segment = segments[depth];
  if (segment === undefined)
    return node.target === undefined ? undefined : { target: node.target, parameters };
  const next = node.literals.get(segment);
  const { variable: named, greedy } = node;
  return (
    (next && find(next, segments, depth + 1, parameters)) ??
    (named && find(named.node, segments, depth + 1, { ...parameters, [named.name]: segment })) ??
    (greedy && {
      target: greedy.target,
      parameters: { ...parameters, [greedy.name]: segments.slice(depth).join("/") },
    })
  );
}
