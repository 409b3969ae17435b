import type { AwsDocument } from "../aws/api";

/** The member of a request that asks for what it consumed. */
export interface CapacityRequest {
  readonly ReturnConsumedCapacity?: "NONE" | "TOTAL" | "INDEXES";
}

const READ_UNIT_BYTES = 4096;
const WRITE_UNIT_BYTES = 1024;

/** Units of reading so many bytes: one for 4 KB, half of it when the read need not be consistent. */
export function readUnits(bytes: number, consistent: boolean | undefined): number {
  return Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) * (consistent ? 1 : 0.5);
}

/** Units of writing an item: one for 1 KB of the larger of its two versions. */
export function writeUnits(...sizes: readonly (number | undefined)[]): number {
  return Math.max(1, ...sizes.map((bytes) => Math.ceil((bytes ?? 0) / WRITE_UNIT_BYTES)));
}

/** The `ConsumedCapacity` of an answer; nothing unless the request asks for it. What indexes cost is not counted. */
export function consumedCapacity(request: CapacityRequest, tableName: string, units: number): AwsDocument {
  const { ReturnConsumedCapacity: detail } = request;
  if (detail === undefined || detail === "NONE") return {};
  return { ConsumedCapacity: capacityOf(detail, tableName, units) };
}

/** The same for an action on several tables. */
export function consumedCapacities(
  request: CapacityRequest,
  unitsByTable: ReadonlyMap<string, number>,
): AwsDocument {
  const { ReturnConsumedCapacity: detail } = request;
  if (detail === undefined || detail === "NONE") return {};
  return { ConsumedCapacity: [...unitsByTable].map(([table, units]) => capacityOf(detail, table, units)) };
}

function capacityOf(detail: "TOTAL" | "INDEXES", tableName: string, units: number): AwsDocument {
  const total = { TableName: tableName, CapacityUnits: units };
  return detail === "TOTAL" ? total : { ...total, Table: { CapacityUnits: units } };
}
