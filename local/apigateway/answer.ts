import type { HeaderSet } from "./headerSet";

/** What the client gets. */
export interface GatewayAnswer {
  readonly status: number;
  readonly headers: HeaderSet;
  readonly body: string;
}
