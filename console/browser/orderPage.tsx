import { useState } from "preact/hooks";
import { plural } from "../../ops/format";
import { CONSOLE_PATH, type OrderFacts, type OrderHistoryView, type OrderView } from "../api";
import type { MachineDrawing } from "../machine/layout";
import { ExecutionPanel } from "./executionPanel";
import { FailureList } from "./failureList";
import { Layout } from "./layout";
import { useLive } from "./live";
import { Command, JsonText, PersonalSwitch, Standing, Time } from "./parts";
import { Timeline } from "./timeline";

/** What happened to one order. */
export function OrderPage({ orderId }: { orderId: string }) {
  const [personal, setPersonal] = useState(false);
  const live = useLive<OrderView>(`orders/${encodeURIComponent(orderId)}${personal ? "?personal=1" : ""}`);
  return (
    <Layout current={undefined} title={`Order ${orderId}`} live={live}>
      <p class="back">
        <a href={CONSOLE_PATH}>Orders</a>
      </p>
      <h1>
        Order <span class="id">{orderId}</span>
      </h1>
      {live.view && (
        <>
          {live.view.histories.length > 0 && <PersonalSwitch on={personal} turn={setPersonal} />}
          <Histories view={live.view} />
        </>
      )}
    </Layout>
  );
}

function Histories({ view: { histories, machine } }: { view: OrderView }) {
  if (histories.length === 0)
    return (
      <p>
        Nobody knows this order: it is not stored, and no failure queue has it. One that was accepted a moment
        ago may still be in the order queue; it appears here by itself.
      </p>
    );
  return (
    <>
      {histories.length > 1 && (
        <p class="note">{histories.length} customers have used this id. Each has an order of its own.</p>
      )}
      {histories.map((history) => (
        <History key={history.record?.customerId ?? ""} history={history} machine={machine} />
      ))}
    </>
  );
}

function History({ history, machine }: { history: OrderHistoryView; machine: MachineDrawing | undefined }) {
  const { record, posted, failures, unread } = history;
  return (
    <article>
      {record ? (
        <Facts record={record} facts={history.facts} />
      ) : (
        <p>It is not stored, but a failure queue has it.</p>
      )}
      {posted !== undefined && (
        <details open>
          <summary>What the customer posted</summary>
          <JsonText text={posted} />
        </details>
      )}
      {(failures.length > 0 || unread.length > 0) && (
        <section aria-label="In failure queues">
          <h2>In failure queues</h2>
          <FailureList failures={failures} />
          {unread.map(({ queue, reason }) => (
            <p class="note">
              {queue}: {reason}.
            </p>
          ))}
        </section>
      )}
      {record?.status === "PLACED" && (
        <div class="columns">
          <ExecutionPanel history={history} machine={machine} />
          <section aria-label="Timeline">
            <h2>Timeline</h2>
            <Timeline history={history} />
          </section>
        </div>
      )}
    </article>
  );
}

function Facts({
  record,
  facts,
}: {
  record: NonNullable<OrderHistoryView["record"]>;
  facts: OrderFacts | undefined;
}) {
  return (
    <dl class="facts">
      <Fact name="Status">
        <Standing order={record} />
      </Fact>
      <Fact name="Customer">
        <a class="customer" href={`${CONSOLE_PATH}?${new URLSearchParams({ customer: record.customerId })}`}>
          {record.customerId}
        </a>
      </Fact>
      <Fact name="Placed (UTC)">
        <Time at={record.placedAt} />
      </Fact>
      {record.status === "PLACED" && <DeliveryFacts record={record} />}
      {facts && (
        <Fact name="Order">
          {money(facts)}, {plural(facts.items, "line")}, {facts.channel}, to {facts.country}
        </Fact>
      )}
      {record.status === "REJECTED" && (
        <Fact name="Rejected because">
          <ul>
            {record.reasons.map((reason) => (
              <li>{reason}</li>
            ))}
          </ul>
        </Fact>
      )}
      {record.requestId !== undefined && (
        <Fact name="Request">
          <span class="id">{record.requestId}</span>
        </Fact>
      )}
    </dl>
  );
}

function DeliveryFacts({
  record: { orderId, delivery },
}: {
  record: Extract<NonNullable<OrderHistoryView["record"]>, { status: "PLACED" }>;
}) {
  const { status, deliveredAt, messageId, attempts, lastError, reconciliations = 0, retryAt } = delivery;
  return (
    <>
      {deliveredAt !== undefined && (
        <Fact name="Delivered (UTC)">
          <Time at={deliveredAt} />
        </Fact>
      )}
      <Fact name="Attempts">
        {attempts}
        {reconciliations > 0 && `; started again ${plural(reconciliations, "time")} by the reconciler`}
      </Fact>
      {status === "PENDING" && retryAt !== undefined && (
        <Fact name="Next attempt (UTC), not before">
          <Time at={retryAt} />
        </Fact>
      )}
      {messageId !== undefined && (
        <Fact name="Message">
          <span class="id">{messageId}</span>
        </Fact>
      )}
      {lastError !== undefined && <Fact name="Last error">{lastError}</Fact>}
      {(status === "FAILED" || (status === "PENDING" && attempts > 0)) && (
        <Fact name="To deliver it again">
          <Command>{`npm run ops -- redrive --order ${orderId} --yes`}</Command>
        </Fact>
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The total in the currency's own manner. */
function money({ currency, total }: OrderFacts): string {
  const format = new Intl.NumberFormat("en-GB", { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(total / 10 ** digits);
}
