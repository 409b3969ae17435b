import type { AwsDocument } from "./api";
import { AwsError } from "./error";
import type { Shape, Structure } from "./queryShapes";

/** More than any documented request has: ten entries with ten attributes each. */
const MOST_PARAMETERS = 1000;
const DEEPEST_NAME = 8;
const PLUS = 0x2b;
const SPACE = 0x20;
/** What every request may carry besides its action's parameters (API reference, "Common Parameters"). */
const COMMON_PARAMETERS = new Set([
  "Action",
  "AWSAccessKeyId",
  "Expires",
  "SecurityToken",
  "Signature",
  "SignatureMethod",
  "SignatureVersion",
  "Timestamp",
  "Version",
]);

const malformed = (message: string) => new AwsError("MalformedQueryString", message, 404);
const invalidParameter = (message: string) => new AwsError("InvalidQueryParameter", message, 400);
const malformedInput = (message: string) => new AwsError("MalformedInput", message, 400);

/**
 * Reads a form (`application/x-www-form-urlencoded`).
 *
 * @throws AwsError `MalformedQueryString` for a broken escape, `InvalidQueryParameter` for a name that occurs twice:
 * it could be one that a client smuggled into a template
 */
export function parseForm(body: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of body.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = unescapeForm(equals < 0 ? pair : pair.slice(0, equals));
    if (parameters.has(name)) throw invalidParameter(`The parameter ${name} occurs more than once.`);
    if (parameters.size >= MOST_PARAMETERS) throw malformed("The request has too many parameters.");
    parameters.set(name, equals < 0 ? "" : unescapeForm(pair.slice(equals + 1)));
  }
  return parameters;
}

function unescapeForm(text: string): string {
  const spaced = text.includes("+") ? withSpaces(text) : text;
  // Most names and values have no escape: looking costs a tenth of decoding.
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw malformed("The request holds a broken percent escape.");
  }
}

/** By bytes: for a megabyte of plus signs `replaceAll` takes thirty times as long. */
function withSpaces(text: string): string {
  const bytes = Buffer.from(text);
  for (let at = bytes.indexOf(PLUS); at >= 0; at = bytes.indexOf(PLUS, at + 1)) bytes[at] = SPACE;
  return bytes.toString();
}

/** Parameters by the parts of their dotted names. */
interface Branch {
  value: string | undefined;
  /** Made for the first child: most branches are leaves. */
  children: Map<string, Branch> | undefined;
}

const NO_CHILDREN: ReadonlyMap<string, Branch> = new Map();

/**
 * Puts a form's parameters into the shape that the JSON protocol has.
 *
 * @throws AwsError `InvalidQueryParameter` for a parameter that the action does not have, `MalformedInput` for a value
 * that is not of its type
 */
export function decodeParameters(parameters: ReadonlyMap<string, string>, input: Structure): AwsDocument {
  const root: Branch = { value: undefined, children: undefined };
  for (const [name, value] of parameters) if (!COMMON_PARAMETERS.has(name)) grow(root, name, value);
  return decodeStructure(root, input, "");
}

/** Slices instead of `split`, which costs twice as much: this runs for every parameter of every request. */
function grow(root: Branch, name: string, value: string): void {
  let branch = root;
  let start = 0;
  for (let depth = 1; ; depth += 1) {
    if (depth > DEEPEST_NAME) throw invalidParameter(`The parameter ${name} is not valid for this action.`);
    const dot = name.indexOf(".", start);
    branch = childOf(branch, dot < 0 ? name.slice(start) : name.slice(start, dot));
    if (dot < 0) break;
    start = dot + 1;
  }
  branch.value = value;
}

function childOf(branch: Branch, part: string): Branch {
  branch.children ??= new Map();
  let child = branch.children.get(part);
  if (child === undefined) branch.children.set(part, (child = { value: undefined, children: undefined }));
  return child;
}

function decode(branch: Branch, shape: Shape, path: string): unknown {
  switch (shape.kind) {
    case "structure":
      return decodeStructure(branch, shape, `${path}.`);
    case "list":
      return elements(branch, shape.flat ? undefined : shape.item, path).map(
        ({ element, path: elementPath }) => decode(element, shape.of, elementPath),
      );
    case "map":
      return decodeMap(branch, shape, path);
    default:
      return decodeScalar(branch, shape.kind, path);
  }
}

function decodeStructure(branch: Branch, shape: Structure, prefix: string): AwsDocument {
  if (branch.value !== undefined && prefix !== "") throw invalidParameter(`${prefix} takes no value itself.`);
  const document: Record<string, unknown> = {};
  for (const [wireName, child] of branch.children ?? NO_CHILDREN) {
    const member = shape.byWireName.get(wireName);
    if (member === undefined)
      throw invalidParameter(`The parameter ${prefix}${wireName} is not valid for this action.`);
    document[member.name] = decode(child, member.shape, prefix + wireName);
  }
  return document;
}

function decodeMap(branch: Branch, shape: Extract<Shape, { kind: "map" }>, path: string): AwsDocument {
  const map = new Map<string, unknown>();
  for (const { element, path: elementPath } of elements(branch, shape.flat ? undefined : shape.entry, path)) {
    const { children = NO_CHILDREN } = element;
    const key = children.get(shape.key)?.value;
    const value = children.get(shape.value);
    if (key === undefined || value === undefined || children.size > 2)
      throw invalidParameter(`${elementPath} must have a ${shape.key} and a ${shape.value}.`);
    if (map.has(key)) throw invalidParameter(`${path} names ${key} more than once.`);
    map.set(key, decode(value, shape.of, `${elementPath}.${shape.value}`));
  }
  return Object.fromEntries(map);
}

interface Element {
  readonly number: number;
  readonly element: Branch;
  /** Its name so far, for errors. */
  readonly path: string;
}

/** The numbered elements of a list or map, in the order of their numbers. */
function elements(branch: Branch, item: string | undefined, path: string): readonly Element[] {
  // An SDK writes an empty list as a parameter without a value.
  const { children = NO_CHILDREN } = branch;
  if (branch.value === "" && children.size === 0) return [];
  const list = item === undefined ? branch : children.get(item);
  const strays = item === undefined ? 0 : children.size - (list ? 1 : 0);
  if (branch.value !== undefined || list?.value !== undefined || list === undefined || strays > 0)
    throw invalidParameter(`${path} must be a list: ${path}${item ? `.${item}` : ""}.1 and so on.`);
  const numbered: Element[] = [];
  for (const [digits, element] of list.children ?? NO_CHILDREN) {
    if (!/^[1-9]\d{0,3}$/.test(digits)) throw invalidParameter(`${path}.${digits} is no numbered element.`);
    numbered.push({ number: Number(digits), element, path: `${path}.${digits}` });
  }
  return numbered.sort((a, b) => a.number - b.number);
}

function decodeScalar(branch: Branch, kind: "string" | "integer" | "boolean", path: string): unknown {
  const { value } = branch;
  if (value === undefined || branch.children) throw invalidParameter(`${path} must be a ${kind}.`);
  if (kind === "string") return value;
  if (kind === "boolean") {
    if (value !== "true" && value !== "false") throw malformedInput(`${path} must be true or false.`);
    return value === "true";
  }
  if (!/^-?\d{1,15}$/.test(value)) throw malformedInput(`${path} must be a whole number.`);
  return Number(value);
}
