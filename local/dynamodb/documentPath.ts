import type { AttributeValue, Item } from "./attributeValue";

/** An attribute's place in an item: names of map members, numbers of list elements. */
export type DocumentPath = readonly (string | number)[];

/** @returns the value at the path, if there is one */
export function valueAt(item: Item, path: DocumentPath): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const piece of path) {
    if (value === undefined) return undefined;
    value = childOf(value, piece);
  }
  return value;
}

/** @returns the member of a map or the element of a list, if there is one */
export function childOf(parent: AttributeValue, piece: string | number): AttributeValue | undefined {
  if (typeof piece === "number") return "L" in parent ? parent.L[piece] : undefined;
  // An attribute may have the name of a member that every object has, such as `constructor`.
  return "M" in parent && Object.hasOwn(parent.M, piece) ? parent.M[piece] : undefined;
}

interface Branch {
  readonly children: Map<string | number, Branch>;
  value?: AttributeValue;
}

/**
 * The parts of an item at the given paths, none of which lies within another. List elements close ranks, in order.
 * (Developer Guide, "Projection expressions".)
 */
export function project(item: Item, paths: readonly DocumentPath[]): Item {
  const root: Branch = { children: new Map() };
  for (const path of paths) {
    const value = valueAt(item, path);
    if (value === undefined) continue;
    let branch = root;
    for (const piece of path) {
      const next: Branch = branch.children.get(piece) ?? { children: new Map() };
      branch.children.set(piece, next);
      branch = next;
    }
    branch.value = value;
  }
  return toMap(root);
}

function toMap(branch: Branch): Item {
  return Object.fromEntries([...branch.children].map(([name, below]) => [name, toValue(below)]));
}

function toValue(branch: Branch): AttributeValue {
  if (branch.value !== undefined) return branch.value;
  const pieces = [...branch.children.keys()];
  if (typeof pieces[0] === "string") return { M: toMap(branch) };
  const elements = [...branch.children].sort(([left], [right]) => Number(left) - Number(right));
  return { L: elements.map(([, below]) => toValue(below)) };
}
