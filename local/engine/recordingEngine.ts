import * as grpc from "@grpc/grpc-js";
import type { Resource } from "../aws/resource";
import {
  type Callback,
  Empty,
  fromStruct,
  GetRootResourceResponse,
  InvokeResponse,
  type LogRequest,
  LogSeverity,
  type RegisterResourceOutputsRequest,
  type RegisterResourceRequest,
  RegisterResourceResponse,
  type ResourceInvokeRequest,
  Result,
  type ServiceClient,
  SetRootResourceResponse,
  type SupportsFeatureRequest,
  SupportsFeatureResponse,
  toStruct,
  type WireProperties,
} from "./protocol";
import type { ResourceProvider } from "./provider";
import type { LogEntry, RawResource, Recorded } from "./recorded";
import { optionsOf, propertyDependenciesOf, resourceUrn } from "./registration";
import { Transforms } from "./transforms";
import { asSecret, plainProperties } from "./wire";

const STACK_TYPE = "pulumi:pulumi:Stack";

/** What a program may use of the engine; the SDK refuses the rest in its own words. */
const SUPPORTED_FEATURES: ReadonlySet<string> = new Set([
  "secrets",
  "resourceReferences",
  "outputValues",
  "deletedWith",
  "aliasSpecs",
  "transforms",
]);

const SEVERITIES: ReadonlyMap<LogSeverity, LogEntry["severity"]> = new Map([
  [LogSeverity.INFO, "info"],
  [LogSeverity.WARNING, "warning"],
  [LogSeverity.ERROR, "error"],
]);

export interface RecordingEngineOptions {
  readonly project: string;
  readonly stack: string;
  /** Leaves what a provider computes unknown, as `pulumi preview` does. */
  readonly preview: boolean;
  readonly provider: ResourceProvider;
}

/**
 * Pulumi's engine as a program sees it (pulumirpc.ResourceMonitor and pulumirpc.Engine), which deploys nothing and
 * records what the program registers. It does not care who calls it: the SDK in this process, or a gRPC server.
 */
export class RecordingEngine {
  /** The methods of pulumirpc.ResourceMonitor. */
  readonly monitor: ServiceClient;
  /** The methods of pulumirpc.Engine. */
  readonly engine: ServiceClient;

  private readonly resources = new Map<string, RawResource>();
  private readonly logs: LogEntry[] = [];
  private readonly transforms = new Transforms();
  private readonly refusals: Error[] = [];
  private answered = 0;

  constructor(private readonly options: RecordingEngineOptions) {
    this.monitor = this.asClient({
      supportsFeature: (request: SupportsFeatureRequest) => this.supportsFeature(request),
      invoke: (request: ResourceInvokeRequest) => this.invoke(request),
      registerResource: (request: RegisterResourceRequest) => this.registerResource(request),
      registerResourceOutputs: (request: RegisterResourceOutputsRequest) => this.registerOutputs(request),
      registerStackTransform: (transform: Callback) => this.registerStackTransform(transform),
      signalAndWaitForShutdown: () => new Empty(),
      readResource: () => unsupported("reading a resource that the stack does not own (`get`)"),
      call: () => unsupported("calling a resource's method"),
    });
    this.engine = this.asClient({
      log: (request: LogRequest) => this.log(request),
      getRootResource: () => new GetRootResourceResponse(),
      setRootResource: () => new SetRootResourceResponse(),
      requirePulumiVersion: () => unsupported("requiring a version of the Pulumi CLI"),
    });
  }

  /** The first request that was refused: the cause of whatever failed in the program afterwards. */
  get refusal(): Error | undefined {
    return this.refusals[0];
  }

  /** How many requests have been answered; it stands still once the program has nothing more to say. */
  get activity(): number {
    return this.answered;
  }

  /** What has been registered so far. */
  recorded(): Recorded {
    const raw = [...this.resources.values()];
    const stack = raw.find((resource) => resource.type === STACK_TYPE);
    return {
      graph: {
        project: this.options.project,
        stack: this.options.stack,
        resources: raw.map(asPlainResource),
        outputs: plainProperties(stack?.outputs ?? {}),
      },
      raw,
      logs: [...this.logs],
    };
  }

  close(): void {
    this.transforms.close();
  }

  private supportsFeature(request: SupportsFeatureRequest): SupportsFeatureResponse {
    return new SupportsFeatureResponse().setHassupport(SUPPORTED_FEATURES.has(request.getId()));
  }

