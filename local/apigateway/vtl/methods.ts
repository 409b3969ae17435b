import { TemplateError } from "./syntax";
import { Builtin, isList, isMap, memberOf, toJavaString, type VtlValue } from "./values";

type Method<Target> = (target: Target, args: readonly VtlValue[]) => VtlValue;

/**
 * Calls a Java method on a value: those of `String`, `List` and `Map` that templates use.
 *
 * @throws TemplateError that names a method which is not supported
 */
export function callMethod(target: VtlValue, name: string, args: readonly VtlValue[]): VtlValue {
  if (target instanceof Builtin) return target.call(name, args);
  const [kind, result] =
    typeof target === "string"
      ? ["string", tryCall(STRING_METHODS, name, target, args)]
      : isList(target)
        ? ["list", tryCall(LIST_METHODS, name, target, args)]
        : isMap(target)
          ? ["map", tryCall(MAP_METHODS, name, target, args)]
          : [typeof target, tryCall(SCALAR_METHODS, name, target, args)];
  if (result === undefined) throw new TemplateError(`the method ${name}() of a ${kind} is not supported`);
  return result.value;
}

function tryCall<Target>(
  methods: Readonly<Record<string, Method<Target>>>,
  name: string,
  target: Target,
  args: readonly VtlValue[],
): { readonly value: VtlValue } | undefined {
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  return method && { value: method(target, args) };
}

const text = (args: readonly VtlValue[], index: number): string => toJavaString(args[index]);
const number = (args: readonly VtlValue[], index: number): number => Number(args[index]);

const STRING_METHODS: Readonly<Record<string, Method<string>>> = {
  charAt: (target, args) => target.charAt(number(args, 0)),
  concat: (target, args) => target + text(args, 0),
  contains: (target, args) => target.includes(text(args, 0)),
  endsWith: (target, args) => target.endsWith(text(args, 0)),
  equals: (target, args) => target === args[0],
  equalsIgnoreCase: (target, args) => target.toLowerCase() === text(args, 0).toLowerCase(),
  indexOf: (target, args) => target.indexOf(text(args, 0)),
  isEmpty: (target) => target === "",
  lastIndexOf: (target, args) => target.lastIndexOf(text(args, 0)),
  length: (target) => target.length,
  matches: (target, args) => javaRegExp(`^(?:${text(args, 0)})$`).test(target),
  replace: (target, args) => target.replaceAll(text(args, 0), () => text(args, 1)),
  replaceAll: (target, args) => target.replace(javaRegExp(text(args, 0), "g"), replacement(text(args, 1))),
  replaceFirst: (target, args) => target.replace(javaRegExp(text(args, 0)), replacement(text(args, 1))),
  split: (target, args) => withoutTrailingEmpty(target.split(javaRegExp(text(args, 0)))),
  startsWith: (target, args) => target.startsWith(text(args, 0)),
  substring: (target, args) =>
    args.length > 1 ? target.substring(number(args, 0), number(args, 1)) : target.substring(number(args, 0)),
  toLowerCase: (target) => target.toLowerCase(),
  toString: (target: string) => target,
  toUpperCase: (target) => target.toUpperCase(),
  trim: (target) => target.trim(),
};

const LIST_METHODS: Readonly<Record<string, Method<readonly VtlValue[]>>> = {
  contains: (target, args) => target.includes(args[0]),
  get: (target, args) => memberOf(target, args[0]),
  isEmpty: (target) => target.length === 0,
  size: (target) => target.length,
  toString: (target: readonly VtlValue[]) => toJavaString(target),
};

const MAP_METHODS: Readonly<Record<string, Method<{ readonly [key: string]: VtlValue }>>> = {
  containsKey: (target, args) => Object.hasOwn(target, text(args, 0)),
  entrySet: (target) => Object.entries(target).map(([key, value]) => ({ key, value })),
  get: (target, args) => memberOf(target, args[0]),
  isEmpty: (target) => Object.keys(target).length === 0,
  keySet: (target) => Object.keys(target),
  size: (target) => Object.keys(target).length,
  toString: (target: { readonly [key: string]: VtlValue }) => toJavaString(target),
  values: (target) => Object.values(target),
};

const SCALAR_METHODS: Readonly<Record<string, Method<VtlValue>>> = {
  equals: (target, args) => target === args[0],
  toString: (target: VtlValue) => toJavaString(target),
};

function javaRegExp(pattern: string, flags = ""): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch {
    throw new TemplateError(`the regular expression "${pattern}" is not supported`);
  }
}

/** Java takes a back reference as `$1` and any other character literally after a backslash. */
function replacement(template: string): (match: string, ...groups: unknown[]) => string {
  return (match, ...groups) =>
    template.replace(/\\(.)|\$(\d)/g, (_all, literal: string | undefined, group: string | undefined) =>
      literal !== undefined ? literal : group === "0" ? match : String(groups[Number(group) - 1] ?? ""),
    );
}

/** As `String.split` of Java does. */
function withoutTrailingEmpty(parts: readonly string[]): readonly string[] {
  let end = parts.length;
  while (end > 0 && parts[end - 1] === "") end -= 1;
  return parts.slice(0, end);
}
