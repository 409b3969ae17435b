/** How the Pulumi SDK tags values that JSON has no word for (@pulumi/pulumi/runtime/rpc). */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e";

/** What stands for a value that is only known after the deployment; a preview's inputs and outputs hold it. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Wraps a value the way a provider marks an output as secret. */
export function asSecret(value: unknown): unknown {
  return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

/**
 * A wire value as plain JSON: secrets are unwrapped, a reference to a resource becomes its id (its URN when it is a
 * component). Assets and archives keep their tagged form: `{ text }` or `{ path }`, archives `{ assets }` or `{ path }`.
 */
export function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== "object" || value === null) return value;
  const tagged = value as Readonly<Record<string, unknown>>;
  if (tagged[SIGNATURE_KEY] === SECRET_SIGNATURE) return plainValue(tagged.value);
  if (tagged[SIGNATURE_KEY] === RESOURCE_SIGNATURE) return tagged.id ?? tagged.urn;
  return plainProperties(tagged);
}

/** `plainValue` of every property. */
export function plainProperties(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, plainValue(value)]));
}

/**
 * Properties as the engine hands them on to who does not know references to resources: a reference becomes its id (its URN
 * when it is a component), and what is the engine's own (`__...`) is left out; secrets and assets stay tagged.
 */
export function withoutReferences(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = Object.entries(properties).filter(([name]) => !name.startsWith("__"));
  return Object.fromEntries(own.map(([name, value]) => [name, withoutReference(value)]));
}

function withoutReference(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutReference);
  if (typeof value !== "object" || value === null) return value;
  const tagged = value as Readonly<Record<string, unknown>>;
  if (tagged[SIGNATURE_KEY] === RESOURCE_SIGNATURE) return tagged.id ?? tagged.urn;
  return withoutReferences(tagged);
}
