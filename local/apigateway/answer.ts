import type { HeaderSet } from "./headerSet";

/** What the client gets. */
export interface GatewayAnswer {
  readonly status: number;
  readonly headers: HeaderSet;
  readonly body: string;
  /** The connection ends instead: an injected fault. */
  readonly isLost?: boolean;
}
