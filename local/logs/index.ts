export type { LogEvent, LogPiece, QuotedPiece } from "./logEvent";
export { Logs } from "./logs";
