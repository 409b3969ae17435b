import { plural, seconds } from "../../ops/format";
import type { AttemptView, ExecutionView, PayloadView, StateVisitView } from "../api";
import { JsonText, Time, whyOf } from "./parts";

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
        <Call attempt={attempt} number={index + 1} isLast={index === attempts.length - 1} />
      ))}
      <PayloadText name="Output" payload={output} />
    </>
  );
}

/** The last call stands open: it decided. */
function Call({ attempt, number, isLast }: { attempt: AttemptView; number: number; isLast: boolean }) {
  const { outcome, parameters, result } = attempt;
  return (
    <details open={isLast}>
      <summary>
        Call {number}: {outcome === "unknown" ? "its end is not in the log" : outcome}
      </summary>
      <p class="error">{whyOf(attempt)}</p>
      <PayloadText name="Called with" payload={parameters} />
      <PayloadText name="Answer" payload={result} />
    </details>
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
          Hidden: {plural(characters, "character")} that may hold personal data. The switch above shows them.
        </p>
      ) : (
        <JsonText text={text} />
      )}
    </div>
  );
}
