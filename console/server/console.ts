import { createRequire } from "node:module";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Stack } from "../../ops/target";
import { API_PATH, CONSOLE_PATH, LIVE_EVENT } from "../api";
import { HttpProblem, problemOf, refuseForeignPages, send, sendEvents, sendJson } from "./answers";
import { loadAssets } from "./assets";
import { LiveFeeds, type Watcher } from "./liveFeed";
import { page } from "./page";
import type * as ViewRoutes from "./viewRoutes";

/** The pages: their paths below the console's. What is behind them the browser decides. */
const PAGES = /^(\/|\/failures|\/health|\/stack|\/orders\/[^/]{1,256})?$/;

/** So often a line goes through a silent connection, so that both sides learn when it has broken. */
const HEARTBEAT_MS = 15_000;

const SUMMARY_URL = new URL(`http://console${API_PATH}/summary`);

/** The operators' console of one stack: answers to everything below `CONSOLE_PATH`. It only reads. */
export class Console {
  readonly #feeds = new LiveFeeds();

  /** @param outputs of the stack, as its page shows them */
  constructor(
    private readonly stack: Stack,
    private readonly outputs: object,
  ) {}

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      refuseForeignPages(request.headers);
      if (request.method !== "GET" && request.method !== "HEAD")
        throw new HttpProblem(405, "The console only reads: GET and HEAD.");
      await this.#answer(request, response, new URL(request.url ?? "", "http://console"));
    } catch (error) {
      const { status, message } = problemOf(error, this.stack);
      if (response.headersSent) response.destroy();
      else sendJson(request, response, { message }, status);
    }
  }

  /** Ends every live view. */
  stop(): void {
    this.#feeds.stop();
    this.stack.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const path = url.pathname.slice(CONSOLE_PATH.length);
    if (url.pathname.startsWith(`${API_PATH}/`)) return this.#answerView(request, response, url);
    if (path.startsWith("/assets/")) return answerAsset(request, response, url.pathname);
    if (path === "/find") return find(request, response, url.searchParams.get("order") ?? "");
    // A page that there is not says so itself.
    const status = PAGES.test(path) ? 200 : 404;
    send(request, response, { status, type: "text/html; charset=utf-8", body: page(await loadAssets()) });
  }

  async #answerView(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const { isMissing, viewRoute } = loadViewRoutes();
    const routeOf = (to: URL) => viewRoute(this.stack, this.outputs, to);
    const route = routeOf(url);
    if (request.headers.accept === "text/event-stream")
      return this.#answerLive(response, route, routeOf(SUMMARY_URL));
    const leaving = new AbortController();
    response.once("close", () => leaving.abort());
    const view = await route.open().read(leaving.signal);
    sendJson(request, response, view as object, isMissing(view) ? 404 : 200);
  }

  #answerLive(response: ServerResponse, route: ViewRoutes.ViewRoute, summary: ViewRoutes.ViewRoute): void {
    const sendEvent = sendEvents(response);
    const watcher = (event: string): Watcher => ({
      show: (json) => sendEvent(event, json),
      fail: (error) => {
        const { message } = problemOf(error, this.stack);
        sendEvent(LIVE_EVENT.problem, JSON.stringify({ message }));
      },
    });
    const stops = [
      this.#feeds.watch(route.key, route.open, watcher(LIVE_EVENT.view)),
      // Whatever keeps it from being read keeps the view too, and is told there.
      this.#feeds.watch(summary.key, summary.open, { ...watcher(LIVE_EVENT.summary), fail: () => undefined }),
    ];
    const heartbeat = setInterval(() => response.write(":\n\n"), HEARTBEAT_MS);
    response.once("close", () => {
      clearInterval(heartbeat);
      for (const stop of stops) stop();
    });
  }
}

/** With the SDK's clients, which take their time to load: the browser shows the page meanwhile. */
function loadViewRoutes() {
  return createRequire(__filename)("./viewRoutes") as typeof ViewRoutes;
}

async function answerAsset(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const asset = Object.values(await loadAssets()).find((candidate) => candidate.path === path);
  if (!asset) throw new HttpProblem(404, "The console has changed: load the page again.");
  const headers = { "Cache-Control": "private, max-age=31536000, immutable" };
  send(request, response, { ...asset, headers });
}

/** The form that asks for an order by its id. */
function find(request: IncomingMessage, response: ServerResponse, text: string): void {
  const id = encodeURIComponent(text.trim().toLowerCase());
  const location = id === "" ? CONSOLE_PATH : `${CONSOLE_PATH}/orders/${id}`;
  send(request, response, { status: 303, type: "text/plain", body: "", headers: { Location: location } });
}
