import type { AwsApi, AwsDocument } from "../../../local/aws/api";
import { AwsError } from "../../../local/aws/error";

type Call = AwsApi["call"];

/** A service of the local run as a class. */
interface Service {
  prototype: { call: Call };
}

/** What a client tries again. */
export const DOWN = new AwsError("InternalFailure", "The service is down.", 500);

/** What a client does not try again. */
export const DENIED = new AwsError("AccessDeniedException", "The role does not permit it.", 400);

/** What a service does wrong until it is mended. */
export interface Fault {
  /** How many calls have failed. */
  count: number;
  mend(): void;
}

/**
 * Makes an action of a service of the local run fail for what mentions a text, as a service that is down would.
 *
 * @param about such as an order's id, anywhere in the call's input
 * @param times how many calls fail; all of them without it
 * @param error what they fail with
 */
export function breakService(
  service: Service,
  action: string,
  about: string,
  { times = Infinity, error = DOWN }: { readonly times?: number; readonly error?: AwsError } = {},
): Fault {
  const original = service.prototype.call;
  const spy = jest.spyOn(service.prototype, "call");
  const fault = { count: 0, mend: () => spy.mockRestore() };
  spy.mockImplementation(function (this: AwsApi, name: string, input: AwsDocument, ...rest) {
    if (name !== action || fault.count >= times || !JSON.stringify(input).includes(about))
      return original.call(this, name, input, ...rest);
    fault.count++;
    return Promise.reject(error);
  });
  return fault;
}
