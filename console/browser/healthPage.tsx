import { age, plural } from "../../ops/format";
import { CONSOLE_PATH, type HealthView, type HopHealth, type QueueHealth } from "../api";
import { Layout } from "./layout";
import { useLive } from "./live";
import { Age, Pill, Time } from "./parts";

/** A delivery with all its retries takes less (workflow/delivery.ts): the order's next attempt is up to somebody. */
const LATE_MS = 5 * 60_000;

/** How each hop of an order's way is doing. */
export function HealthPage() {
  const live = useLive<HealthView>("health");
  return (
    <Layout current="Health" title="Health" live={live}>
      <h1>Health</h1>
      {live.view && (
        <>
          <Alarms alarms={live.view.alarms} />
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

function Alarms({ alarms }: { alarms: HealthView["alarms"] }) {
  if (alarms === undefined) return <p class="note">Alarms: not known.</p>;
  if (alarms.length === 0)
    return (
      <p>
        <Pill tone="good" sign={"\u2713"}>
          No alarm is on
        </Pill>
      </p>
    );
  return (
    <section aria-label="Alarms">
      <h2>
        Alarms <span class="count">{plural(alarms.length, "alarm")} on</span>
      </h2>
      <ul class="failures">
        {alarms.map(({ name, description, reason, sinceAt }) => (
          <li key={name}>
            <p>
              <strong>{name}</strong>
            </p>
            {description !== undefined && <p>{description}</p>}
            <p class="note">
              For <Age since={sinceAt} />, since <Time at={sinceAt} /> UTC. {reason}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Hop({ hop: { name, does, queues, failureQueues, undelivered } }: { hop: HopHealth }) {
  const failed = failureQueues.reduce((sum, { visible, inFlight }) => sum + visible + inFlight, 0);
  const oldest = undelivered?.oldestPlacedAt;
  const isLate = oldest !== undefined && Date.now() - Date.parse(oldest) > LATE_MS;
  return (
    <li class={failed > 0 ? "bad" : isLate ? "warning" : "good"}>
      <h3>
        {name}{" "}
        {failed > 0 && (
          <Pill tone="bad" sign={"\u2715"}>
            {plural(failed, "failed message")}
          </Pill>
        )}
        {isLate && (
          <Pill tone="warning" sign="!">
            An order waits for longer than a delivery takes
          </Pill>
        )}
        {failed === 0 && !isLate && (
          <Pill tone="good" sign={"\u2713"}>
            In order
          </Pill>
        )}
      </h3>
      <p class="note">{does}</p>
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
          <QueueFigures key={queue.name} queue={queue} title={`Failed: ${queue.name}`} />
        ))}
      </dl>
    </li>
  );
}

function QueueFigures({ queue, title }: { queue: QueueHealth; title: string }) {
  const { visible, inFlight, delayed, oldestSeconds } = queue;
  return (
    <div>
      <dt>{title}</dt>
      <dd>
        {plural(visible, "message")}
        {inFlight > 0 && `, ${inFlight} in flight`}
        {delayed > 0 && `, ${delayed} delayed`}
        {oldestSeconds !== undefined && oldestSeconds > 0 && `, the oldest for ${age(oldestSeconds * 1_000)}`}
      </dd>
    </div>
  );
}
