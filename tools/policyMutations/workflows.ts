import { behind } from "./behind";
import { editing, removing, setting, without, type Edit, type MutationRule } from "./mutation";

const MACHINE = "aws:sfn/stateMachine:StateMachine";
const GROUP = "aws:cloudwatch/logGroup:LogGroup";

const LOGGING = "states-express-logging";
const RETENTION = "states-log-retention";

type State = Readonly<Record<string, unknown>>;
type States = Readonly<Record<string, State>>;

interface Machine {
  readonly States: States;
}

/** Changes each Task of a state machine in turn: a fault in it, and the same in a branch of a Parallel state. */
function eachTask(policy: string, faults: Readonly<Record<string, State>>): MutationRule {
  return editing<Machine>(policy, MACHINE, "definition", (machine) =>
    Object.entries(machine.States)
      .filter(([, state]) => state["Type"] === "Task")
      .flatMap(([name, state]) =>
        Object.entries(faults).flatMap(([what, fields]) =>
          faultyIn(machine, name, `${name} ${what}`, { ...state, ...fields }),
        ),
      ),
  );
}

function faultyIn(machine: Machine, name: string, what: string, state: State): Edit<Machine>[] {
  const branch = { StartAt: name, States: { [name]: state } };
  const parallel = { Type: "Parallel", Branches: [branch], End: true };
  const map = { Type: "Map", ItemProcessor: branch, End: true };
  return [
    { what, document: { ...machine, States: { ...machine.States, [name]: state } } },
    { what: `${what}, in Parallel`, document: { ...machine, States: { ...machine.States, parallel } } },
    { what: `${what}, in Map`, document: { ...machine, States: { ...machine.States, map } } },
  ];
}

export const workflowMutations: readonly MutationRule[] = [
  without(LOGGING, MACHINE, "loggingConfiguration"),
  setting(LOGGING, MACHINE, "loggingConfiguration.level", ["OFF", "ERROR", "FATAL", ""]),
  setting(LOGGING, MACHINE, "loggingConfiguration.includeExecutionData", [false]),
  without(LOGGING, MACHINE, "loggingConfiguration.includeExecutionData"),
  setting(LOGGING, MACHINE, "loggingConfiguration.logDestination", [""]),

  behind(MACHINE, "loggingConfiguration", (which) => without(RETENTION, GROUP, "retentionInDays", which)),
  behind(MACHINE, "loggingConfiguration", (which) =>
    setting(RETENTION, GROUP, "retentionInDays", [0], which),
  ),
  behind(MACHINE, "loggingConfiguration", (which) => removing(RETENTION, GROUP, which)),
  setting(RETENTION, MACHINE, "loggingConfiguration.logDestination", [
    "arn:aws:logs:eu-west-1:123456789012:log-group:elsewhere:*",
  ]),

  setting("states-task-retry", MACHINE, "definition", ["{", "[]"]),
  eachTask("states-task-retry", {
    "has no Retry": { Retry: undefined },
    "has an empty Retry": { Retry: [] },
    "is never tried again": { Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 0 }] },
    "is tried again after one error alone": { Retry: [{ ErrorEquals: ["Sns.Throttled"], MaxAttempts: 3 }] },
    "is given up before it would be tried again": {
      Retry: [
        { ErrorEquals: ["States.TaskFailed"], MaxAttempts: 0 },
        { ErrorEquals: ["States.ALL"], MaxAttempts: 3 },
      ],
    },
  }),

  setting("states-task-catch", MACHINE, "definition", ["{"]),
  eachTask("states-task-catch", {
    "has no Catch": { Catch: undefined },
    "has an empty Catch": { Catch: [] },
    "catches one error alone": { Catch: [{ ErrorEquals: ["Sns.Throttled"], Next: "DeliveryFailed" }] },
    "lets a time limit through": { Catch: [{ ErrorEquals: ["States.TaskFailed"], Next: "DeliveryFailed" }] },
    "catches without going anywhere": { Catch: [{ ErrorEquals: ["States.ALL"] }] },
  }),
];
