/** An error as a state reports it: Retry and Catch look at its name, `$states.errorOutput` shows both. */
export class StateError extends Error {
  override readonly name = "StateError";

  /**
   * @param error the error's name, such as `States.Timeout` or `SNS.NotFoundException`
   * @param reason what happened, in words; empty where Step Functions gives none
   */
  constructor(
    readonly error: string,
    readonly reason: string,
  ) {
    super(`${error}: ${reason}`);
  }
}

/** An expression of a state failed; Step Functions writes an `EvaluationFailed` event for it. */
export class EvaluationError extends StateError {
  /** @param location the field, such as `Arguments/Message` */
  constructor(
    reason: string,
    readonly location: string,
  ) {
    super("States.QueryEvaluationError", reason);
  }
}

/** A value that passes the size limit of a payload. */
export function dataLimitExceeded(what: string): StateError {
  return new StateError(
    "States.DataLimitExceeded",
    `${what} with a size exceeding the maximum number of bytes service limit.`,
  );
}
