import type { Clock } from "../clock";
import type { Store } from "../store";
import { itemsAreEqual, type Item } from "./attributeValue";
import type { ItemChange, ItemStore, StoredTable } from "./itemStore";
import { keyOf } from "./keys";
import type { Streams } from "./streams";
import type { Shard, Stream, StreamStore } from "./streamStore";

const EXPIRED_AT_ONCE = 100;

/** Makes changes of items: the item, its index entries and its stream record are kept together or not at all. */
export class Changes {
  private readonly streamOf = new Map<StoredTable, Stream>();

  constructor(
    private readonly dependencies: {
      readonly store: Store;
      readonly clock: Clock;
      readonly items: ItemStore;
      readonly streamStore: StreamStore;
      readonly streams: Streams;
    },
  ) {}

  /** From now on, changes of the table are recorded in the stream. */
  record(table: StoredTable, stream: Stream): void {
    this.streamOf.set(table, stream);
  }

  /**
   * Makes all of the changes, or none. One that changes nothing leaves no record in the stream ("if the operation does
   * not change any data, DynamoDB Streams does not write a stream record").
   */
  commit(changes: readonly ItemChange[], byTimeToLive = false): void {
    const real = changes.filter(changesSomething);
    if (real.length === 0) return;
    const { store, clock, items, streamStore, streams } = this.dependencies;
    const now = clock.now();
    const shards = new Set<Shard>();
    store.transaction(() => {
      for (const change of real) {
        items.write(change);
        const stream = this.streamOf.get(change.table);
        if (stream) shards.add(streamStore.append(stream, change, now, byTimeToLive));
      }
    });
    for (const shard of shards) streams.announce(shard);
  }

  /** Deletes what has expired, as the service itself does: its stream records say so. */
  deleteExpired(table: StoredTable): void {
    const { clock, items } = this.dependencies;
    const now = Math.floor(clock.now() / 1000);
    for (;;) {
      const expired = items.expired(table, now, EXPIRED_AT_ONCE).map((stored): ItemChange => {
        const item = JSON.parse(stored.text) as Item;
        return {
          table,
          key: keyOf(item, table.definition.key),
          before: { ...stored, item },
          after: undefined,
        };
      });
      if (expired.length === 0) return;
      this.commit(expired, true);
    }
  }
}

function changesSomething({ before, after }: ItemChange): boolean {
  if (before && after) return before.text !== after.text && !itemsAreEqual(before.item, after.item);
  return before !== undefined || after !== undefined;
}
