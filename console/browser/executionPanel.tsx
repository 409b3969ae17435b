import { useState } from "preact/hooks";
import type { ExecutionStatus } from "../../ops/history/model";
import type { ExecutionView, OrderHistoryView } from "../api";
import type { MachineDrawing } from "../machine/layout";
import { pathOf } from "../machine/path";
import { Machine } from "./machine";
import { Pill, type Tone } from "./parts";
import { StepDetails } from "./stepDetails";

const STATUS: Readonly<Record<ExecutionStatus, { word: string; sign: string; tone: Tone }>> = {
  RUNNING: { word: "Running", sign: "\u25cc", tone: "busy" },
  SUCCEEDED: { word: "Succeeded", sign: "\u2713", tone: "good" },
  FAILED: { word: "Failed", sign: "\u2715", tone: "bad" },
  TIMED_OUT: { word: "Timed out", sign: "\u2715", tone: "bad" },
  ABORTED: { word: "Aborted", sign: "\u2715", tone: "bad" },
  UNKNOWN: { word: "End not in the log", sign: "?", tone: "still" },
};

interface ExecutionPanelProps {
  readonly history: OrderHistoryView;
  readonly machine: MachineDrawing | undefined;
}

/** The state machine with the path of one execution, the latest unless another is chosen, and one step of it. */
export function ExecutionPanel({ history, machine }: ExecutionPanelProps) {
  const [chosen, choose] = useState<string>();
  const [step, openStep] = useState<string>();
  const { executions } = history;
  const execution = executions.find(({ arn }) => arn === chosen) ?? executions.at(-1);
  const path = execution && pathOf(execution);
  return (
    <section aria-label="Workflow">
      <h2>Workflow</h2>
      {execution ? (
        <ExecutionChoice executions={executions} current={execution} choose={choose} />
      ) : (
        <p class="note">
          No execution is known: the record names none, and the log has none. A log may lack events, so this
          need not mean that nothing ran.
        </p>
      )}
      {machine ? (
        <Machine
          drawing={machine}
          path={path}
          open={step}
          onOpen={(name) => openStep(name === step ? undefined : name)}
        />
      ) : (
        <p class="note">
          The workflow cannot be drawn: the credentials do not permit states:DescribeStateMachine.
        </p>
      )}
      {machine && step === undefined && <p class="note">Choose a step to see its input and output.</p>}
      {step !== undefined && <StepDetails name={step} execution={execution} />}
    </section>
  );
}

function ExecutionChoice({
  executions,
  current,
  choose,
}: {
  executions: readonly ExecutionView[];
  current: ExecutionView;
  choose: (arn: string) => void;
}) {
  return (
    <div class="executions" role="group" aria-label="Executions">
      {executions.map(({ arn, status }, index) => {
        const { word, sign, tone } = STATUS[status];
        return (
          <button key={arn} aria-pressed={arn === current.arn} onClick={() => choose(arn)}>
            Attempt {index + 1}{" "}
            <Pill tone={tone} sign={sign}>
              {word}
            </Pill>
          </button>
        );
      })}
    </div>
  );
}
