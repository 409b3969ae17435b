import { v7 as uuidv7 } from "uuid";
import type { OrderAnswer } from "../contracts/api";
import type { Order } from "../contracts/order";
import { EXIT, printable, runCommand, type Terminal } from "./command";
import { OrderFollower, type Followed } from "./follow";
import { OrderApiError } from "./orderClient";
import { withRetries } from "./retries";
import { openTarget, targetOptions, tokenProblem, type Target, type TargetOptions } from "./target";

const TIMEOUT_MS = 60_000;

/** Whose the order is on the local run. */
const CUSTOMER = "smoke-test";

/** `npm run smoke`: places one order and follows it until it is delivered. Returns the exit code. */
export async function smokeCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  return await runCommand(argv, terminal, (command, exit) =>
    targetOptions(command)
      .name("npm run smoke --")
      .description(
        "Places one order of nothing (sku SMOKE-TEST, price 0), on the local run unless told otherwise, and " +
          "follows it until it is delivered. The downstream services receive it like any other.",
      )
      .option(
        "--client-id <id>",
        "with --stack: get the token as this machine client (its secret in ORDER_SERVICE_CLIENT_SECRET)",
      )
      .action(async (options: TargetOptions) => exit(await smokeTest(options, terminal))),
  );
}

async function smokeTest(options: TargetOptions, terminal: Terminal): Promise<number> {
  const target = await openTarget(options, terminal);
  const start = performance.now();
  const tell = (step: string, detail: string) => {
    const seconds = ((performance.now() - start) / 1_000).toFixed(3);
    terminal.stdout.write(`${seconds.padStart(8)} s  ${step.padEnd(9)}  ${printable(detail)}\n`);
  };
  try {
    const followed = await placeAndFollow(target, terminal.signal, tell);
    return followed.outcome === "delivered" ? EXIT.done : EXIT.notDelivered;
  } catch (error) {
    if (!(error instanceof OrderApiError) || terminal.signal.aborted) throw error;
    const problem = tokenProblem(error);
    if (problem) throw problem;
    tell("error", [error.status, error.message, error.detail].filter(Boolean).join(" "));
    return EXIT.notDelivered;
  } finally {
    target.close();
  }
}

async function placeAndFollow(
  target: Target,
  signal: AbortSignal,
  tell: (step: string, detail: string) => void,
): Promise<Followed> {
  const client = target.clientOf(CUSTOMER);
  const order = smokeOrder();
  tell("posting", `order ${order.orderId} to ${target.apiUrl}`);
  const { requestId } = await withRetries(() => client.placeOrder(order, { signal }), signal);
  tell("accepted", `request ${requestId}`);

  let stored = false;
  const onAnswer = ({ status, placedAt }: OrderAnswer) => {
    if (!stored) tell("stored", `${status}, placed at ${placedAt}`);
    stored = true;
  };
  const follower = new OrderFollower({ timeoutMs: TIMEOUT_MS, signal });
  const followed = await follower.follow(client, order.orderId, order, onAnswer);
  tell(followed.outcome, describe(followed));
  return followed;
}

function describe(followed: Followed): string {
  switch (followed.outcome) {
    case "delivered":
      return `message ${followed.order.delivery.messageId ?? "unknown"}`;
    case "failed":
      return followed.order.delivery.lastError ?? "the service has given up";
    case "rejected":
      return followed.order.reasons.join("; ");
    case "conflicting":
      return "the id belongs to an order with other content";
    case "late":
      return `not delivered within ${TIMEOUT_MS / 1_000} s: ${progressOf(followed.order)}`;
  }
}

function progressOf(order: OrderAnswer | undefined): string {
  if (order?.status !== "PLACED") return "it is not stored yet";
  const { attempts, lastError } = order.delivery;
  return `${attempts} attempts to deliver it ended${lastError === undefined ? "" : `, the last with: ${lastError}`}`;
}

function smokeOrder(): Order {
  return {
    orderId: uuidv7(),
    channel: "retail",
    currency: "EUR",
    items: [{ sku: "SMOKE-TEST", description: "A test of the order service", quantity: 1, unitPrice: 0 }],
    total: 0,
    shipTo: { name: "Nobody", line1: "None", city: "None", postalCode: "None", country: "IE" },
  };
}
