import { TemplateError } from "./syntax";

/** What a template computes with; objects are Java maps, arrays Java lists. */
export type VtlValue =
  | null
  | undefined
  | string
  | number
  | boolean
  | Builtin
  | readonly VtlValue[]
  | { readonly [key: string]: VtlValue };

/** An object that the gateway gives to templates, such as `$input`: what may be read, called and set on it. */
export abstract class Builtin {
  property(_name: string): VtlValue {
    return undefined;
  }

  /** @throws TemplateError when there is no such method */
  call(method: string, _args: readonly VtlValue[]): VtlValue {
    throw new TemplateError(`there is no method ${method}() here`);
  }

  /** @throws TemplateError when it cannot be set */
  assign(name: string, _value: VtlValue): void {
    throw new TemplateError(`"${name}" cannot be set here`);
  }
}

export function isList(value: VtlValue): value is readonly VtlValue[] {
  return Array.isArray(value);
}

export function isMap(value: VtlValue): value is { readonly [key: string]: VtlValue } {
  return typeof value === "object" && value !== null && !isList(value) && !(value instanceof Builtin);
}

/** Text as Java prints it: `{a=1, b=[2, 3]}` for maps and lists, which is not JSON. */
export function toJavaString(value: VtlValue): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "null";
  if (isList(value)) return `[${value.map(toJavaString).join(", ")}]`;
  if (isMap(value))
    return `{${Object.entries(value)
      .map(([key, member]) => `${key}=${toJavaString(member)}`)
      .join(", ")}}`;
  return value instanceof Builtin ? "" : String(value);
}

/** A member of a map, a list or an object of the gateway; never what JavaScript's prototypes would add. */
export function memberOf(target: VtlValue, key: VtlValue): VtlValue {
  if (target instanceof Builtin) return target.property(toJavaString(key));
  if (isList(target)) return typeof key === "number" ? target[key] : undefined;
  if (!isMap(target)) return undefined;
  const name = toJavaString(key);
  return Object.hasOwn(target, name) ? target[name] : undefined;
}
