import type { AwsApi, AwsApis, AwsDocument } from "../aws/api";
import { optionalDocuments } from "../aws/document";
import type { FaultInjector } from "./faultInjector";
import { InjectedError } from "./injectedError";

/** The service as its clients find it while faults are injected: every call that passes here may fail. */
export function faultyApi(faults: FaultInjector, service: keyof AwsApis, api: AwsApi): AwsApi {
  return {
    call(action, input, caller, signal) {
      if (!faults.concerns(service)) return api.call(action, input, caller, signal);
      return faults.run<AwsDocument>({
        service,
        operation: action,
        caller,
        signal,
        text: () => JSON.stringify(input),
        perform: () => api.call(action, input, caller, signal),
        refuse: (refusal, rule) => {
          throw new InjectedError(service, refusal, rule);
        },
        ignore: () => (action === "DeleteMessageBatch" ? deletedBatch(input) : {}),
      });
    },
  };
}

/**
 * The answer to a delete that a server with a copy of the messages missed: they come again (SQS Developer Guide,
 * "At-least-once delivery").
 */
function deletedBatch(input: AwsDocument): AwsDocument {
  return { Successful: (optionalDocuments(input, "Entries") ?? []).map(({ Id }) => ({ Id })) };
}
