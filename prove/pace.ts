/** How fast a part of the orders came in, and how much memory the process had then. */
export interface Quarter {
  readonly ordersPerSecond: number;
  readonly megabytes: number;
}

/** Takes the figures of each quarter of a run's orders. */
export class Pace {
  readonly quarters: Quarter[] = [];
  private begun = performance.now();

  /** @param orders how many there will be */
  constructor(private readonly orders: number) {}

  /** @param posted so far */
  note(posted: number): void {
    const quarter = this.orders / 4;
    if (posted < Math.ceil(quarter * (this.quarters.length + 1))) return;
    const now = performance.now();
    this.quarters.push({
      ordersPerSecond: Math.round((quarter * 1_000) / (now - this.begun)),
      megabytes: Math.round(process.memoryUsage.rss() / 1_048_576),
    });
    this.begun = now;
  }
}
