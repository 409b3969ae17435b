import type { ViewReader } from "../views/viewReader";

/** Expired credentials do not come back within a second. */
const ERROR_PAUSE_MS = 3_000;

/** Told what a feed reads, and what goes wrong. */
export interface Watcher {
  /** @param json the view */
  show(json: string): void;
  /** The feed goes on: a view may follow. */
  fail(error: unknown): void;
}

/** One view that is read again and again until it is stopped; everybody who watches it shares the readings. */
class LiveFeed {
  readonly watchers = new Set<Watcher>();
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #shown: string | undefined;

  constructor(
    private readonly reader: ViewReader<unknown>,
    private readonly errorPauseMs: number,
  ) {
    void this.#read(reader.readFirst?.bind(reader));
  }

  /** Tells the watcher what is known already, then what changes. */
  add(watcher: Watcher): void {
    this.watchers.add(watcher);
    if (this.#shown !== undefined) watcher.show(this.#shown);
  }

  stop(): void {
    this.#stopping.abort();
    clearTimeout(this.#timer);
  }

  async #read(readFirst?: ViewReader<unknown>["readFirst"]): Promise<void> {
    const { signal } = this.#stopping;
    const startedAt = Date.now();
    let pauseMs = this.errorPauseMs;
    try {
      const view = await (readFirst ?? this.reader.read.bind(this.reader))(signal);
      // What takes long may take half of the time and no more.
      pauseMs = Math.max(readFirst ? 0 : this.reader.pauseMs(view), Date.now() - startedAt);
      if (!signal.aborted) this.#show(JSON.stringify(view));
    } catch (error) {
      this.#shown = undefined;
      if (!signal.aborted) for (const watcher of this.watchers) watcher.fail(error);
    }
    if (!signal.aborted) this.#timer = setTimeout(() => void this.#read(), pauseMs);
  }

  #show(json: string): void {
    if (json === this.#shown) return;
    this.#shown = json;
    for (const watcher of this.watchers) watcher.show(json);
  }
}

/** The feeds that somebody watches now: nothing is read for nobody, and nothing twice for two. */
export class LiveFeeds {
  readonly #feeds = new Map<string, LiveFeed>();

  /** @param errorPauseMs before a view that could not be read is tried again */
  constructor(private readonly errorPauseMs = ERROR_PAUSE_MS) {}

  /**
   * @param key names the view
   * @returns how to stop watching
   */
  watch(key: string, openReader: () => ViewReader<unknown>, watcher: Watcher): () => void {
    const feed = this.#feeds.get(key) ?? new LiveFeed(openReader(), this.errorPauseMs);
    this.#feeds.set(key, feed);
    feed.add(watcher);
    return () => {
      if (!feed.watchers.delete(watcher) || feed.watchers.size > 0) return;
      feed.stop();
      this.#feeds.delete(key);
    };
  }

  stop(): void {
    for (const feed of this.#feeds.values()) feed.stop();
    this.#feeds.clear();
  }
}
