import type { Clock } from "../clock";

/**
 * A token bucket: it holds at most `burst` requests and refills at `rate` a second (developer guide, throttle
 * requests to your REST APIs).
 */
export class TokenBucket {
  private tokens: number;
  private filledAtMs: number;

  /** @param ratePerSecond requests a second in the long run; @param burst requests at once */
  constructor(
    private readonly clock: Clock,
    private readonly ratePerSecond: number,
    private readonly burst: number,
  ) {
    this.tokens = burst;
    this.filledAtMs = clock.now();
  }

  /** Takes one request; false when the bucket is empty. */
  take(): boolean {
    const now = this.clock.now();
    const refill = ((now - this.filledAtMs) / 1000) * this.ratePerSecond;
    this.tokens = Math.min(this.burst, this.tokens + refill);
    this.filledAtMs = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
