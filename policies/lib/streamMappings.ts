/** What of an event source mapping's inputs tells its source. */
interface Source {
  readonly startingPosition?: string | undefined;
  readonly topics?: readonly string[] | undefined;
  readonly selfManagedEventSource?: unknown;
  readonly documentDbEventSourceConfig?: unknown;
}

/**
 * Whether an event source mapping reads a stream of DynamoDB or Kinesis. Only they, Kafka and DocumentDB have a starting
 * position, which must be given (Lambda API Reference, `CreateEventSourceMapping`); the source's ARN is not known yet in a
 * preview.
 */
export function readsStream(mapping: Source): boolean {
  const { startingPosition, topics = [], selfManagedEventSource, documentDbEventSourceConfig } = mapping;
  return (
    Boolean(startingPosition) &&
    topics.length === 0 &&
    !selfManagedEventSource &&
    !documentDbEventSourceConfig
  );
}
