/**
 * The one place where the Pulumi SDK's untyped inside is given types: its protocol messages, and the few functions of
 * its runtime that the published declarations leave out.
 */
import type * as grpc from "@grpc/grpc-js";
import * as sdkSettings from "@pulumi/pulumi/runtime/settings";
import * as sdkState from "@pulumi/pulumi/runtime/state";
import type * as emptyMessages from "google-protobuf/google/protobuf/empty_pb";
import type * as structMessages from "google-protobuf/google/protobuf/struct_pb";
import { createRequire } from "node:module";

export { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
export {
  type AnalyzeDiagnostic,
  AnalyzeRequest,
  type AnalyzeResponse,
  type AnalyzerInfo,
  AnalyzerPropertyDependencies,
  AnalyzerResource,
  AnalyzerResourceOptions,
  AnalyzerStackConfigureRequest,
  AnalyzeStackRequest,
  ConfigureAnalyzerRequest,
  EnforcementLevel,
  PolicyConfig,
  type PolicyInfo,
  PolicyType,
} from "@pulumi/pulumi/proto/analyzer_pb";
export { CallbacksClient } from "@pulumi/pulumi/proto/callback_grpc_pb";
export {
  type Callback,
  CallbackInvokeRequest,
  type CallbackInvokeResponse,
} from "@pulumi/pulumi/proto/callback_pb";
export { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
export {
  GetRootResourceResponse,
  type LogRequest,
  LogSeverity,
  SetRootResourceResponse,
} from "@pulumi/pulumi/proto/engine_pb";
export { InvokeResponse } from "@pulumi/pulumi/proto/provider_pb";
export { ResourceMonitorService } from "@pulumi/pulumi/proto/resource_grpc_pb";
export {
  type RegisterResourceOutputsRequest,
  type RegisterResourceRequest,
  RegisterResourceResponse,
  type ResourceInvokeRequest,
  Result,
  type SupportsFeatureRequest,
  SupportsFeatureResponse,
  TransformRequest,
  TransformResourceOptions,
  TransformResponse,
} from "@pulumi/pulumi/proto/resource_pb";

// The SDK brings its own copy of google-protobuf, and its services refuse messages of any other copy.
const fromSdk = createRequire(require.resolve("@pulumi/pulumi/package.json"));
export const { Empty } = fromSdk("google-protobuf/google/protobuf/empty_pb.js") as typeof emptyMessages;
const { Struct } = fromSdk("google-protobuf/google/protobuf/struct_pb.js") as typeof structMessages;

type Struct = structMessages.Struct;
type PlainStruct = ReturnType<Struct["toJavaScript"]>;

/** Properties as they travel: secrets, assets and resource references are tagged objects (see wire.ts). */
export type WireProperties = Readonly<Record<string, unknown>>;

export function fromStruct(struct: Struct | undefined): WireProperties {
  return struct?.toJavaScript() ?? {};
}

/** Properties that are `undefined` are left out, as the SDK does. */
export function toStruct(properties: WireProperties): Struct {
  const defined = Object.entries(properties).filter(([, value]) => value !== undefined);
  return Struct.fromJavaScript(Object.fromEntries(defined) as PlainStruct);
}

/** A method as generated gRPC clients have it. */
export type UnaryMethod = (
  request: unknown,
  answer: (error: Partial<grpc.StatusObject> | null, value?: unknown) => void,
) => void;

/** The methods of a service by name, as the SDK calls them. */
export type ServiceClient = Readonly<Record<string, UnaryMethod>>;

/** What the SDK keeps for one run of a program. */
interface SdkRun {
  readonly settings: { engine: ServiceClient | undefined; readonly options: { rootDirectory: string } };
}

interface SdkRuntime {
  /** Gives `run` its own settings, configuration and feature flags instead of the process's. */
  withLocalStorage<T>(run: () => Promise<T>): Promise<T>;
  getStore(): SdkRun;
  /** Resolves once no registration and no invoke is under way any more. */
  waitForRPCs(): Promise<void>;
}

export const { withLocalStorage, getStore, waitForRPCs }: SdkRuntime = {
  ...(sdkState as unknown as Pick<SdkRuntime, "withLocalStorage" | "getStore">),
  ...(sdkSettings as unknown as Pick<SdkRuntime, "waitForRPCs">),
};
