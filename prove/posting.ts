import { HttpConnections } from "../tools/httpConnections";
import { OrderApiError, OrderClient } from "../tools/orderClient";
import { withRetries } from "../tools/retries";
import type { Ledger } from "./ledger";
import type { Version } from "./orders";
import type { World } from "./world";

export interface PostingOptions {
  /** Orders on their way at once. */
  readonly concurrency: number;
  /** How long an answer is waited for. */
  readonly timeoutMs: number;
  /** Told after each order, with how many have been posted: a scenario's own events happen here. */
  readonly onPosted: (posted: number) => void | Promise<void>;
  readonly signal: AbortSignal;
}

/** A token is good for an hour; a scenario may move the clock. */
const TOKEN_LIFE_MS = 50 * 60_000;

/** The client apps: they post each order until it is accepted, always under the same id. */
export class Posting {
  private readonly connections: HttpConnections;
  private readonly tokens = new Map<string, { readonly token: Promise<string>; readonly until: number }>();
  private readonly clients = new Map<string, OrderClient>();

  constructor(
    private readonly world: World,
    private readonly ledger: Ledger,
    private readonly options: PostingOptions,
  ) {
    this.connections = new HttpConnections(options.concurrency);
  }

  /** Posts the orders from one number up to another, this one excluded. */
  async post(from: number, to: number): Promise<void> {
    let next = from;
    let posted = from;
    const app = async () => {
      while (next < to && !this.options.signal.aborted) {
        await this.place(next++);
        await this.options.onPosted(++posted);
      }
    };
    await Promise.all(Array.from({ length: this.options.concurrency }, app));
  }

  close(): void {
    this.connections.close();
  }

  private async place(n: number): Promise<void> {
    await this.send(n, 0);
    const kind = this.ledger.orders.kindOf(n);
    if (kind === "repeated") await Promise.all([this.send(n, 0), this.send(n, 0)]);
    if (kind === "conflicting") await this.send(n, 1);
  }

  private async send(n: number, version: Version): Promise<void> {
    const { signal } = this.options;
    this.ledger.sent(n, version);
    try {
      await withRetries(() => this.request(n, version), signal);
      this.ledger.accepted(n, version);
    } catch (error) {
      // Not confirmed: the order may be there or not, and its customer was told so.
      if (error instanceof OrderApiError && error.retryable) return;
      if (!signal.aborted) throw error;
    }
  }

  /** A token that expires on the way is renewed once. */
  private async request(n: number, version: Version): Promise<void> {
    const { orders } = this.ledger;
    const { signal, timeoutMs } = this.options;
    const customer = orders.customerOf(n);
    const post = () => this.clientOf(customer).postOrder(orders.bodyOf(n, version), { timeoutMs, signal });
    try {
      await post();
    } catch (error) {
      if (!(error instanceof OrderApiError && error.status === 401)) throw error;
      this.tokens.delete(customer);
      await post();
    }
  }

  private clientOf(customer: string): OrderClient {
    const known = this.clients.get(customer);
    if (known) return known;
    const client = new OrderClient(this.world.outputs.apiUrl, () => this.tokenOf(customer), this.connections);
    this.clients.set(customer, client);
    return client;
  }

  private tokenOf(customer: string): Promise<string> {
    const known = this.tokens.get(customer);
    if (known && this.world.now() < known.until) return known.token;
    const token = this.world.token(customer);
    this.tokens.set(customer, { token, until: this.world.now() + TOKEN_LIFE_MS });
    return token;
  }
}