  private invoke(request: ResourceInvokeRequest): InvokeResponse {
    const args = plainProperties(fromStruct(request.getArgs()));
    return new InvokeResponse().setReturn(toStruct(this.options.provider.invoke(request.getTok(), args)));
  }

  private async registerResource(request: RegisterResourceRequest): Promise<RegisterResourceResponse> {
    const ownTransforms = request.getTransformsList();
    await this.transforms.apply(request);
    const { project, stack } = this.options;
    const urn = resourceUrn({ project, stack }, request.getParent(), request.getType(), request.getName());
    if (this.resources.has(urn))
      throw new Error(
        `Duplicate resource URN "${urn}": two resources of one type and parent have the same name. Rename one of them.`,
      );
    this.transforms.addToResource(urn, request.getParent(), ownTransforms);
    const inputs = fromStruct(request.getObject());
    const { id, outputs } = this.create(urn, request, inputs);
    this.resources.set(urn, {
      urn,
      type: request.getType(),
      name: request.getName(),
      custom: request.getCustom(),
      parent: request.getParent(),
      provider: request.getProvider(),
      id,
      inputs,
      outputs,
      dependencies: [...request.getDependenciesList()].sort(),
      propertyDependencies: propertyDependenciesOf(request),
      options: optionsOf({ project, stack }, request),
    });
    return new RegisterResourceResponse()
      .setUrn(urn)
      .setId(id)
      .setObject(toStruct(outputs))
      .setResult(Result.SUCCESS);
  }

  private create(urn: string, request: RegisterResourceRequest, inputs: WireProperties) {
    const type = request.getType();
    const name = request.getName();
    if (request.getRemote()) return unsupported(`the remote component "${name}" (${type})`);
    if (!request.getCustom()) return { id: "", outputs: inputs };
    this.options.provider.check(type, name);
    if (this.options.preview) return { id: "", outputs: inputs };
    const created = this.options.provider.create({ urn, type, name, inputs: plainProperties(inputs) });
    const outputs: Record<string, unknown> = { ...inputs, ...created.outputs };
    for (const property of request.getAdditionalsecretoutputsList())
      if (outputs[property] !== undefined) outputs[property] = asSecret(outputs[property]);
    return { id: created.id, outputs };
  }

  private registerOutputs(request: RegisterResourceOutputsRequest): InstanceType<typeof Empty> {
    const resource = this.resources.get(request.getUrn());
    if (resource === undefined)
      throw new Error(`Outputs for "${request.getUrn()}", which is not registered.`);
    this.resources.set(resource.urn, { ...resource, outputs: fromStruct(request.getOutputs()) });
    return new Empty();
  }

  private registerStackTransform(transform: Callback): InstanceType<typeof Empty> {
    this.transforms.addToStack(transform);
    return new Empty();
  }

  private log(request: LogRequest): InstanceType<typeof Empty> {
    const severity = SEVERITIES.get(request.getSeverity());
    if (severity !== undefined)
      this.logs.push({ severity, message: request.getMessage(), urn: request.getUrn() });
    return new Empty();
  }

  private asClient(methods: Readonly<Record<string, (request: never) => unknown>>): ServiceClient {
    return Object.fromEntries(
      Object.entries(methods).map(([name, method]) => [
        name,
        (request, answer) => {
          void (async () => method(request as never))()
            .then(
              (response) => answer(null, response),
              (error: unknown) => answer(this.refuse(error)),
            )
            .finally(() => this.answered++);
        },
      ]),
    ) satisfies ServiceClient;
  }

  private refuse(error: unknown): Partial<grpc.StatusObject> & Error {
    const refusal = error instanceof Error ? error : new Error(String(error));
    this.refusals.push(refusal);
    return Object.assign(new Error(refusal.message), {
      code: grpc.status.INTERNAL,
      details: refusal.message,
    });
  }
}

function asPlainResource(raw: RawResource): Resource {
  const { urn, type, name, id, parent, dependencies, propertyDependencies } = raw;
  return {
    urn,
    type,
    name,
    id,
    inputs: plainProperties(raw.inputs),
    outputs: plainProperties(raw.outputs),
    parent,
    dependencies,
    propertyDependencies,
    protect: raw.options.protect,
  };
}

function unsupported(what: string): never {
  throw new Error(`The recording engine does not support ${what}.`);
}
