import { behind } from "./behind";
import { setting, without, type MutationRule, type Which } from "./mutation";

const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";

const VISIBILITY = "sqs-visibility-timeout";
const PARTIAL = "lambda-partial-batch-response";
const FILTER = "lambda-stream-filter";

const ofStream: Which = ({ inputs }) => inputs["startingPosition"] !== undefined;
const ofQueue: Which = (mapping) => !ofStream(mapping);

/** Filters that leave nothing out, or everything. */
const FILTERS = [
  [],
  [{}],
  ...[
    "",
    "INSERT",
    "{}",
    '{"eventName":[]}',
    '{"eventName":["INSERT","MODIFY","REMOVE"]}',
    '{"eventName":[{"exists":true}]}',
    '{"eventName":[{"anything-but":["CREATED"]}]}',
    '{"eventName":["CREATED"]}',
    '{"eventSource":["aws:dynamodb"]}',
    '{"$or":[{"eventName":["INSERT"]},{}]}',
  ].map((pattern) => [{ pattern }]),
  [{ pattern: '{"eventName":["INSERT"]}' }, { pattern: "{}" }],
  [{ pattern: '{"eventName":["INSERT"]}' }, { pattern: '{"eventName":["MODIFY","REMOVE"]}' }],
];

export const eventSourceMutations: readonly MutationRule[] = [
  behind(
    MAPPING,
    "eventSourceArn",
    (which) => setting(VISIBILITY, "aws:sqs/queue:Queue", "visibilityTimeoutSeconds", [59, 0], which),
    ofQueue,
  ),
  behind(
    MAPPING,
    "eventSourceArn",
    (which) => without(VISIBILITY, "aws:sqs/queue:Queue", "visibilityTimeoutSeconds", which),
    ofQueue,
  ),
  behind(
    MAPPING,
    "functionName",
    (which) => setting(VISIBILITY, "aws:lambda/function:Function", "timeout", [11, 900], which),
    ofQueue,
  ),
  setting(VISIBILITY, MAPPING, "maximumBatchingWindowInSeconds", [1], ofQueue),

  without(PARTIAL, MAPPING, "functionResponseTypes"),
  setting(PARTIAL, MAPPING, "functionResponseTypes", [[]]),

  without(FILTER, MAPPING, "filterCriteria"),
  setting(FILTER, MAPPING, "filterCriteria.filters", FILTERS, ofStream),
];
