/** What of an event source mapping's inputs tells that its source is no queue of SQS. */
interface Source {
  readonly startingPosition?: string | undefined;
  readonly topics?: readonly string[] | undefined;
  readonly queues?: string | undefined;
  readonly selfManagedEventSource?: unknown;
  readonly documentDbEventSourceConfig?: unknown;
}

/**
 * Whether an event source mapping reads a queue of SQS: it has nothing of what each other source must have, a starting
 * position, or the name of a topic, of a queue of Amazon MQ or of a database (Lambda API Reference,
 * `CreateEventSourceMapping`). The source's ARN is not known yet in a preview.
 */
export function readsQueue(mapping: Source): boolean {
  const {
    startingPosition,
    topics = [],
    queues,
    selfManagedEventSource,
    documentDbEventSourceConfig,
  } = mapping;
  return !(
    startingPosition ||
    topics.length > 0 ||
    queues ||
    selfManagedEventSource ||
    documentDbEventSourceConfig
  );
}
