import type { ComponentChildren } from "preact";
import { plural, seconds } from "../../ops/format";
import type { AttemptView, ExecutionView, OrderHistoryView, StateVisitView } from "../api";
import { Time, whyOf } from "./parts";

/** What happened to an order, in order of time. */
export function Timeline({ history: { record, executions, failures, log } }: { history: OrderHistoryView }) {
  const delivery = record?.status === "PLACED" ? record.delivery : undefined;
  const lost = (delivery?.attempts ?? 0) - executions.length;
  return (
    <>
      <ol class="timeline">
        <Moment at={record?.placedAt} look="good">
          Accepted and stored
        </Moment>
        {executions.map((execution, index) => (
          <Execution key={execution.arn} execution={execution} number={index + 1} />
        ))}
        {delivery?.deliveredAt !== undefined && (
          <Moment at={delivery.deliveredAt} look="good">
            Delivered
          </Moment>
        )}
        {failures.map(({ messageId, sentAt, queue, reason }) => (
          <Moment key={messageId} at={sentAt} look="bad">
            In the failure queue {queue}: {reason}
          </Moment>
        ))}
        {delivery?.status === "PENDING" && (
          <Moment at={undefined} look="busy">
            Not delivered yet
          </Moment>
        )}
        {delivery?.status === "FAILED" && (
          <Moment at={undefined} look="bad">
            Given up after {plural(delivery.attempts, "attempt")}
          </Moment>
        )}
      </ol>
      {lost > 0 && executions.length > 0 && (
        <p class="note">
          The record counts {plural(delivery?.attempts ?? 0, "attempt")}; {executions.length} are known.
        </p>
      )}
      {log?.complete === false && <p class="note">The log was not searched to its end.</p>}
    </>
  );
}

type Look = "good" | "bad" | "busy" | "warning" | "still";

function Moment({
  at,
  look,
  children,
}: {
  at: number | string | undefined;
  look: Look;
  children: ComponentChildren;
}) {
  return (
    <li class={look}>
      <Time at={at} />
      <div>{children}</div>
    </li>
  );
}

function Execution({ execution, number }: { execution: ExecutionView; number: number }) {
  const { status, startedAt, endedAt, error, states, missing, recorded } = execution;
  const took =
    startedAt === undefined || endedAt === undefined ? "" : ` after ${seconds(endedAt - startedAt)}`;
  const look = {
    SUCCEEDED: "good",
    RUNNING: "busy",
    UNKNOWN: "still",
    FAILED: "bad",
    TIMED_OUT: "bad",
    ABORTED: "bad",
  };
  const end = {
    SUCCEEDED: `succeeded${took}`,
    FAILED: `failed${took}`,
    TIMED_OUT: `ran out of time${took}`,
    ABORTED: `was aborted${took}`,
    RUNNING: "is running, or its end is not in the log yet",
    UNKNOWN: recorded ? "ended: the record says so, the log does not have it" : "has no end in the log",
  };
  return (
    <>
      <Moment at={startedAt} look="still">
        Attempt {number} started
      </Moment>
      {missing.map(({ from, to }) => (
        <Moment key={from} at={undefined} look="still">
          {from === 1 && to === undefined
            ? "Its events are missing from the log"
            : `Events ${from} ${to === undefined ? "and later" : `to ${to}`} are missing from the log`}
        </Moment>
      ))}
      {states.map((visit, index) => (
        <Visit key={`${visit.name} ${index}`} visit={visit} />
      ))}
      <Moment at={endedAt} look={look[status] as Look}>
        Attempt {number} {end[status]}
        {error !== undefined && <span class="error">{error}</span>}
      </Moment>
    </>
  );
}

const VISIT = {
  succeeded: { word: "succeeded", look: "good" },
  caught: { word: "failed", look: "warning" },
  failed: { word: "failed", look: "bad" },
  waiting: { word: "is under way", look: "busy" },
  unknown: { word: "was entered", look: "still" },
} as const;

function Visit({ visit: { name, status, enteredAt, exitedAt, attempts } }: { visit: StateVisitView }) {
  const { word, look } = VISIT[status];
  const took =
    enteredAt === undefined || exitedAt === undefined ? "" : ` in ${seconds(exitedAt - enteredAt)}`;
  const troubles = attempts.filter(({ outcome }) => outcome === "failed" || outcome === "timed out");
  const last = troubles.at(-1);
  return (
    <Moment at={enteredAt ?? exitedAt} look={look === "good" && troubles.length > 0 ? "warning" : look}>
      {name} {word}
      {took}
      {status === "caught" && "; the workflow went on"}
      {last && <span class="error">{whyOf(last)}</span>}
      {troubles.length > 0 && (
        <details class="calls">
          <summary>
            {troubles.length} of {plural(attempts.length, "call")} failed
          </summary>
          <ol>
            {troubles.map((attempt) => (
              <Call
                key={attempts.indexOf(attempt)}
                attempt={attempt}
                number={attempts.indexOf(attempt) + 1}
              />
            ))}
          </ol>
        </details>
      )}
    </Moment>
  );
}

function Call({ attempt, number }: { attempt: AttemptView; number: number }) {
  return (
    <li value={number}>
      <Time at={attempt.startedAt} /> {attempt.outcome}
      <span class="error">{whyOf(attempt)}</span>
    </li>
  );
}
