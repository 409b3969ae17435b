import type { Cancel, Clock } from "../clock";

/** What long polling asks of a queue's messages. */
export interface Visibility {
  /** When the next hidden message becomes visible, in milliseconds since the epoch. */
  nextVisibleAt(): number | undefined;
  countVisible(atMost: number): number;
}

/**
 * The receivers that wait for a message of one queue. A message wakes one of them, the one that has waited longest;
 * hidden messages that become visible (their delay or visibility timeout is over) wake one each as well.
 */
export class Pollers {
  /** In order of arrival. */
  private readonly waiting = new Set<() => void>();
  private timer: { readonly due: number; readonly cancel: Cancel } | undefined;
  private stopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly visibility: Visibility,
  ) {}

  /** Resolves with true when a message is there for this receiver, with false after `ms` or when the client has gone. */
  wait(ms: number, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (ms <= 0 || this.stopped || signal?.aborted) return resolve(false);
      const end = (woken: boolean) => {
        this.waiting.delete(wake);
        cancel();
        signal?.removeEventListener("abort", leave);
        resolve(woken);
      };
      const wake = () => end(!this.stopped);
      const leave = () => end(false);
      const cancel = this.clock.after(ms, leave);
      signal?.addEventListener("abort", leave, { once: true });
      this.waiting.add(wake);
      if (this.waiting.size === 1) this.arm();
    });
  }

  /** Wakes one receiver for each of `count` messages that have become visible. */
  wake(count = 1): void {
    for (const wake of this.waiting) {
      if (count-- <= 0) return;
      wake();
    }
  }

  /** A message has been hidden until `visibleAt`. */
  hidden(visibleAt: number): void {
    if (this.waiting.size > 0 && visibleAt < (this.timer?.due ?? Infinity)) this.armFor(visibleAt);
  }

  /** Sends every waiting receiver away empty-handed. */
  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
    this.wake(this.waiting.size);
  }

  private arm(): void {
    const due = this.visibility.nextVisibleAt();
    if (due === undefined) this.disarm();
    else this.armFor(due);
  }

  private armFor(due: number): void {
    this.disarm();
    const cancel = this.clock.after(due - this.clock.now(), () => {
      this.timer = undefined;
      if (this.waiting.size === 0) return;
      this.wake(this.visibility.countVisible(this.waiting.size));
      if (this.waiting.size > 0) this.arm();
    });
    this.timer = { due, cancel };
  }

  private disarm(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
