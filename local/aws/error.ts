/** An error as an AWS API answers it: what a client reads in `error.name` and `error.message`. */
export class AwsError extends Error {
  /**
   * @param code the error's name in the service's API reference, such as `ResourceNotFoundException`
   * @param message what is wrong, for a person
   * @param status the HTTP status of the answer
   * @param fields further members of the error's body, such as `Item` of a failed condition
   */
  constructor(
    readonly code: string,
    message: string,
    readonly status: number = 400,
    readonly fields: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = code;
  }
}
