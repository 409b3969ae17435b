import { useState } from "preact/hooks";
import { plural } from "../../ops/format";
import type { FailureQueueView, FailuresView } from "../api";
import { FailureList } from "./failureList";
import { Layout } from "./layout";
import { useLive } from "./live";
import { Command, PersonalSwitch } from "./parts";

/** What is in the dead-letter and failure queues. */
export function FailuresPage() {
  const [personal, setPersonal] = useState(false);
  const live = useLive<FailuresView>(`failures${personal ? "?personal=1" : ""}`);
  const queues = live.view?.queues ?? [];
  const empty = queues.filter(isEmpty);
  return (
    <Layout current="Failures" title="Failures" live={live}>
      <h1>Failures</h1>
      {empty.length < queues.length && <PersonalSwitch on={personal} turn={setPersonal} />}
      {queues
        .filter((queue) => !isEmpty(queue))
        .map((queue) => (
          <Queue key={queue.queue} queue={queue} />
        ))}
      {live.view && (
        <p class="note">
          {empty.length === queues.length ? "Every failure queue is empty: " : "Empty: "}
          {empty.map(({ queue }) => queue).join(", ")}
          {empty.length > 0 && "."}
        </p>
      )}
    </Layout>
  );
}

function isEmpty({ count, messages, unread }: FailureQueueView): boolean {
  return count === 0 && messages.length === 0 && unread === undefined;
}

function Queue({ queue: { queue, count, messages, more, unread } }: { queue: FailureQueueView }) {
  return (
    <section aria-label={`Queue ${queue}`}>
      <h2>
        {queue} <span class="count">{plural(Math.max(count, messages.length), "message")}</span>
      </h2>
      {unread !== undefined && <p class="problem">Its messages cannot be looked at: {unread}.</p>}
      <FailureList failures={messages} />
      {more && (
        <p class="note">
          There may be more: beyond the first hundred, or being read by somebody else just now.
        </p>
      )}
      {messages.some(({ obstacle, settled }) => settled || obstacle === undefined) && (
        <p>
          All of them: <Command>{`npm run ops -- redrive ${queue}`}</Command> shows what it would do,{" "}
          <code>--yes</code> does it.
        </p>
      )}
    </section>
  );
}
