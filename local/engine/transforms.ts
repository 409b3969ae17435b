import * as grpc from "@grpc/grpc-js";
import {
  type Callback,
  CallbackInvokeRequest,
  type CallbackInvokeResponse,
  CallbacksClient,
  type RegisterResourceRequest,
  TransformRequest,
  TransformResourceOptions,
  TransformResponse,
} from "./protocol";

/**
 * The resource transforms of a program: functions that live in the program's process and change what is registered.
 *
 * They run in the engine's order (pulumi/pulumi, resource_monitor.go): the resource's own, then those of its parent, its
 * grandparent and so on, then the stack's.
 */
export class Transforms {
  private readonly ofStack: Callback[] = [];
  private readonly ofResource = new Map<
    string,
    { readonly parent: string; readonly own: readonly Callback[] }
  >();
  private readonly clients = new Map<string, CallbacksClient>();

  /** Adds a transform for every resource that is registered from now on. */
  addToStack(transform: Callback): void {
    this.ofStack.push(transform);
  }

  /** Remembers the transforms that the children of a registered resource inherit. */
  addToResource(urn: string, parent: string, own: readonly Callback[]): void {
    this.ofResource.set(urn, { parent, own });
  }

  /** Changes `request` as the transforms say. */
  async apply(request: RegisterResourceRequest): Promise<void> {
    const inherited: Callback[] = [];
    for (let parent = request.getParent(); parent !== "";) {
      const ancestor = this.ofResource.get(parent);
      inherited.push(...(ancestor?.own ?? []));
      parent = ancestor?.parent ?? "";
    }
    for (const transform of [...request.getTransformsList(), ...inherited, ...this.ofStack])
      applyResponse(request, await this.call(transform, requestFor(request)));
  }

  /** Ends the connections to the program. */
  close(): void {
    for (const client of this.clients.values()) client.close();
  }

  private async call(transform: Callback, request: TransformRequest): Promise<TransformResponse> {
    const invocation = new CallbackInvokeRequest();
    invocation.setToken(transform.getToken());
    invocation.setRequest(request.serializeBinary());
    const client = this.clientFor(transform.getTarget());
    const response = await new Promise<CallbackInvokeResponse>((resolve, reject) => {
      client.invoke(invocation, (error, answer) =>
        error ? reject(new Error(error.details)) : resolve(answer),
      );
    });
    return TransformResponse.deserializeBinary(response.getResponse_asU8());
  }

  private clientFor(target: string): CallbacksClient {
    const known = this.clients.get(target);
    if (known !== undefined) return known;
    const client = new CallbacksClient(target, grpc.credentials.createInsecure());
    this.clients.set(target, client);
    return client;
  }
}

function requestFor(request: RegisterResourceRequest): TransformRequest {
  const transform = new TransformRequest();
  transform.setType(request.getType());
  transform.setName(request.getName());
  transform.setCustom(request.getCustom());
  transform.setParent(request.getParent());
  transform.setProperties(request.getObject());
  transform.setOptions(optionsOf(request));
  return transform;
}

function optionsOf(request: RegisterResourceRequest): TransformResourceOptions {
  const options = new TransformResourceOptions();
  options.setDependsOnList(request.getDependenciesList());
  const protect = request.hasProtect() ? request.getProtect() : undefined;
  if (protect !== undefined) options.setProtect(protect);
  const retain = request.hasRetainondelete() ? request.getRetainondelete() : undefined;
  if (retain !== undefined) options.setRetainOnDelete(retain);
  if (request.getDeletebeforereplacedefined())
    options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  options.setIgnoreChangesList(request.getIgnorechangesList());
  options.setReplaceOnChangesList(request.getReplaceonchangesList());
  options.setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList());
  options.setAliasesList(request.getAliasesList());
  options.setCustomTimeouts(request.getCustomtimeouts());
  options.setProvider(request.getProvider());
  options.setVersion(request.getVersion());
  return options;
}

function applyResponse(request: RegisterResourceRequest, response: TransformResponse): void {
  const properties = response.getProperties();
  if (properties !== undefined) request.setObject(properties);
  const options = response.getOptions();
  if (options === undefined) return;
  request.setDependenciesList(options.getDependsOnList());
  const protect = options.hasProtect() ? options.getProtect() : undefined;
  if (protect !== undefined) request.setProtect(protect);
  const retain = options.hasRetainOnDelete() ? options.getRetainOnDelete() : undefined;
  if (retain !== undefined) request.setRetainondelete(retain);
  const replaceFirst = options.hasDeleteBeforeReplace() ? options.getDeleteBeforeReplace() : undefined;
  request.setDeletebeforereplacedefined(replaceFirst !== undefined);
  request.setDeletebeforereplace(replaceFirst ?? false);
  request.setIgnorechangesList(options.getIgnoreChangesList());
  request.setReplaceonchangesList(options.getReplaceOnChangesList());
  request.setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList());
  request.setAliasesList(options.getAliasesList());
  request.setCustomtimeouts(options.getCustomTimeouts());
  request.setProvider(options.getProvider());
  request.setVersion(options.getVersion());
}
