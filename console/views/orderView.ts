import { DescribeStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import { order as orderSchema } from "../../contracts/order";
import { DELIVERY_STATUS, ORDER_STATUS, type OrderRecord } from "../../contracts/orderRecord";
import { isAccessDenied } from "../../ops/awsErrors";
import { findFailures, readOrderHistories, type OrderFailures } from "../../ops/history/orderHistory";
import type { OrderHistory } from "../../ops/history/model";
import { LogMemory } from "../../ops/history/searchLog";
import { parseJson } from "../../ops/json";
import { orderSummary } from "../../ops/orders";
import { failureQueuesOf, readDepth } from "../../ops/queues";
import type { Stack } from "../../ops/target";
import type { OrderFacts, OrderHistoryView, OrderView } from "../api";
import { machineGraph } from "../machine/definition";
import { drawMachine, type MachineDrawing } from "../machine/layout";
import { showExecution, showFailure } from "./personalData";
import { CALM_PAUSE_MS, livePauseMs, type ViewReader } from "./viewReader";

/** For how long one reading searches the log. */
const SEARCH_MS = 5_000;

/** How late an event of a delivered order may be in the log. */
const LOG_DELAY_MS = 60_000;

/** Reads all that is known of the orders with an id. */
export class OrderReader implements ViewReader<OrderView> {
  #failures: OrderFailures | undefined;
  #depths = "";
  readonly #memory = new LogMemory();
  #machine: MachineDrawing | undefined;

  constructor(
    private readonly stack: Stack,
    private readonly orderId: string,
    private readonly personal: boolean,
  ) {}

  read(signal: AbortSignal): Promise<OrderView> {
    return this.#readHistories(signal, false);
  }

  readFirst(signal: AbortSignal): Promise<OrderView> {
    return this.#readHistories(signal, true);
  }

  pauseMs({ histories }: OrderView): number {
    const settled = histories.length > 0 && histories.every(({ record }) => record && isSettled(record));
    return settled ? CALM_PAUSE_MS : livePauseMs(this.stack);
  }

  async #readHistories(signal: AbortSignal, nearby: boolean): Promise<OrderView> {
    const [failures, machine] = await Promise.all([this.#readFailures(signal), this.#readMachine()]);
    const histories = await readOrderHistories(this.stack, this.orderId, {
      searchMs: SEARCH_MS,
      failures,
      nearby,
      memory: this.#memory,
      signal,
    });
    return {
      orderId: this.orderId,
      histories: histories.map((history) => showHistory(history, this.personal)),
      machine,
    };
  }

  /** Looking through the queues has effects on them: only when their counts have changed. */
  async #readFailures(signal: AbortSignal): Promise<OrderFailures> {
    const depths = await Promise.all(
      failureQueuesOf(this.stack).map((queue) => readDepth(this.stack, queue)),
    );
    const counts = depths.map(({ visible, inFlight }) => visible + inFlight).join();
    if (this.#failures && counts === this.#depths) return this.#failures;
    this.#failures = await findFailures(this.stack, this.orderId, signal);
    this.#depths = counts;
    return this.#failures;
  }

  /** As it is deployed now: executions of an earlier version are drawn on today's machine. */
  async #readMachine(): Promise<MachineDrawing | undefined> {
    if (this.#machine) return this.#machine;
    const { stateMachineArn } = this.stack.outputs;
    try {
      const { definition } = await this.stack
        .client(SFNClient)
        .send(new DescribeStateMachineCommand({ stateMachineArn }));
      return (this.#machine = drawMachine(machineGraph(definition ?? "")));
    } catch (error) {
      // The rest can be shown without it.
      if (isAccessDenied(error)) return undefined;
      throw error;
    }
  }
}

function showHistory({ record, ...history }: OrderHistory, personal: boolean): OrderHistoryView {
  return {
    ...history,
    record: record && orderSummary.parse(record),
    facts: record && factsOf(record),
    ...(record && personal && { posted: record.order }),
    executions: history.executions.map((execution) => showExecution(execution, personal)),
    failures: history.failures.map((failure) => showFailure(failure, personal)),
  };
}

function factsOf({ order }: OrderRecord): OrderFacts | undefined {
  const posted = orderSchema.safeParse(parseJson(order)).data;
  if (!posted) return undefined;
  const { channel, currency, total, items, shipTo } = posted;
  return { channel, currency, total, items: items.length, country: shipTo.country };
}

/** Whether nothing more happens to it, nor comes to light. */
function isSettled(record: NonNullable<OrderHistoryView["record"]>): boolean {
  if (record.status === ORDER_STATUS.rejected) return true;
  const { status, deliveredAt } = record.delivery;
  return status === DELIVERY_STATUS.delivered && Date.now() - Date.parse(deliveredAt ?? "") > LOG_DELAY_MS;
}
