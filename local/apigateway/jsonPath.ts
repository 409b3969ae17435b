/** A JSONPath expression that the local run does not evaluate. */
export class JsonPathError extends Error {}

const STEP = /\.([^.[\]*?()'"\s]+)|\['([^']+)'\]|\["([^"]+)"\]|\[(\d+)\]/y;

/**
 * Reads a definite JSONPath: `$`, `.name`, `['name']` and `[0]`.
 *
 * @returns `undefined` when the document has nothing there
 * @throws JsonPathError for anything else, such as a wildcard or a filter
 */
export function readPath(document: unknown, path: string): unknown {
  if (!path.startsWith("$")) throw new JsonPathError(`the JSONPath "${path}" does not start with $`);
  let value = document;
  let position = 1;
  while (position < path.length) {
    STEP.lastIndex = position;
    const step = STEP.exec(path);
    if (!step) throw new JsonPathError(`the JSONPath "${path}" is not supported: only names and indexes are`);
    position = STEP.lastIndex;
    value = member(value, step[1] ?? step[2] ?? step[3], step[4]);
  }
  return value;
}

function member(value: unknown, name: string | undefined, index: string | undefined): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return index === undefined ? undefined : (value as unknown[])[Number(index)];
  if (name === undefined || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
