import validate from "asl-validator";
import jsonata from "jsonata";
import { workflowInput } from "../../contracts/workflowInput";
import { deliveryWorkflow } from "../../workflow/delivery";

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly MaxAttempts: number;
}

interface State {
  readonly Type: string;
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Next?: string;
}

interface Definition {
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<string, State>>;
}

/** The definition as Step Functions gets it: as JSON. */
function definition(): Definition {
  const targets = { topicArn: "arn:aws:sns:eu-west-1:123456789012:order-events-1", tableName: "orders-1" };
  return JSON.parse(JSON.stringify(deliveryWorkflow(targets))) as Definition;
}

const tasks = Object.entries(definition().States).filter(([, { Type }]) => Type === "Task");

/** All expressions in a definition, without their brackets. */
function expressionsIn(value: unknown): string[] {
  if (typeof value === "string") return value.startsWith("{%") ? [value.slice(2, -2).trim()] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(expressionsIn);
}

/** The longest that a state and its retries take, without jitter, which only shortens the waits. */
function longestSeconds({ TimeoutSeconds = 0, Retry = [] }: State): number {
  const waits = Retry.flatMap(
    ({ IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Infinity, MaxAttempts }) =>
      Array.from({ length: MaxAttempts }, (_, attempt) =>
        Math.min(IntervalSeconds * BackoffRate ** attempt, MaxDelaySeconds),
      ),
  );
  return (waits.length + 1) * TimeoutSeconds + waits.reduce((sum, seconds) => sum + seconds, 0);
}

/** The longest that any path from a state to an end takes. */
function longestPathSeconds(states: Definition["States"], name: string): number {
  const state = states[name];
  if (state === undefined) throw new Error(`There is no state ${name}.`);
  const caught = (state.Catch ?? []).map(({ Next }) => Next);
  const nexts = [...caught, ...(state.Next === undefined ? [] : [state.Next])];
  return longestSeconds(state) + Math.max(0, ...nexts.map((next) => longestPathSeconds(states, next)));
}

test("the definition is valid Amazon States Language", () => {
  expect(validate(definition()).errorsText()).toBe("");
  const broken = { ...definition(), StartAt: "Nowhere" };
  expect(validate(broken).isValid).toBe(false);
});

test("the worst path through the states ends before the machine's timeout, which no Catch would see", () => {
  const { StartAt, States, TimeoutSeconds } = definition();
  const worst = longestPathSeconds(States, StartAt);
  // 7 attempts to publish, 5 to record the delivery, 5 to record the failure, each of 5 s, and the waits between.
  expect(worst).toBe(7 * 5 + 51 + (5 * 5 + 15) + (5 * 5 + 15));
  expect(worst).toBeLessThan(TimeoutSeconds);
});

test("the machine's timeout is within the 5 minutes of an EXPRESS execution", () => {
  expect(definition().TimeoutSeconds).toBeLessThanOrEqual(300);
});

test.each(tasks)(
  "%s has a timeout, retries, and catches what is left",
  (_name, { TimeoutSeconds, Retry, Catch }) => {
    expect(TimeoutSeconds).toBeGreaterThan(0);
    expect(Retry?.at(-1)).toMatchObject({ ErrorEquals: ["States.ALL"], JitterStrategy: "FULL" });
    expect(Catch?.at(-1)?.ErrorEquals).toEqual(["States.ALL"]);
  },
);

test("States.ALL stands alone, and last", () => {
  for (const [, { Retry = [], Catch = [] }] of tasks)
    for (const handlers of [Retry, Catch])
      handlers.forEach(({ ErrorEquals }, index) => {
        const expected =
          index === handlers.length - 1 ? ["States.ALL"] : expect.not.arrayContaining(["States.ALL"]);
        expect(ErrorEquals).toEqual(expected);
      });
});

test("every expression is JSONata that takes its data from $states or a variable", () => {
  const expressions = expressionsIn(definition());
  expect(expressions.length).toBeGreaterThan(10);
  for (const expression of expressions) {
    expect(() => jsonata(expression)).not.toThrow();
    expect(expression).toMatch(/^(\$states\.|\$messageId$|\$error$|\$lastError$|\$substring\(\$states\.)/);
  }
});

test("every field of the input that the expressions read is in the input's contract", () => {
  const used = JSON.stringify(definition()).matchAll(/\$states\.input\.([A-Za-z.]+)/g);
  const { attributes, ...fields } = workflowInput.shape;
  const known = [
    ...Object.keys(fields),
    ...Object.keys(attributes.shape).map((name) => `attributes.${name}`),
  ];
  expect([...new Set([...used].map(([, path]) => path))].sort()).toEqual(known.sort());
});
