/** What of the tests' orders is personal: nothing that a function writes may hold it. */
export const PERSONAL_DATA = /Ada Buyer|1 High Street|LS1 1AA/;

/** A line that a function wrote, parsed. */
export type LogLine = Readonly<Record<string, unknown>>;

export interface Observed<Result> {
  readonly result: Result;
  /** What the function logged. */
  readonly logs: readonly LogLine[];
  /** Its embedded metrics: a log line that CloudWatch makes metrics of. */
  readonly metrics: readonly LogLine[];
  /** Everything as it was written. */
  readonly text: string;
}

/** Runs an invocation and reads what it writes to standard output and standard error. */
export async function observe<Result>(invocation: () => Promise<Result>): Promise<Observed<Result>> {
  let text = "";
  const collect = (chunk: unknown) => {
    text += String(chunk);
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, "write").mockImplementation(collect),
  );
  const result = await invocation().finally(() => spies.forEach((spy) => spy.mockRestore()));
  const lines = text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as LogLine);
  return {
    result,
    logs: lines.filter((line) => line["_aws"] === undefined),
    metrics: lines.filter((line) => line["_aws"] !== undefined),
    text,
  };
}
