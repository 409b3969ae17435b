/** Why an execution ends from outside. */
export type InterruptionReason = "TIMED_OUT" | "ABANDONED";

/** Thrown where an execution waits when it is to end from outside: no state retries or catches it. */
export class Interruption extends Error {
  override readonly name = "Interruption";

  constructor(readonly reason: InterruptionReason) {
    super(reason);
  }
}

/** Lets whatever an execution waits for be given up: it waits for one thing at a time. */
export class Interrupter {
  private interruption: Interruption | undefined;
  private reject: (error: Error) => void = () => undefined;

  interrupt(reason: InterruptionReason): void {
    this.interruption ??= new Interruption(reason);
    this.giveUp(this.interruption);
  }

  /** Ends what is waited for, if anything is, with the error. */
  giveUp(error: Error): void {
    this.reject(error);
  }

  /** @throws Interruption once interrupted */
  check(): void {
    if (this.interruption !== undefined) throw this.interruption;
  }

  /** What the promise gives. @throws Interruption once interrupted, or what it was given up with, whatever becomes of it */
  async orInterrupted<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.reject = reject;
      promise.then(resolve, reject);
      if (this.interruption !== undefined) reject(this.interruption);
    });
  }
}
