import type { Clock } from "../../clock";
import { LARGEST_PAYLOAD_BYTES } from "../lambdaFunction";
import type { StreamItem } from "./streamBatch";

/** Room for the event around the records. */
const EVENT_BYTES = 64;

/** Items of one shard that are processed strictly one batch after the other. */
export class Lane {
  private readonly waiting: StreamItem[] = [];
  private draining = false;
  /** Ends the wait for a batching window. */
  private full: (() => void) | undefined;

  /** @param process resolves when the batch is done or nothing more is to be done; never rejects */
  constructor(
    private readonly clock: Clock,
    private readonly limits: { readonly batchSize: number; readonly batchingWindowMs: number },
    private readonly process: (items: readonly StreamItem[]) => Promise<void>,
    private readonly stopping: AbortSignal,
  ) {}

  push(item: StreamItem): void {
    this.waiting.push(item);
    if (this.waiting.length >= this.limits.batchSize) this.full?.();
  }

  /** Works off what is waiting; at once when it is not at it already. */
  async drain(): Promise<void> {
    if (this.draining) return;
    this.draining = true;
    while (this.waiting.length > 0 && !this.stopping.aborted) {
      await this.gather();
      if (!this.stopping.aborted) await this.process(this.takeBatch());
    }
    this.draining = false;
  }

  /** Waits until the batching window is over or the batch is full. */
  private async gather(): Promise<void> {
    const { batchSize, batchingWindowMs } = this.limits;
    if (batchingWindowMs === 0 || this.waiting.length >= batchSize) return;
    const isFull = new AbortController();
    this.full = () => isFull.abort();
    await this.clock.wait(batchingWindowMs, AbortSignal.any([isFull.signal, this.stopping]));
    this.full = undefined;
  }

  private takeBatch(): StreamItem[] {
    let bytes = EVENT_BYTES;
    let count = 0;
    for (const { json } of this.waiting) {
      bytes += Buffer.byteLength(json) + 1;
      if (count === this.limits.batchSize || (count > 0 && bytes > LARGEST_PAYLOAD_BYTES)) break;
      count++;
    }
    return this.waiting.splice(0, count);
  }
}
