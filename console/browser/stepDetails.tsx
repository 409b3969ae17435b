import { plural, seconds } from "../../ops/format";
import type { AttemptView, ExecutionView, PayloadView, StateVisitView } from "../api";
import { JsonText, Time } from "./parts";

/** What went into a step and came out of it, at each visit and at each call. */
export function StepDetails({ name, execution }: { name: string; execution: ExecutionView | undefined }) {
  const visits = execution?.states.filter((visit) => visit.name === name) ?? [];
  return (
    <section class="step" aria-label={`Step ${name}`} aria-live="polite">
      <h3>{name}</h3>
      {visits.length === 0 && (
        <p class="note">This execution has not been here, or the log does not have it.</p>
      )}
      {visits.map((visit) => (
        <Visit visit={visit} />
      ))}
    </section>
  );
}

function Visit({ visit: { enteredAt, exitedAt, input, output, attempts } }: { visit: StateVisitView }) {
  return (
    <>
      <p class="note">
        <Time at={enteredAt} />
        {enteredAt !== undefined && exitedAt !== undefined && `, for ${seconds(exitedAt - enteredAt)}`}
        {attempts.length > 0 && `, ${plural(attempts.length, "call")}`}
      </p>
      <PayloadText name="Input" payload={input} />
      {attempts.map((attempt, index) => (
        <Call attempt={attempt} number={index + 1} />
      ))}
      <PayloadText name="Output" payload={output} />
    </>
  );
}

function Call({ attempt, number }: { attempt: AttemptView; number: number }) {
  const { outcome, error, cause, parameters, result } = attempt;
  return (
    <>
      <h4>
        Call {number}: {outcome === "unknown" ? "its end is not in the log" : outcome}
      </h4>
      {(error ?? cause) !== undefined && (
        <p class="error">{[error, cause].filter((part) => part !== undefined && part !== "").join(": ")}</p>
      )}
      <PayloadText name="Called with" payload={parameters} />
      <PayloadText name="Answer" payload={result} />
    </>
  );
}

function PayloadText({ name, payload }: { name: string; payload: PayloadView | undefined }) {
  if (!payload) return null;
  const { text, truncated, characters } = payload;
  return (
    <div class="payload">
      <h5>
        {name}
        {truncated && " (cut off by the log)"}
      </h5>
      {text === undefined ? (
        <p class="hidden">
          Hidden: {plural(characters, "character")} that may hold personal data. Show them above.
        </p>
      ) : (
        <JsonText text={text} />
      )}
    </div>
  );
}
