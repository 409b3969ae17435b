import { parseFilterPattern } from "../../local/logs/filterPattern";
import { ADMINISTRATOR } from "../../local/aws/caller";
import { GROUP, LogsFixture } from "./support/logGroups";

function matching(pattern: string, messages: readonly string[]): string[] {
  const { matches } = parseFilterPattern(pattern);
  return messages.filter(matches);
}

describe("a pattern of terms", () => {
  const lines = ["ERROR one", "WARN two", "ERROR two", "error three"];

  it.each([
    ["", lines],
    ["ERROR", ["ERROR one", "ERROR two"]],
    ["ERROR two", ["ERROR two"]],
    ['"ERROR one"', ["ERROR one"]],
    ["?WARN ?three", ["WARN two", "error three"]],
    ["-ERROR", ["WARN two", "error three"]],
    ["ERROR -one", ["ERROR two"]],
    ["?WARN ERROR", ["ERROR one", "ERROR two"]],
    ["%[Ee]rror%", ["error three"]],
    ["%^ERROR.*two$%", ["ERROR two"]],
    ['"RR" "OR t"', ["ERROR two"]],
  ])("%s finds its lines, by their case", (pattern, expected) => {
    expect(matching(pattern, lines)).toEqual(expected);
  });

  it("finds a phrase with escaped quotation marks", () => {
    expect(matching('"say \\"hi\\""', ['say "hi"', "say hi"])).toEqual(['say "hi"']);
  });

  it.each([
    ["a-b", "Invalid character(s) in term 'a-b'"],
    ['"open', "Missing"],
    ["%a(b)%", "Invalid regular expression"],
    ["[ip, user]", "space-delimited"],
    ["x".repeat(1025), "1024"],
  ])("refuses %s", (pattern, text) => {
    expect(() => parseFilterPattern(pattern)).toThrow(text);
  });
});

describe("a pattern for JSON", () => {
  const documents = [
    { type: "TaskFailed", id: 5, details: { error: "E.Timeout", list: ["a", "b"] }, ok: true, "a.b": 1 },
    { type: "TaskSucceeded", id: 12, details: null, ok: false },
  ];
  const lines = [...documents.map((document) => JSON.stringify(document)), "TaskFailed but no JSON"];

  it.each([
    ['{ $.type = "TaskFailed" }', [0]],
    ["{ $.type = TaskFailed }", [0]],
    ['{ $.type = "Task*" }', [0, 1]],
    ['{ $.type != "TaskFailed" }', [1]],
    ["{ $.id = 5 }", [0]],
    ["{ $.id > 5 }", [1]],
    ["{ $.id >= 5 && $.id < 12 }", [0]],
    ['{ $.details.error = "E.*" }', [0]],
    ["{ $.details.error = %Time(out)?% }", null],
    ["{ $.details.error = %Time[o]ut% }", [0]],
    ['{ $.details.list[1] = "b" }', [0]],
    ["{ $.['a.b'] = 1 }", [0]],
    ["{ $.details IS NULL }", [1]],
    ["{ $.ok IS TRUE }", [0]],
    ["{ $.ok IS FALSE }", [1]],
    ["{ $.missing NOT EXISTS }", [0, 1]],
    ["{ $.details.error EXISTS }", [0]],
    ['{ ($.id = 12 || $.id = 5) && $.type = "*Failed" }', [0]],
    ['{ $.id = 12 || $.id = 5 && $.type = "none" }', [1]],
  ])("%s finds %j", (pattern, expected) => {
    if (expected === null) expect(() => parseFilterPattern(pattern)).toThrow("Invalid regular expression");
    else expect(matching(pattern, lines)).toEqual(expected.map((index) => lines[index]));
  });

  it.each([
    ["{ $.a = }", "value is expected"],
    ["{ a = 1 }", "property selector"],
    ["{ $.a ~ 1 }", "comparison"],
    ["{ $.a = 1", "closing brace"],
    ["{ ($.a = 1 }", "parenthesis"],
    ["{ $.a > x }", "number"],
    ["{ $.a[*].b = 1 }", "$.a[*].b"],
    ["{ $.a = 1 $.b = 2 }", "follows its end"],
  ])("refuses %s", (pattern, text) => {
    expect(() => parseFilterPattern(pattern)).toThrow(text);
  });
});

describe("a search in a group", () => {
  let logs: LogsFixture;

  beforeEach(async () => {
    logs = await LogsFixture.start();
  });

  afterEach(() => logs.stop());

  async function found(filterPattern: string): Promise<number> {
    const answer = await logs.logs.call(
      "FilterLogEvents",
      { logGroupName: GROUP, filterPattern },
      ADMINISTRATOR,
    );
    return (answer.events as unknown[]).length;
  }

  /** An event whose payload is a piece of its own, as Step Functions writes it. */
  function writeInPieces(payload: string): void {
    const message = ['{"input":', { quote: payload }, ',"name":"State"}'];
    logs.logs.write(GROUP, "s", [{ timestamp: logs.clock.now(), message }], ADMINISTRATOR);
  }

  it("finds a phrase that runs from one piece of a message into the next", async () => {
    writeInPieces("x".repeat(600));
    expect(await found('"\\"input\\":\\"xxx"')).toBe(1);
    expect(await found('"xxx\\",\\"name\\":\\"State\\""')).toBe(1);
    expect(await found('{ $.name = "State" && $.input = "xxx*" }')).toBe(1);
    expect(await found('"xxy"')).toBe(0);
  });

  it("finds what a quoted piece holds as the message shows it, with escapes", async () => {
    writeInPieces('{"order":"a-1","path":"c:\\\\temp"}');
    expect(await found('"\\\\\\"order\\\\\\":\\\\\\"a-1"')).toBe(1);
    expect(await found('"\\"order\\":"')).toBe(0);
    expect(await found('{ $.input = "*a-1*" }')).toBe(1);
    expect(await found("temp")).toBe(1);
  });

  it("finds what stands behind a line break in a quoted piece", async () => {
    writeInPieces("one\ntwo");
    expect(await found('"ntwo"')).toBe(1);
  });

  it("takes %, _ and \\ in a term as they are", async () => {
    logs.write(["100% of a_b\\c", "100x of axb-c"]);
    expect(await found('"100%"')).toBe(1);
    expect(await found('"a_b"')).toBe(1);
    expect(await found('"b\\\\c"')).toBe(1);
  });

  it("tells upper from lower case", async () => {
    logs.write(["Abc"]);
    expect(await found("Abc")).toBe(1);
    expect(await found("abc")).toBe(0);
  });

  it("finds a value whose JSON is written with escapes", async () => {
    logs.write(['{"a":"\\u0062-1"}', '{"a":"é\\n"}']);
    expect(await found('{ $.a = "é*" }')).toBe(1);
  });
});
