import { validateAttributeValue } from "dynalite/validations";
import type { AttributeValue, Item } from "./attributeValue";
import { add, subtract } from "./decimal";
import { childOf, valueAt, type DocumentPath } from "./documentPath";
import { refuseIf, refuseProtoName, validationError } from "./errors";

/** What SET assigns. */
export type UpdateOperand =
  | { readonly kind: "path"; readonly path: DocumentPath }
  | { readonly kind: "value"; readonly name: string }
  | {
      readonly kind: "add" | "subtract" | "list_append";
      readonly left: UpdateOperand;
      readonly right: UpdateOperand;
    }
  | { readonly kind: "if_not_exists"; readonly path: DocumentPath; readonly fallback: UpdateOperand };

/** One action of an update expression. */
export type UpdateAction =
  | { readonly kind: "set"; readonly path: DocumentPath; readonly operand: UpdateOperand }
  | { readonly kind: "remove"; readonly path: DocumentPath }
  /** `value` is the name of an expression attribute value. */
  | { readonly kind: "add" | "delete"; readonly path: DocumentPath; readonly value: string };

const WRONG_TYPE = "An operand in the update expression has an incorrect data type";

/**
 * Applies an update expression (Developer Guide, "Update expressions"). Every operand is read from the item as it was
 * before; positions in lists are those of the list as it was before.
 *
 * @param values the request's expression attribute values
 * @returns the new item, which shares with the old one and the values whatever was not written to
 * @throws AwsError ValidationException
 */
export function applyUpdate(actions: readonly UpdateAction[], item: Item, values: Item): Item {
  const assigned = actions.map((action) =>
    action.kind === "set" ? evaluate(action.operand, item, values) : undefined,
  );
  const draft = new Draft(item);
  const edits: ListEdits = new Map();
  actions.forEach((action, index) => {
    const place = draft.place(action.path);
    switch (action.kind) {
      case "set":
        return put(place, assigned[index], edits);
      case "remove":
        return put(place, undefined, edits);
      case "add":
        return put(place, sum(current(place), operandValue(values, action.value)), edits);
      case "delete":
        return put(place, difference(current(place), operandValue(values, action.value)), edits);
    }
  });
  for (const [list, changes] of edits) editList(list, changes);
  return draft.item;
}

/** A member of a map, or an element of a list. */
type Place =
  | { readonly container: Item; readonly key: string }
  | { readonly container: AttributeValue[]; readonly key: number };

/** What is to be at which position of a list; `undefined` for an element that is removed. */
type ListEdits = Map<AttributeValue[], Map<number, AttributeValue | undefined>>;

/** A copy of an item to be written to: of the maps and lists in it those are copied that lead to a written place. */
class Draft {
  readonly item: Item;
  private readonly copies = new Set<AttributeValue>();

  constructor(item: Item) {
    this.item = { ...item };
  }

  place(path: DocumentPath): Place {
    let parent: AttributeValue | undefined = { M: this.item };
    for (const piece of path.slice(0, -1)) parent = parent && this.ownChild(parent, piece);
    const key = path.at(-1) ?? "";
    refuseProtoName(key);
    if (parent && "M" in parent && typeof key === "string") return { container: parent.M, key };
    if (parent && "L" in parent && typeof key === "number") return { container: parent.L, key };
    throw validationError("The document path provided in the update expression is invalid for update");
  }

  /** The child, copied unless it is a copy already; the parent is one. */
  private ownChild(parent: AttributeValue, piece: string | number): AttributeValue | undefined {
    const child = childOf(parent, piece);
    if (child === undefined || this.copies.has(child)) return child;
    const copy = shallowCopy(child);
    this.copies.add(copy);
    if ("M" in parent) parent.M[piece] = copy;
    else if ("L" in parent) parent.L[Number(piece)] = copy;
    return copy;
  }
}

function shallowCopy(value: AttributeValue): AttributeValue {
  if ("M" in value) return { M: { ...value.M } };
  return "L" in value ? { L: [...value.L] } : value;
}

