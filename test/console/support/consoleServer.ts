import * as http from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { API_PATH } from "../../../console/api";
import { Console } from "../../../console/server/console";
import { localStack } from "../../../ops/target";
import { noteActions } from "../../ops/support/policies";
import { waitFor } from "../../support/waitFor";

/** The console of a local run, on a port of its own. */
export class ConsoleServer {
  private constructor(
    readonly origin: string,
    /** IAM actions that its views have needed so far. */
    readonly called: ReadonlySet<string>,
    private readonly server: http.Server,
    private readonly console: Console,
  ) {}

  static async start(outputs: object): Promise<ConsoleServer> {
    const stack = localStack(outputs);
    const called = new Set<string>();
    noteActions(stack, called);
    const console = new Console(stack, outputs);
    const server = http.createServer((request, response) => void console.handle(request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return new ConsoleServer(`http://127.0.0.1:${port}`, called, server, console);
  }

  stop(): void {
    this.console.stop();
    this.server.close();
    this.server.closeAllConnections();
  }

  /** A view as JSON. */
  async view<View>(path: string): Promise<{ readonly status: number; readonly body: View }> {
    const answer = await fetch(`${this.origin}${API_PATH}/${path}`);
    return { status: answer.status, body: (await answer.json()) as View };
  }

  /** A request with headers that `fetch` would not send. */
  status(path: string, headers: Record<string, string>, method = "GET"): Promise<number | undefined> {
    return new Promise((done, failed) => {
      const request = http.request(this.origin + path, { headers, method }, (answer) => {
        answer.resume();
        done(answer.statusCode);
      });
      request.once("error", failed).end();
    });
  }

  /** Opens a live view. */
  async live(path: string): Promise<LiveView> {
    const leaving = new AbortController();
    const answer = await fetch(`${this.origin}${API_PATH}/${path}`, {
      headers: { Accept: "text/event-stream" },
      signal: leaving.signal,
    });
    return new LiveView(answer, leaving);
  }
}

/** The events of a live view, as they come. */
export class LiveView {
  private readonly events: { readonly event: string; readonly data: unknown }[] = [];

  constructor(
    readonly answer: Response,
    private readonly leaving: AbortController,
  ) {
    this.read().catch((error: unknown) => {
      if (!leaving.signal.aborted) throw error;
    });
  }

  /** Waits until an event says what is wanted; what it says. */
  async until<Data>(event: string, isWanted: (data: Data) => boolean): Promise<Data> {
    return await waitFor(() => {
      const last = this.events.findLast((candidate) => candidate.event === event);
      return last && isWanted(last.data as Data) ? (last.data as Data) : undefined;
    });
  }

  close(): void {
    this.leaving.abort();
  }

  private async read(): Promise<void> {
    let text = "";
    for await (const chunk of this.answer.body ?? []) {
      text += Buffer.from(chunk).toString();
      const parts = text.split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? [];
        if (event !== undefined) this.events.push({ event, data: JSON.parse(data ?? "") });
      }
    }
  }
}
