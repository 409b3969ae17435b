import { age, plural } from "../../ops/format";
import type { Alarm } from "../../ops/status";
import { CONSOLE_PATH, type HealthView, type HopHealth, type QueueHealth } from "../api";
import { Layout } from "./layout";
import { useLive } from "./live";
import { Age, Pill, Time } from "./parts";

/** How each hop of an order's way is doing. */
export function HealthPage() {
  const live = useLive<HealthView>("health");
  return (
    <Layout current="Health" title="Health" live={live}>
      <h1>Health</h1>
      {live.view && (
        <>
          <AlarmSummary view={live.view} />
          <AlarmList alarms={live.view.otherAlarms ?? []} />
          <h2>The way of an order</h2>
          <ol class="hops">
            {live.view.hops.map((hop) => (
              <Hop key={hop.name} hop={hop} />
            ))}
          </ol>
          {live.view.unread.map((text) => (
            <p class="note">{text}</p>
          ))}
        </>
      )}
    </Layout>
  );
}

/** What is said of all alarms together. */
function AlarmSummary({ view: { hops, otherAlarms } }: { view: HealthView }) {
  if (otherAlarms === undefined) return <p class="note">Alarms: not known.</p>;
  const count = hops.reduce((sum, { alarms }) => sum + alarms.length, otherAlarms.length);
  return (
    <p>
      {count === 0 ? (
        <Pill tone="good" sign={"\u2713"}>
          No alarm is on
        </Pill>
      ) : (
        <Pill tone="bad" sign={"\u2715"}>
          {plural(count, "alarm")} on
        </Pill>
      )}
    </p>
  );
}

function AlarmList({ alarms }: { alarms: readonly Alarm[] }) {
  return (
    <ul class="alarms">
      {alarms.map(({ name, description, reason, sinceAt }) => (
        <li key={name}>
          <strong>{description ?? name}</strong>
          <p class="note">
            {name}, on for <Age since={sinceAt} />, since <Time at={sinceAt} /> UTC. {reason}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Hop({ hop: { name, does, queues, failureQueues, undelivered, alarms } }: { hop: HopHealth }) {
  const failed = failureQueues.reduce((sum, { visible, inFlight }) => sum + visible + inFlight, 0);
  const isBad = failed > 0 || alarms.length > 0;
  const late = undelivered?.overdue ?? 0;
  const isLate = late > 0;
  return (
    <li class={isBad ? "bad" : isLate ? "warning" : "good"}>
      <h3>
        {name}{" "}
        {failed > 0 && (
          <Pill tone="bad" sign={"\u2715"}>
            {plural(failed, "failed message")}
          </Pill>
        )}{" "}
        {isLate && (
          <Pill tone="warning" sign="!">
            {plural(late, "order waits", "orders wait")} for longer than a delivery takes
          </Pill>
        )}{" "}
        {alarms.length > 0 && (
          <Pill tone="bad" sign="!">
            {plural(alarms.length, "alarm")}
          </Pill>
        )}{" "}
        {!isBad && !isLate && (
          <Pill tone="good" sign={"\u2713"}>
            In order
          </Pill>
        )}
      </h3>
      <p class="note">{does}</p>
      <AlarmList alarms={alarms} />
      <dl class="facts">
        {queues.map((queue) => (
          <QueueFigures key={queue.name} queue={queue} title={`Waiting: ${queue.name}`} />
        ))}
        {undelivered && (
          <div>
            <dt>Undelivered</dt>
            <dd>
              <a href={`${CONSOLE_PATH}?only=undelivered`}>
                {undelivered.more && "more than "}
                {plural(undelivered.count, "order")}
              </a>
              {undelivered.oldestPlacedAt !== undefined && (
                <>
                  , the oldest for <Age since={undelivered.oldestPlacedAt} />
                </>
              )}
            </dd>
          </div>
        )}
        {failureQueues.map((queue) => (
          <QueueFigures
            key={queue.name}
            queue={queue}
            title={`Failed: ${queue.name}`}
            href={`${CONSOLE_PATH}/failures`}
          />
        ))}
      </dl>
    </li>
  );
}

/** @param href where its messages are shown */
function QueueFigures({ queue, title, href }: { queue: QueueHealth; title: string; href?: string }) {
  const { visible, inFlight, delayed, oldestSeconds } = queue;
  const count = plural(visible, "message");
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        {href !== undefined && visible > 0 ? <a href={href}>{count}</a> : count}
        {inFlight > 0 && `, ${inFlight} in flight`}
        {delayed > 0 && `, ${delayed} delayed`}
        {oldestSeconds !== undefined && oldestSeconds > 0 && `, the oldest for ${age(oldestSeconds * 1_000)}`}
      </dd>
    </div>
  );
}
