import { executionsOf, LONGEST_EXECUTION_MS } from "../../ops/history/executions";
import { parseExecutionEvent, type ExecutionEvent } from "../../ops/history/logEvent";
import type { ExecutionHistory } from "../../ops/history/model";

const ARN = "arn:aws:states:eu-west-1:123456789012:express:deliver-orders:0193-1:5ad1";
const START = 1_763_600_000_000;
const INPUT = { text: '{"customerId":"c-1","orderId":"0193"}', truncated: false };

/** An event of an execution; each is 10 ms after the one before. */
function event(id: number, type: string, details: Partial<ExecutionEvent> = {}): ExecutionEvent {
  return { executionArn: ARN, id, type, at: START + id * 10, ...details };
}

const task = (name: string) => ({ name, input: INPUT });

/** A delivery that needs two attempts to publish. */
const DELIVERED: readonly ExecutionEvent[] = [
  event(1, "ExecutionStarted", { input: INPUT }),
  event(2, "TaskStateEntered", task("PublishOrder")),
  event(3, "TaskScheduled", { parameters: INPUT }),
  event(4, "TaskStarted"),
  event(5, "TaskFailed", { error: "SNS.InternalErrorException", cause: "down" }),
  event(6, "TaskScheduled", { parameters: INPUT }),
  event(7, "TaskStarted"),
  event(8, "TaskSucceeded", { output: { text: '{"MessageId":"m-1"}', truncated: false } }),
  event(9, "TaskStateExited", { name: "PublishOrder", output: INPUT }),
  event(10, "SucceedStateEntered", task("Done")),
  event(11, "SucceedStateExited", { name: "Done", output: INPUT }),
  event(12, "ExecutionSucceeded", { output: INPUT }),
];

function executionOf(
  events: readonly ExecutionEvent[],
  recorded: readonly string[] = [ARN],
): ExecutionHistory {
  const [execution, ...others] = executionsOf(events, recorded, START + 3_600_000);
  expect(others).toEqual([]);
  if (!execution) throw new Error("There is no execution.");
  return execution;
}

const without = (...ids: number[]) => DELIVERED.filter(({ id }) => !ids.includes(id));
const visits = ({ states }: ExecutionHistory) => states.map(({ name, status }) => [name, status]);

it("tells an execution's states, their attempts and its outcome", () => {
  const execution = executionOf(DELIVERED);
  expect(execution).toMatchObject({
    name: "0193-1",
    status: "SUCCEEDED",
    customerId: "c-1",
    startedAt: START + 10,
    endedAt: START + 120,
    missing: [],
  });
  expect(visits(execution)).toEqual([
    ["PublishOrder", "succeeded"],
    ["Done", "succeeded"],
  ]);
  expect(execution.states[0]?.attempts).toMatchObject([
    {
      outcome: "failed",
      startedAt: START + 30,
      endedAt: START + 50,
      error: "SNS.InternalErrorException",
      cause: "down",
    },
    { outcome: "succeeded", startedAt: START + 60, endedAt: START + 80, messageId: "m-1" },
  ]);
});

it("is the same whatever the order of the events, and if some come twice", () => {
  const shuffled = [...DELIVERED].reverse();
  expect(executionOf([...shuffled, ...DELIVERED])).toEqual(executionOf(DELIVERED));
});

it.each<[string, number[], object[]]>([
  ["in the middle", [4, 5, 6], [{ from: 4, to: 6 }]],
  ["at the start", [1], [{ from: 1, to: 1 }]],
  [
    "in several places",
    [1, 2, 7],
    [
      { from: 1, to: 2 },
      { from: 7, to: 7 },
    ],
  ],
  ["at the end", [11, 12], [{ from: 11 }]],
  ["everywhere", DELIVERED.map(({ id }) => id), [{ from: 1 }]],
])("shows events that are missing %s as gaps", (_where, ids, missing) => {
  expect(executionOf(without(...ids)).missing).toEqual(missing);
});

it("knows of an execution that only the record names", () => {
  expect(executionOf([])).toMatchObject({ name: "0193-1", status: "UNKNOWN", recorded: true, states: [] });
});

