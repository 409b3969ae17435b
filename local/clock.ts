/** Cancels a pending call; harmless when it has run. */
export type Cancel = () => void;

interface Pending {
  readonly due: number;
  readonly run: () => void;
  timer: NodeJS.Timeout | undefined;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The time of the local run. Tests move it forward instead of waiting. */
export class Clock {
  private offsetMs = 0;
  private readonly pending = new Set<Pending>();

  /** Milliseconds since the epoch. */
  now(): number {
    return Date.now() + this.offsetMs;
  }

  /** How far this clock is ahead of the machine's, in milliseconds. */
  get aheadMs(): number {
    return this.offsetMs;
  }

  /** How long until something falls due, in milliseconds; `undefined` when nothing is pending. */
  get nextDueMs(): number | undefined {
    let next = Infinity;
    for (const { due } of this.pending) if (due < next) next = due;
    return next === Infinity ? undefined : Math.max(0, next - this.now());
  }

  /** Calls `run` once `delayMs` milliseconds of this clock have passed. */
  after(delayMs: number, run: () => void): Cancel {
    const entry: Pending = { due: this.now() + delayMs, run, timer: undefined };
    this.pending.add(entry);
    this.arm(entry);
    return () => this.cancel(entry);
  }

  /** Resolves once `delayMs` milliseconds of this clock have passed, or as soon as the signal is aborted. */
  wait(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        cancel();
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const cancel = this.after(delayMs, done);
      signal?.addEventListener("abort", done, { once: true });
    });
  }

  /** Moves the time forward; what falls due runs, earliest first, before this returns. */
  advance(ms: number): void {
    this.offsetMs += ms;
    for (const entry of [...this.pending].sort((a, b) => a.due - b.due)) {
      if (!this.pending.has(entry)) continue;
      clearTimeout(entry.timer);
      this.arm(entry);
    }
  }

  /** Cancels everything that is pending. */
  stop(): void {
    for (const entry of this.pending) this.cancel(entry);
  }

  private cancel(entry: Pending): void {
    clearTimeout(entry.timer);
    this.pending.delete(entry);
  }

  private arm(entry: Pending): void {
    const remaining = entry.due - this.now();
    if (remaining <= 0 && entry.timer !== undefined) return this.fire(entry);
    entry.timer = setTimeout(
      () => (entry.due <= this.now() ? this.fire(entry) : this.arm(entry)),
      Math.min(Math.max(remaining, 0), LONGEST_TIMER_MS),
    );
  }

  private fire(entry: Pending): void {
    if (this.pending.delete(entry)) entry.run();
  }
}
