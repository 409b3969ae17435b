import { createHash } from "node:crypto";
import type { AwsDocument } from "../aws/api";
import type { Caller } from "../aws/caller";
import { validationError } from "./errors";
import { parseExpressions } from "./expressions";
import type { ItemServices } from "./itemActions";
import { checkExpressionParams, checkPageRequest, readPage, readStartKey, sourceOf } from "./pages";
import type { PageRow } from "./pageStore";
import { REQUESTS, type ScanInput } from "./requests";

/** Every item of a table or index, or of one segment of it. */
export function scan(services: ItemServices, input: AwsDocument, caller: Caller): AwsDocument {
  const request = REQUESTS.Scan(input);
  const { TableName: tableName, IndexName: indexName, ExclusiveStartKey } = request;
  const table = services.tables.open({ caller, action: "dynamodb:Scan", tableName, indexName, data: true });
  checkExpressionParams(request, "ProjectionExpression", "FilterExpression");
  checkSegment(request);
  const source = sourceOf(table, request);
  const expressions = parseExpressions(request);
  checkPageRequest(request, source, expressions);
  const after = ExclusiveStartKey && readStartKey(ExclusiveStartKey, source);
  const rows = services.items.rows(table, source.index, { forward: true, ...(after && { after }) });
  return readPage({ request, source, expressions, rows: segmentOf(rows, request) });
}

function checkSegment({ Segment, TotalSegments }: ScanInput): void {
  if (Segment !== undefined && TotalSegments === undefined)
    throw validationError(
      "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
    );
  if (TotalSegments === undefined) return;
  if (Segment === undefined)
    throw validationError(
      "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
    );
  if (Segment >= TotalSegments)
    throw validationError(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${Segment} is not less than TotalSegments: ${TotalSegments}`,
    );
}

/** Each partition belongs to one segment. */
function* segmentOf(rows: Iterable<PageRow>, { Segment, TotalSegments = 1 }: ScanInput): Generator<PageRow> {
  for (const row of rows) {
    const hash = TotalSegments > 1 ? createHash("md5").update(row.partitionKey).digest().readUInt32BE() : 0;
    if (TotalSegments === 1 || hash % TotalSegments === Segment) yield row;
  }
}
