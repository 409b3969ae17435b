import type { Cancel, Clock } from "../clock";
import type { FunctionWorker } from "./functionWorker";
import type { FunctionError } from "./runtime/protocol";

/** A worker that is ready, and what is kept beside it. */
export interface PooledWorker {
  readonly worker: FunctionWorker;
  readonly logStreamName: string;
  /** How long it took to start; taken by the first invocation's report. */
  initMs: number | undefined;
}

/** A worker on its way. */
export interface StartingWorker {
  readonly pooled: PooledWorker;
  readonly error: Promise<FunctionError | undefined>;
}

interface Waiting {
  readonly take: (pooled: PooledWorker) => void;
  readonly fail: (error: FunctionError) => void;
}

/** Of one function at once; more would only compete for the machine's cores. Further invocations wait. */
const MOST_WORKERS = 4;
const IDLE_MS = 60_000;
/** Short invocations are worth waiting for: a further worker has its own copy of the code to load and to warm up. */
const PATIENCE_MS = 1_000;

const SHUT_DOWN: FunctionError = {
  errorType: "Runtime.ExitError",
  errorMessage: "The local run is stopping.",
};

/** The function's module could not be loaded. */
export class InitializationError extends Error {
  constructor(readonly error: FunctionError) {
    super(error.errorMessage);
  }
}

/**
 * The workers of one function: another is started when invocations wait and none has become free for a while, up to
 * {@link MOST_WORKERS}. The one used last is used next, so those that a burst left behind fall idle and end.
 */
export class WorkerPool {
  private readonly all = new Set<FunctionWorker>();
  private readonly idle: { readonly pooled: PooledWorker; readonly cancelEnd: Cancel }[] = [];
  private readonly waiting: Waiting[] = [];
  private starting = 0;
  private ended = false;
  private endPatience: Cancel | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly start: () => StartingWorker,
  ) {}

  /** How many workers there are, busy and idle. */
  get size(): number {
    return this.all.size;
  }

  /** Starts a worker ahead of the first invocation. Never rejects: a failure comes again at the first invocation. */
  async warmUp(): Promise<void> {
    await this.startOne();
  }

  /**
   * A worker for one invocation; give it back with {@link release}.
   *
   * @throws InitializationError when the worker that was started for it cannot load the function
   */
  acquire(): Promise<PooledWorker> {
    for (let free = this.idle.pop(); free; free = this.idle.pop()) {
      free.cancelEnd();
      if (free.pooled.worker.usable) return Promise.resolve(free.pooled);
      // It crashed between two invocations: no invocation's fault.
      this.all.delete(free.pooled.worker);
    }
    if (this.ended) return Promise.reject(new InitializationError(SHUT_DOWN));
    return new Promise((resolve, reject) => {
      const fail = (error: FunctionError) => reject(new InitializationError(error));
      if (this.waiting.push({ take: resolve, fail }) === 1) this.beginPatience();
      if (this.all.size === 0) this.startForWaiting();
    });
  }

  release(pooled: PooledWorker): void {
    if (!pooled.worker.usable) {
      this.all.delete(pooled.worker);
      return this.startForWaiting();
    }
    const next = this.waiting.shift();
    if (next) {
      this.beginPatience();
      return next.take(pooled);
    }
    const entry = { pooled, cancelEnd: this.clock.after(IDLE_MS, () => this.endIdle(entry)) };
    this.idle.push(entry);
  }

  /** Ends every worker, and with them the invocations that run or wait. */
  async end(): Promise<void> {
    this.ended = true;
    this.endPatience?.();
    for (const { fail } of this.waiting.splice(0)) fail(SHUT_DOWN);
    for (const { cancelEnd } of this.idle.splice(0)) cancelEnd();
    await Promise.all([...this.all].map((worker) => worker.end()));
  }

  private async startOne(): Promise<void> {
    this.starting++;
    const { pooled, error } = this.start();
    this.all.add(pooled.worker);
    const failure = await error;
    this.starting--;
    if (!failure) return this.release(pooled);
    this.all.delete(pooled.worker);
    await pooled.worker.end();
    this.waiting.shift()?.fail(failure);
    this.startForWaiting();
  }

  private startForWaiting(): void {
    if (!this.ended && this.waiting.length > this.starting && this.all.size < MOST_WORKERS)
      void this.startOne();
  }

  private beginPatience(): void {
    this.endPatience?.();
    this.endPatience = this.clock.after(PATIENCE_MS, () => {
      this.startForWaiting();
      if (this.waiting.length > 0) this.beginPatience();
    });
  }

  private endIdle(entry: (typeof this.idle)[number]): void {
    if (this.all.size <= 1) return;
    this.idle.splice(this.idle.indexOf(entry), 1);
    this.all.delete(entry.pooled.worker);
    void entry.pooled.worker.end();
  }
}
