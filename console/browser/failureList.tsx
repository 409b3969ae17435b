import type { FailureView } from "../api";
import { Age, Command, JsonText, OrderLink, Time } from "./parts";

/** Messages of failure queues. */
export function FailureList({ failures }: { failures: readonly FailureView[] }) {
  return (
    <ul class="failures">
      {failures.map((failure) => (
        <Failure key={failure.messageId} failure={failure} />
      ))}
    </ul>
  );
}

function Failure({ failure }: { failure: FailureView }) {
  const { queue, orders, reason, obstacle, settled, sentAt, receives, body, messageId } = failure;
  return (
    <li>
      <p>
        <strong>{reason}</strong>
      </p>
      <p class="note">
        Queue {queue}, for <Age since={sentAt} />, since <Time at={sentAt} /> UTC, received {receives} times
      </p>
      {orders.length > 0 && (
        <p>
          Order{orders.length > 1 && "s"}{" "}
          {orders.map(({ orderId }) => (
            <>
              <OrderLink orderId={orderId} />{" "}
            </>
          ))}
        </p>
      )}
      {obstacle === undefined ? (
        orders[0] && <Command>{`npm run ops -- redrive ${queue} --order ${orders[0].orderId} --yes`}</Command>
      ) : (
        <p>
          {settled ? "There is nothing left to do" : "It makes no sense to send it again"}: {obstacle}.
        </p>
      )}
      {body !== undefined && (
        <details>
          <summary>Message {messageId}</summary>
          <JsonText text={body} />
        </details>
      )}
    </li>
  );
}
