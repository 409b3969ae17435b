import type { InvocationResult } from "../lambda/lambdaFunction";
import type { AbruptEnd, FaultInjector } from "./faultInjector";
import { InjectedError } from "./injectedError";

/**
 * Invokes a function while faults are injected: operation `Invoke` of lambda, whoever invokes.
 *
 * @param payload the event, which rules may select by, as by the function's ARN
 * @param throttled told when the invocation is throttled
 * @throws AwsError what the invocation throws, and what a rule says
 */
export function invokeWithFaults(
  faults: FaultInjector | undefined,
  functionArn: string,
  payload: string,
  throttled: () => void,
  perform: (ending?: AbruptEnd) => Promise<InvocationResult>,
): Promise<InvocationResult> {
  if (!faults?.concerns("lambda")) return perform();
  return faults.run<InvocationResult>({
    service: "lambda",
    operation: "Invoke",
    text: () => `${functionArn} ${payload}`,
    perform,
    refuse: (refusal, rule) => {
      if (refusal === "throttling") throttled();
      throw new InjectedError("lambda", refusal, rule);
    },
  });
}

/**
 * Hands an event over to a function while faults are injected: operation `InvokeAsync` of lambda. What becomes of the
 * event afterwards is an `Invoke`.
 *
 * @throws AwsError what the hand-over throws, and what a rule says
 */
export function acceptWithFaults(
  faults: FaultInjector | undefined,
  functionArn: string,
  payload: string,
  accept: () => string,
): Promise<string> {
  const perform = () => Promise.resolve().then(accept);
  if (!faults?.concerns("lambda")) return perform();
  return faults.run<string>({
    service: "lambda",
    operation: "InvokeAsync",
    text: () => `${functionArn} ${payload}`,
    perform,
    refuse: (refusal, rule) => {
      throw new InjectedError("lambda", refusal, rule);
    },
  });
}
