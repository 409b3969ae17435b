import type * as z from "zod";
import {
  acceptedAnswer,
  errorAnswer,
  orderAnswer,
  orderPage,
  type AcceptedAnswer,
  type ErrorAnswer,
  type OrderAnswer,
  type OrderPage,
} from "../contracts/api";
import type { Order } from "../contracts/order";
import { NoAnswerError, type HttpConnections, type HttpAnswer, type RequestLimits } from "./httpConnections";

/** Asked before every request, so that a token can be renewed; the supplier keeps it as long as it is good. */
export type AccessToken = () => Promise<string>;

/** The API answered something else than success, or nothing. */
export class OrderApiError extends Error {
  override readonly name = "OrderApiError";

  /** @param status of HTTP; without one no answer came, and whether the request was carried out is unknown */
  constructor(
    readonly status: number | undefined,
    message: string,
    readonly detail?: string,
    readonly requestId?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the same request, sent again, may succeed. An order keeps its id, so it is never placed twice. */
  get retryable(): boolean {
    return this.status === undefined || this.status === 429 || this.status >= 500;
  }
}

/** A typed client of the order service's HTTP contract, for one customer. It does not retry; see `withRetries`. */
export class OrderClient {
  readonly #orders: string;

  /**
   * @param apiUrl the stack's output: the base of every path
   * @param connections shared among the clients of one API
   */
  constructor(
    apiUrl: string,
    private readonly accessToken: AccessToken,
    private readonly connections: HttpConnections,
  ) {
    this.#orders = `${apiUrl.replace(/\/+$/, "")}/orders`;
  }

  /** @throws OrderApiError when the order is not known to be on the queue */
  placeOrder(order: Order, limits?: RequestLimits): Promise<AcceptedAnswer> {
    return this.postOrder(JSON.stringify(order), limits);
  }

  /**
   * Posts a body as it is, an order or not.
   *
   * @throws OrderApiError when the order is not known to be on the queue
   */
  async postOrder(body: string, limits?: RequestLimits): Promise<AcceptedAnswer> {
    const headers = { "content-type": "application/json" };
    const answer = await this.#request(this.#orders, { method: "POST", headers, body, ...limits });
    return read(answer, 202, acceptedAnswer);
  }

  /** @throws OrderApiError with status 404 while the order is not stored yet, and for somebody else's */
  async getOrder(orderId: string, limits?: RequestLimits): Promise<OrderAnswer> {
    const url = `${this.#orders}/${encodeURIComponent(orderId)}`;
    return read(await this.#request(url, { method: "GET", headers: {}, ...limits }), 200, orderAnswer);
  }

  /**
   * One page of the customer's orders, by descending id.
   *
   * @param nextToken of the page before
   * @throws OrderApiError
   */
  async listOrders(nextToken?: string, limits?: RequestLimits): Promise<OrderPage> {
    const query = nextToken === undefined ? "" : `?nextToken=${encodeURIComponent(nextToken)}`;
    const answer = await this.#request(this.#orders + query, { method: "GET", headers: {}, ...limits });
    return read(answer, 200, orderPage);
  }

  async #request(url: string, request: Parameters<HttpConnections["request"]>[1]): Promise<HttpAnswer> {
    try {
      const headers = { ...request.headers, authorization: `Bearer ${await this.accessToken()}` };
      return await this.connections.request(new URL(url), { ...request, headers });
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      throw new OrderApiError(undefined, error.message, undefined, undefined, { cause: error });
    }
  }
}

function read<Schema extends z.ZodType>(answer: HttpAnswer, status: number, schema: Schema): z.infer<Schema> {
  const body = parseJson(answer.body);
  if (answer.status !== status) {
    const { message, detail, requestId } = readError(body);
    throw new OrderApiError(answer.status, message, detail, requestId);
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const found = `${issue?.path.join(".") || "body"}: ${issue?.message}`;
  throw new OrderApiError(answer.status, "The answer is not what the contract says", found);
}

/** An error's body; a proxy on the way, or a wrong URL, may answer anything. */
function readError(body: unknown): ErrorAnswer {
  const parsed = errorAnswer.safeParse(body);
  return parsed.success ? parsed.data : { message: "An answer that is not the order service's" };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
