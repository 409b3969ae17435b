export type { TaskApis } from "./integration";
export type { LogSink } from "./logDelivery";
export type { AssumeRole } from "./machineSession";
export { StepFunctions } from "./stepFunctions";
