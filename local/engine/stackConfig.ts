import { YAMLException, load } from "js-yaml";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { describeIssues, type ItemsType, matchesType, typeName, VALUE_TYPES } from "./configTypes";

/** A stack's configuration cannot be used; the message is one line for the person who runs the stack. */
export class StackConfigError extends Error {
  override readonly name = "StackConfigError";
}

/** What `pulumi up` would hand to the program. */
export interface StackConfig {
  readonly project: string;
  readonly stack: string;
  /** By full key (`namespace:name`); lists and maps as JSON. */
  readonly values: Readonly<Record<string, string>>;
  /** The keys whose value is secret. */
  readonly secretKeys: readonly string[];
}

export interface StackConfigSource {
  /** The folder of `Pulumi.yaml` and `Pulumi.STACK.yaml`. */
  readonly directory: string;
  readonly stack: string;
  /** Values that replace the stack's, as `pulumi config set` would; a key without a namespace is the project's. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Decrypts the `secure:` value of a key. Without it such a value is an error. */
  readonly decrypt?: (key: string, ciphertext: string) => string;
}

const itemsSchema: z.ZodType<ItemsType> = z.lazy(() =>
  z.strictObject({ type: z.enum(VALUE_TYPES), items: itemsSchema.optional() }),
);
const declarationSchema = z.strictObject({
  type: z.enum(VALUE_TYPES).optional(),
  description: z.string().optional(),
  items: itemsSchema.optional(),
  default: z.unknown().optional(),
  value: z.unknown().optional(),
  secret: z.boolean().default(false),
});
const projectSchema = z.object({
  name: z.string().min(1),
  config: z.record(z.string(), z.unknown()).nullish(),
});
const stackSchema = z.strictObject({
  config: z.record(z.string(), z.unknown()).nullish(),
  encryptionsalt: z.string().optional(),
  encryptedkey: z.string().optional(),
  secretsprovider: z.string().optional(),
});
const secureSchema = z.strictObject({ secure: z.string() });

type Declaration = z.infer<typeof declarationSchema>;

/**
 * Reads the configuration of a stack as the Pulumi CLI does (pulumi/pulumi, sdk/go/common/workspace: project.go and
 * config.go): the project's defaults and values, then the stack's; declared types are checked.
 *
 * @throws StackConfigError for a stack that does not exist, a file that is not understood, a value that is missing, of the
 *   wrong type, or encrypted
 */
export function loadStackConfig(source: StackConfigSource): StackConfig {
  const stackFile = findStackFile(source);
  const project = parseFile(source.directory, "Pulumi.yaml", projectSchema);
  const stackValues = parseFile(source.directory, stackFile, stackSchema).config ?? {};
  const declarations = declarationsOf(project.name, project.config ?? {});
  const context = { project: project.name, stackFile, stack: source.stack, decrypt: source.decrypt };

  const reader = new ValueReader(context);
  for (const [key, value] of Object.entries({ ...stackValues, ...source.config })) reader.set(key, value);
  reader.complete(declarations);
  return {
    project: project.name,
    stack: source.stack,
    values: reader.values,
    secretKeys: [...reader.secretKeys],
  };
}

/** @throws StackConfigError with the remedy when the stack does not say in which region it is */
export function regionOf(config: StackConfig): string {
  const region = config.values["aws:region"];
  if (region === undefined)
    throw new StackConfigError(
      `Stack "${config.stack}" does not say its AWS region. Set "aws:region" under "config:" in Pulumi.${config.stack}.yaml.`,
    );
  return region;
}

/** The stacks that have a file in a project's folder, sorted. */
export function stackNames(directory: string): string[] {
  return stackFiles(directory)
    .map(({ name }) => name)
    .sort();
}

function stackFiles(directory: string): { readonly file: string; readonly name: string }[] {
  return readdirSync(directory).flatMap((file) => {
    const name = /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1];
    return name === undefined ? [] : [{ file, name }];
  });
}

function findStackFile({ directory, stack }: StackConfigSource): string {
  const found = stackFiles(directory).find(({ name }) => name === stack);
  if (found !== undefined) return found.file;
  const known = stackNames(directory);
  const remedy = known.length === 0 ? `add Pulumi.${stack}.yaml` : `choose one of ${known.join(", ")}`;
  throw new StackConfigError(`There is no stack "${stack}" in ${directory}: ${remedy}.`);
}

