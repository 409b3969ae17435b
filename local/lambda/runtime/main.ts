import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { AwsCalls } from "./awsCalls";
import { followRunClock, setAhead } from "./date";
import { describeError, RuntimeError } from "./errors";
import { loadHandler, type Handler } from "./handler";
import { isolate } from "./isolation";
import { Outbox } from "./outbox";
import { Output } from "./output";
import type { Command, FunctionError, Invocation, Report, RuntimeSettings } from "./protocol";

/**
 * The runtime of one function, in a worker thread: loads the handler, then runs one invocation after the other. Its
 * counterpart on AWS is the Node.js runtime interface client.
 */
async function main(settings: RuntimeSettings, port: NonNullable<typeof parentPort>): Promise<void> {
  const outbox = new Outbox<Report>((reports) => port.postMessage(reports));
  const report = (message: Report) => outbox.add(message);
  const output = new Output((message) => report({ type: "log", message }));
  output.capture(settings.logFormat, settings.logLevel);
  const awsCalls = new AwsCalls(report);
  awsCalls.carry(settings.origin);
  isolate();
  followRunClock();
  dropVersionReminder();
  endOnUncaughtErrors(report, output);
  process.on("exit", () => {
    output.flush();
    outbox.flush();
  });
  let handler: Handler;
  try {
    handler = await loadHandler(settings.taskRoot, settings.handler);
  } catch (error) {
    console.error(error);
    output.flush();
    report({ type: "initFailed", error: describeError(error) });
    return;
  }
  output.flush();
  const run = async (invocation: Invocation) => {
    const outcome = await invoke(handler, invocation, output);
    output.flush();
    output.requestId = "";
    report(outcome);
  };
  port.on("message", (commands: readonly Command[]) => {
    for (const command of commands) {
      if (command.type === "invoke") void run(command);
      else awsCalls.answer(command.id, command.answer);
    }
  });
  report({ type: "ready" });
}

async function invoke(handler: Handler, invocation: Invocation, output: Output): Promise<Report> {
  output.requestId = invocation.requestId;
  setAhead(invocation.clockAheadMs);
  process.env["_X_AMZN_TRACE_ID"] = invocation.traceId;
  try {
    const result = await handler(JSON.parse(invocation.payload), contextOf(invocation));
    return { type: "answered", payload: toJson(result), usedMegabytes: usedMegabytes() };
  } catch (error) {
    console.error("Invoke Error", error);
    return { type: "failed", error: describeError(error), usedMegabytes: usedMegabytes() };
  }
}

function toJson(result: unknown): string {
  try {
    return JSON.stringify(result) ?? "null";
  } catch {
    throw new RuntimeError("Runtime.MarshalError", "Unable to stringify response body");
  }
}

/** The handler's second argument (Lambda Developer Guide, "Node.js context object"). */
function contextOf({ requestId, functionArn, remainingMs }: Invocation): object {
  const deadline = performance.now() + remainingMs;
  return {
    awsRequestId: requestId,
    invokedFunctionArn: functionArn,
    functionName: process.env["AWS_LAMBDA_FUNCTION_NAME"],
    functionVersion: process.env["AWS_LAMBDA_FUNCTION_VERSION"],
    memoryLimitInMB: process.env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
    logGroupName: process.env["AWS_LAMBDA_LOG_GROUP_NAME"],
    logStreamName: process.env["AWS_LAMBDA_LOG_STREAM_NAME"],
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  };
}

/** The SDK's, that this machine's Node will be too old for it one day: AWS's own runtimes give no reason for it. */
function dropVersionReminder(): void {
  const emitWarning = process.emitWarning.bind(process) as (...warning: unknown[]) => void;
  process.emitWarning = (...warning: unknown[]) => {
    if (!String(warning[0]).startsWith("NodeVersionSupportWarning")) emitWarning(...warning);
  };
}

function usedMegabytes(): number {
  return Math.ceil(getHeapStatistics().used_heap_size / 1024 / 1024);
}

function endOnUncaughtErrors(report: (message: Report) => void, output: Output): void {
  const end = (error: FunctionError) => {
    output.flush();
    report({ type: "crashed", error });
    process.exit(1);
  };
  process.on("uncaughtException", (error) => {
    console.error("Uncaught Exception", error);
    end(describeError(error));
  });
  process.on("unhandledRejection", (reason) => {
    console.error("Unhandled Promise Rejection", reason);
    const { errorMessage, trace = [] } = describeError(reason);
    end({ errorType: "Runtime.UnhandledPromiseRejection", errorMessage, trace });
  });
}

if (parentPort) void main(workerData as RuntimeSettings, parentPort);
