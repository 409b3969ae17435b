/** Members that hold what customers posted: names, addresses. */
const PERSONAL = new Set(["input", "output", "parameters", "result", "order", "message"]);

/** A reader's answer without personal data. */
export function withoutPersonalData(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, member: unknown) => (PERSONAL.has(key) ? undefined : member)),
  );
}
