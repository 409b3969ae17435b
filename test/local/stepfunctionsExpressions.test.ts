import { Clock } from "../../local/clock";
import { compileExpression, type Bindings } from "../../local/stepfunctions/expression";
import { EvaluationError } from "../../local/stepfunctions/stateError";

const clock = new Clock();

const INPUT = {
  text: "x",
  empty: "",
  zero: 0,
  no: false,
  nothing: null,
  object: { a: { b: 1 } },
  emptyObject: {},
  list: [{ a: 1 }, { a: [2, 3] }, { b: 4 }],
  one: [{ a: 1 }],
  ofOne: ["x"],
  emptyList: [],
  lists: [[1], [2, 3]],
  "with space": "y",
};
const BINDINGS: Bindings = {
  states: { input: INPUT, context: { Execution: { Id: "arn:1" } } },
  count: 3,
  names: ["a", "b"],
};

/** What the expression gives, or the reason why it fails, which quotes the expression. */
async function outcomeOf(source: string): Promise<{ value: unknown } | { reason: string }> {
  try {
    return { value: await compileExpression(source, "Output", clock).evaluate(BINDINGS) };
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return { reason: error.reason.replace(`'${source}'`, "the expression") };
  }
}

/** Every place below `$states.input`, places that are not there, variables and functions. */
const PATHS = [
  "$states",
  "$states.input",
  "$states.context.Execution.Id",
  ...Object.keys(INPUT).map((name) => `$states.input.\`${name}\``),
  "$states.input.object.a",
  "$states.input.object.a.b",
  "$states.input.object.a.b.c",
  "$states.input.list.a",
  "$states.input.list.b",
  "$states.input.list.c",
  "$states.input.one.a",
  "$states.input.text.length",
  "$states.input.nothing.a",
  "$states.input.missing",
  "$states.input.missing.deeper",
  "$states.input.constructor",
  "$states.input.toString",
  "$states.result",
  "$count",
  "$names",
  "$names.length",
  "$missing",
  "$missing.a",
  "$string",
  "$string.a",
];

describe("a path is read as JSONata reads it:", () => {
  // In parentheses it is a block, which is always left to JSONata.
  test.each(PATHS)("%s", async (path) => {
    expect(await outcomeOf(path)).toEqual(await outcomeOf(`(${path})`));
  });
});

test.each([
  ["$states.input.object.a.b", 1],
  ["$states.input.`with space`", "y"],
  ["$states.input.ofOne", ["x"]],
  ["$states.input.nothing", null],
  ["$count", 3],
])("%s gives %j", async (path, value) => {
  expect(await outcomeOf(path)).toEqual({ value });
});

test("an array on the way is mapped over", async () => {
  expect(await outcomeOf("$states.input.list.a")).toEqual({ value: [1, 2, 3] });
});

test("a place that is not there is an error", async () => {
  expect(await outcomeOf("$states.input.missing")).toEqual({
    reason: expect.stringContaining("returned nothing (undefined)"),
  });
});
