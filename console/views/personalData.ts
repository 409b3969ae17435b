import type { FailedMessage } from "../../ops/failures/failedMessage";
import type { Payload } from "../../ops/history/logEvent";
import type { ExecutionHistory } from "../../ops/history/model";
import type { ExecutionView, FailureView, PayloadView } from "../api";

// What customers posted is in the payloads of executions and in messages. Nothing else of a history is shown without
// passing here.

/** @param personal whether personal data was asked for */
export function showExecution(execution: ExecutionHistory, personal: boolean): ExecutionView {
  const show = (payload: Payload | undefined) => payload && showPayload(payload, personal);
  return {
    ...execution,
    input: show(execution.input),
    output: show(execution.output),
    states: execution.states.map((visit) => ({
      ...visit,
      input: show(visit.input),
      output: show(visit.output),
      attempts: visit.attempts.map((attempt) => ({
        ...attempt,
        parameters: show(attempt.parameters),
        result: show(attempt.result),
      })),
    })),
  };
}

function showPayload({ text, truncated }: Payload, personal: boolean): PayloadView {
  return { truncated, characters: text.length, ...(personal && { text }) };
}

/** @param personal whether personal data was asked for */
export function showFailure({ message, ...failure }: FailedMessage, personal: boolean): FailureView {
  return { ...failure, ...(personal && { body: message.Body ?? "" }) };
}