function parseFile<T>(directory: string, file: string, schema: z.ZodType<T>): T {
  let content: unknown;
  try {
    content = load(readFileSync(join(directory, file), "utf8")) ?? {};
  } catch (error) {
    if (!(error instanceof YAMLException))
      throw new StackConfigError(`${file} cannot be read in ${directory}.`);
    const line = error.mark === undefined ? "" : ` in line ${error.mark.line + 1}`;
    throw new StackConfigError(`${file} is not valid YAML: ${error.reason}${line}. Correct the file.`);
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new StackConfigError(`${file} is not understood: ${describeIssues(parsed.error)}. Correct the file.`);
}

function fullKey(project: string, key: string): string {
  return key.includes(":") ? key : `${project}:${key}`;
}

function declarationsOf(
  project: string,
  config: Readonly<Record<string, unknown>>,
): Map<string, Declaration> {
  return new Map(
    Object.entries(config).map(([key, declared]) => [
      fullKey(project, key),
      readDeclaration(project, key, declared),
    ]),
  );
}

function readDeclaration(project: string, key: string, declared: unknown): Declaration {
  const ofProject = fullKey(project, key).startsWith(`${project}:`);
  const isShorthand = typeof declared !== "object" || declared === null || Array.isArray(declared);
  // A bare value is a default for the project's own key, a value for any other namespace.
  const parsed = declarationSchema.safeParse(
    isShorthand ? { [ofProject ? "default" : "value"]: declared } : declared,
  );
  const refuse = (problem: string): never => {
    throw new StackConfigError(`Pulumi.yaml: the configuration key "${key}" ${problem}.`);
  };
  if (!parsed.success) return refuse(`is not understood: ${describeIssues(parsed.error)}`);
  const { type, items, default: fallback, value } = parsed.data;
  if (fallback !== undefined && value !== undefined) refuse('has both "default" and "value"; leave one out');
  if (!ofProject && (type !== undefined || fallback !== undefined || value === undefined))
    refuse('belongs to another namespace than the project: give it a "value", and no "type" or "default"');
  if (type === "array" && items === undefined) refuse('is an array; say of what with "items"');
  if (type !== undefined && fallback !== undefined && !matchesType(fallback, type, items))
    refuse(`has a default that is not of its type ${typeName(type, items)}`);
  return parsed.data;
}

interface ReaderContext {
  readonly project: string;
  readonly stack: string;
  readonly stackFile: string;
  readonly decrypt: StackConfigSource["decrypt"];
}

/** Collects the values of one stack. */
class ValueReader {
  readonly values: Record<string, string> = {};
  readonly secretKeys = new Set<string>();
  private readonly plain = new Map<string, unknown>();

  constructor(private readonly context: ReaderContext) {}

  set(key: string, value: unknown): void {
    const full = fullKey(this.context.project, key);
    if (value === null || value === undefined) this.refuse(full, "has no value");
    const decrypted = this.decrypt(full, value);
    this.plain.set(full, decrypted);
    this.values[full] = asText(decrypted);
  }

  /** Fills in what the project gives and checks what it declares. */
  complete(declarations: ReadonlyMap<string, Declaration>): void {
    const missing: string[] = [];
    for (const [key, declaration] of declarations) {
      const given = declaration.value ?? declaration.default;
      if (!this.plain.has(key) && given === undefined) missing.push(key);
      else if (!this.plain.has(key)) this.set(key, given);
      if (this.plain.has(key)) this.check(key, declaration);
    }
    if (missing.length > 0)
      throw new StackConfigError(
        `Stack "${this.context.stack}" is missing required configuration: ${missing.join(", ")}. ` +
          `Set ${missing.length === 1 ? "it" : "them"} under "config:" in ${this.context.stackFile}.`,
      );
  }

  private check(key: string, { type, items, secret }: Declaration): void {
    if (secret && !this.secretKeys.has(key)) this.refuse(key, "is declared secret and must be encrypted");
    if (type === undefined) return;
    const value = this.plain.get(key);
    // The CLI keeps scalars as text, so 5 and "5" are one and the same to it.
    const compared = typeof value === "object" ? value : String(value);
    if (!matchesType(compared, type, items))
      this.refuse(key, `must be of type ${typeName(type, items)}${this.quote(key, value)}`);
  }

  private quote(key: string, value: unknown): string {
    return this.secretKeys.has(key) ? "" : `, and is ${JSON.stringify(value)}`;
  }

  private decrypt(key: string, value: unknown): unknown {
    const secure = secureSchema.safeParse(value);
    if (secure.success) {
      this.secretKeys.add(key);
      if (this.context.decrypt !== undefined) return this.context.decrypt(key, secure.data.secure);
      return this.refuse(
        key,
        "is encrypted and cannot be decrypted locally: use a stack without secure values",
      );
    }
    if (Array.isArray(value)) return value.map((item) => this.decrypt(key, item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.decrypt(key, item)]));
  }

  private refuse(key: string, problem: string): never {
    throw new StackConfigError(
      `Stack "${this.context.stack}": the configuration key "${key}" ${problem}. Correct it in ${this.context.stackFile}.`,
    );
  }
}

function asText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
