import type { StreamRecord } from "../../dynamodb/streams";
import { AwsError } from "../../aws/error";
import type { InvocationResult } from "../lambdaFunction";
import { readBatchOutcome, type BatchOutcome } from "./batchResponse";
import type { Discard } from "./failureDestination";
import { eventOf, type MappingContext } from "./mapping";
import type { StreamMappingSettings } from "./mappingSettings";

/** A record on its way to the function. */
export interface StreamItem {
  readonly record: StreamRecord;
  /** As the function gets it. */
  readonly json: string;
  /** Processed or given up. */
  done: boolean;
}

/** Lambda documents exponential backoff, not its figures. */
const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 60_000;

/** What has been tried for a batch; its parts inherit it. */
interface Attempts {
  readonly invocations: number;
  /** Those of the invocations that count against the retries. */
  readonly failures: number;
  readonly last?: InvocationResult;
}

/**
 * Brings batches of stream records through: a failed one is retried, halved (`bisectBatchOnFunctionError`) and, when
 * its retries or its time are used up, discarded to the failure destination, so that the records behind it get their
 * turn (Lambda Developer Guide, "Configuring failure handling", DynamoDB).
 */
export class StreamBatchProcessor {
  constructor(
    private readonly settings: StreamMappingSettings,
    private readonly context: MappingContext,
    private readonly discard: (items: readonly StreamItem[], why: Discard) => Promise<void>,
    private readonly stopping: AbortSignal,
  ) {}

  /** Resolves when every item is done, or the mapping is stopping. */
  async process(items: readonly StreamItem[]): Promise<void> {
    await this.attempt(items, { invocations: 0, failures: 0 });
  }

  private async attempt(batch: readonly StreamItem[], attempts: Attempts): Promise<void> {
    const items = await this.discardAged(batch, attempts);
    if (items.length === 0 || this.stopping.aborted) return;
    const result = await this.invoke(items);
    if (this.stopping.aborted && result?.functionError) return;
    if (!result) return this.later(items, attempts, attempts.invocations);

    const identifiers = items.map(({ record }) => record.dynamodb.SequenceNumber);
    const outcome = readBatchOutcome(result, this.settings.reportsItems, identifiers);
    const remaining = unprocessed(items, outcome);
    markDone(items.slice(0, items.length - remaining.length));
    if (remaining.length === 0) return;
    await this.retry(remaining, outcome, {
      invocations: attempts.invocations + 1,
      failures: attempts.failures + 1,
      last: result,
    });
  }

  private async retry(
    items: readonly StreamItem[],
    outcome: BatchOutcome,
    attempts: Attempts,
  ): Promise<void> {
    if (outcome.kind === "failed" && this.settings.bisects && items.length > 1) {
      // "Splitting a batch does not count towards the retry quota."
      const halved = { ...attempts, failures: attempts.failures - 1 };
      const middle = Math.ceil(items.length / 2);
      await this.attempt(items.slice(0, middle), halved);
      return this.attempt(items.slice(middle), halved);
    }
    if (attempts.failures > this.settings.maximumRetries)
      return this.giveUp(items, "RetryAttemptsExhausted", attempts);
    await this.later(items, attempts, attempts.failures);
  }

  private async later(items: readonly StreamItem[], attempts: Attempts, count: number): Promise<void> {
    const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** Math.max(0, count - 1), LONGEST_BACKOFF_MS);
    await this.context.clock.wait(backoff, this.stopping);
    if (!this.stopping.aborted) await this.attempt(items, attempts);
  }

  /** @returns `undefined` when the function could not be asked, such as when it is throttled: no failure of the batch */
  private async invoke(items: readonly StreamItem[]): Promise<InvocationResult | undefined> {
    const { clock, function: target } = this.context;
    const last = items.at(-1);
    if (last !== undefined)
      target.metrics.iteratorAge(clock.now() - last.record.dynamodb.ApproximateCreationDateTime * 1_000);
    try {
      return await target.invoke(eventOf(items.map(({ json }) => json)));
    } catch (error) {
      if (!(error instanceof AwsError && error.code === "TooManyRequestsException"))
        this.context.onFault(error);
      return undefined;
    }
  }

  /** Records come in order of age: those that are too old stand at the front. */
  private async discardAged(
    items: readonly StreamItem[],
    attempts: Attempts,
  ): Promise<readonly StreamItem[]> {
    const oldest = this.context.clock.now() - this.settings.maximumRecordAgeMs;
    const first = items.findIndex(
      ({ record }) => record.dynamodb.ApproximateCreationDateTime * 1000 >= oldest,
    );
    const aged = first < 0 ? items : items.slice(0, first);
    if (aged.length > 0) await this.giveUp(aged, "RecordAgeExceeded", attempts);
    return items.slice(aged.length);
  }

  private async giveUp(
    items: readonly StreamItem[],
    condition: Discard["condition"],
    { invocations, last }: Attempts,
  ): Promise<void> {
    await this.discard(items, { condition, invocations, last });
    markDone(items);
  }
}

/** A partial answer counts from its lowest sequence number: everything behind it runs again. */
function unprocessed(items: readonly StreamItem[], outcome: BatchOutcome): readonly StreamItem[] {
  if (outcome.kind === "processed") return [];
  if (outcome.kind === "failed") return items;
  return items.slice(items.findIndex(({ record }) => outcome.failed.has(record.dynamodb.SequenceNumber)));
}

function markDone(items: readonly StreamItem[]): void {
  for (const item of items) item.done = true;
}