it("names a state whose entry is missing by its exit", () => {
  expect(visits(executionOf(without(2)))).toEqual([
    ["PublishOrder", "succeeded"],
    ["Done", "succeeded"],
  ]);
});

it("does not make one visit of two when the exit of the first is missing", () => {
  expect(visits(executionOf(without(9)))).toEqual([
    ["PublishOrder", "unknown"],
    ["Done", "succeeded"],
  ]);
});

it("leaves an attempt open whose end is missing", () => {
  const [publish] = executionOf(without(5)).states;
  expect(publish?.attempts.map(({ outcome }) => outcome)).toEqual(["unknown", "succeeded"]);
});

it("tells a failure that was caught from one that ended the execution", () => {
  const failed = [
    ...DELIVERED.slice(0, 5),
    event(6, "TaskStateExited", { name: "PublishOrder", output: INPUT }),
    event(7, "FailStateEntered", task("DeliveryFailed")),
    event(8, "ExecutionFailed", { error: "SNS.InternalErrorException", cause: "down" }),
  ];
  const execution = executionOf(failed);
  expect(execution).toMatchObject({ status: "FAILED", error: "SNS.InternalErrorException", cause: "down" });
  expect(visits(execution)).toEqual([
    ["PublishOrder", "caught"],
    ["DeliveryFailed", "failed"],
  ]);
});

it("calls a task's timeout by the name that a Catch would see", () => {
  const [publish] = executionOf([...DELIVERED.slice(0, 4), event(5, "TaskTimedOut")]).states;
  expect(publish?.attempts).toMatchObject([{ outcome: "timed out", error: "States.Timeout" }]);
});

it("takes an execution without an end for running as long as one can run", () => {
  const begun = DELIVERED.slice(0, 5);
  const last = START + 50;
  const at = (now: number) => executionsOf(begun, [], now)[0];
  expect(at(last + LONGEST_EXECUTION_MS - 1)).toMatchObject({ status: "RUNNING", missing: [] });
  expect(at(last + LONGEST_EXECUTION_MS - 1)?.states).toMatchObject([{ status: "waiting" }]);
  expect(at(last + LONGEST_EXECUTION_MS)).toMatchObject({ status: "UNKNOWN", missing: [{ from: 6 }] });
});

it("takes an execution that the record names for ended, even without an end in the log", () => {
  const [execution] = executionsOf(DELIVERED.slice(0, 5), [ARN], START + 60);
  expect(execution).toMatchObject({ status: "UNKNOWN", recorded: true });
});

it("reads the customer from an input that was cut off", () => {
  const input = { text: '{"customerId":"c-\\"1\\"","orderId":"01', truncated: true };
  expect(executionOf([event(1, "ExecutionStarted", { input })]).customerId).toBe('c-"1"');
});

it("keeps several executions apart, in the order in which they started", () => {
  const second = ARN.replace("0193-1:5ad1", "0193-2:77e0");
  const events = [
    ...DELIVERED.map((one) => ({ ...one, executionArn: second, at: one.at + 1_000 })),
    ...DELIVERED,
  ];
  expect(executionsOf(events, [second, ARN], START).map(({ name }) => name)).toEqual(["0193-1", "0193-2"]);
});

describe("a line of the log", () => {
  const LINE = {
    id: "4",
    type: "TaskStarted",
    details: { resource: "publish", resourceType: "sns" },
    previous_event_id: "3",
    event_timestamp: "1763600000040",
    execution_arn: ARN,
  };

  it("is read as Step Functions writes it", () => {
    expect(parseExecutionEvent(JSON.stringify(LINE))).toEqual({
      executionArn: ARN,
      id: 4,
      type: "TaskStarted",
      at: 1_763_600_000_040,
    });
  });

  it("says when a payload was cut off", () => {
    const details = { input: '{"a":', inputDetails: { truncated: true } };
    expect(parseExecutionEvent(JSON.stringify({ ...LINE, details }))?.input).toEqual({
      text: '{"a":',
      truncated: true,
    });
  });

  it.each(["", "not JSON", "null", "{}", JSON.stringify({ ...LINE, id: "x" })])("is skipped: %j", (line) => {
    expect(parseExecutionEvent(line)).toBeUndefined();
  });
});