function current(place: Place): AttributeValue | undefined {
  if (Array.isArray(place.container)) return place.container[Number(place.key)];
  return Object.hasOwn(place.container, place.key) ? place.container[place.key] : undefined;
}

function put({ container, key }: Place, value: AttributeValue | undefined, edits: ListEdits): void {
  if (Array.isArray(container)) {
    const changes = edits.get(container) ?? new Map<number, AttributeValue | undefined>();
    edits.set(container, changes.set(Number(key), value));
  } else if (value === undefined) delete container[key];
  else container[key] = value;
}

/** What is set behind the end is appended, in the order of the positions; removed elements leave no gap. */
function editList(list: AttributeValue[], changes: ReadonlyMap<number, AttributeValue | undefined>): void {
  const inside = list.map((element, index) => (changes.has(index) ? changes.get(index) : element));
  const behind = [...changes]
    .filter(([index]) => index >= list.length)
    .sort(([left], [right]) => left - right);
  const elements = [...inside, ...behind.map(([, element]) => element)];
  list.splice(0, list.length, ...elements.filter((element) => element !== undefined));
}

function evaluate(operand: UpdateOperand, item: Item, values: Item): AttributeValue {
  switch (operand.kind) {
    case "value":
      return operandValue(values, operand.name);
    case "path": {
      const value = valueAt(item, operand.path);
      if (value) return value;
      throw validationError("The provided expression refers to an attribute that does not exist in the item");
    }
    case "if_not_exists":
      return valueAt(item, operand.path) ?? evaluate(operand.fallback, item, values);
    case "list_append": {
      const [left, right] = [evaluate(operand.left, item, values), evaluate(operand.right, item, values)];
      if ("L" in left && "L" in right) return { L: [...left.L, ...right.L] };
      throw validationError(WRONG_TYPE);
    }
    default: {
      const [left, right] = [evaluate(operand.left, item, values), evaluate(operand.right, item, values)];
      if (!("N" in left && "N" in right)) throw validationError(WRONG_TYPE);
      return checkedNumber(operand.kind === "add" ? add(left.N, right.N) : subtract(left.N, right.N));
    }
  }
}

function operandValue(values: Item, name: string): AttributeValue {
  const value = values[name];
  if (value === undefined) throw new Error(`The expression parser let an undefined value pass: ${name}`);
  return value;
}

/** ADD: to a number, or members to a set. */
function sum(existing: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (existing === undefined) return value;
  if ("N" in value && "N" in existing) return checkedNumber(add(existing.N, value.N));
  if ("SS" in value && "SS" in existing) return { SS: union(existing.SS, value.SS) };
  if ("NS" in value && "NS" in existing) return { NS: union(existing.NS, value.NS) };
  if ("BS" in value && "BS" in existing) return { BS: union(existing.BS, value.BS) };
  throw validationError(WRONG_TYPE);
}

/** DELETE: members from a set, which is gone with its last one. */
function difference(existing: AttributeValue | undefined, value: AttributeValue): AttributeValue | undefined {
  if (existing === undefined) return undefined;
  if ("SS" in value && "SS" in existing) return nonEmpty({ SS: without(existing.SS, value.SS) });
  if ("NS" in value && "NS" in existing) return nonEmpty({ NS: without(existing.NS, value.NS) });
  if ("BS" in value && "BS" in existing) return nonEmpty({ BS: without(existing.BS, value.BS) });
  throw validationError(WRONG_TYPE);
}

function nonEmpty(set: { SS: string[] } | { NS: string[] } | { BS: string[] }): AttributeValue | undefined {
  return Object.values(set)[0]?.length ? set : undefined;
}

function union(left: readonly string[], right: readonly string[]): string[] {
  return [...new Set([...left, ...right])];
}

function without(members: readonly string[], removed: readonly string[]): string[] {
  return members.filter((member) => !removed.includes(member));
}

/** A sum can need more than 38 digits, or leave the range of a number. */
function checkedNumber(text: string): AttributeValue {
  const value = { N: text };
  refuseIf(validateAttributeValue(value));
  return value;
}
