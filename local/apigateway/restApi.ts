import type { Clock } from "../clock";
import { ACCOUNT_ID } from "../aws/arn";
import type { CognitoAuthorizer } from "./authorization";
import { GatewayResponses } from "./gatewayResponses";
import type { ApiMethod } from "./method";
import type { MethodDraft } from "./methodDraft";
import { compileModel, type BodyModel } from "./model";
import { Router } from "./router";
import type { Stage } from "./stage";

/** A resource with its methods. */
export type MethodsByVerb = ReadonlyMap<string, ApiMethod>;

export interface RequestValidator {
  readonly checksBody: boolean;
  readonly checksParameters: boolean;
}

/** A REST API as the graph builds it up, piece by piece. */
export class RestApi {
  readonly models = new Map<string, BodyModel>(Object.entries(BUILT_IN_MODELS));
  readonly validators = new Map<string, RequestValidator>();
  readonly authorizers = new Map<string, CognitoAuthorizer>();
  readonly gatewayResponses = new GatewayResponses();
  /** Stage variables of each deployment. */
  readonly deployments = new Map<string, Readonly<Record<string, string>>>();
  readonly stages = new Map<string, Stage>();

  private readonly paths = new Map<string, string>();
  private readonly drafts = new Map<string, MethodDraft>();
  private router = new Router<MethodsByVerb>();

  constructor(
    readonly id: string,
    readonly name: string,
    rootResourceId: string,
    readonly region: string,
    readonly clock: Clock,
  ) {
    this.paths.set(rootResourceId, "");
  }

  /** @throws Error when the parent is missing */
  addResource(id: string, parentId: string, pathPart: string): void {
    this.paths.set(id, `${this.pathOf(parentId)}/${pathPart}`);
  }

  /** The path of a resource, empty for the root. @throws Error when there is no such resource */
  pathOf(resourceId: string): string {
    const path = this.paths.get(resourceId);
    if (path === undefined) throw new Error(`the API has no resource "${resourceId}"`);
    return path;
  }

  addMethod(draft: MethodDraft): void {
    this.drafts.set(`${draft.resourceId} ${draft.httpMethod}`, draft);
  }

  /** @throws Error when the resource has no such method */
  method(resourceId: string, httpMethod: string): MethodDraft {
    const draft = this.drafts.get(`${resourceId} ${httpMethod}`);
    if (!draft)
      throw new Error(`the resource "${this.pathOf(resourceId) || "/"}" has no method ${httpMethod}`);
    return draft;
  }

  /** `arn:aws:execute-api:...`, which a role's trust policy sees as `aws:SourceArn`. */
  executionArn(stage: string, method: string, path: string): string {
    return `arn:aws:execute-api:${this.region}:${ACCOUNT_ID}:${this.id}/${stage}/${method}${path}`;
  }

  /** Puts the methods together, once everything is hosted. @throws Error for a method that AWS could not deploy */
  assemble(): void {
    const resources = new Map<string, Map<string, ApiMethod>>();
    for (const draft of this.drafts.values()) {
      const path = this.pathOf(draft.resourceId);
      const methods = resources.get(path) ?? new Map<string, ApiMethod>();
      methods.set(draft.httpMethod, draft.build(path || "/"));
      resources.set(path, methods);
    }
    this.router = new Router();
    for (const [path, methods] of resources) this.router.add(path, methods);
  }

  /** @param segments below the stage @returns `undefined` when there is no such method */
  route(
    segments: readonly string[],
    verb: string,
  ): { readonly method: ApiMethod; readonly parameters: Readonly<Record<string, string>> } | undefined {
    const match = this.router.match(segments);
    const method = match?.target.get(verb) ?? match?.target.get("ANY");
    return match && method && { method, parameters: match.parameters };
  }
}

/** Every API comes with these (developer guide, models for REST APIs). */
const BUILT_IN_MODELS: Readonly<Record<string, BodyModel>> = {
  Empty: compileModel('{"type":"object"}'),
  Error: compileModel('{"type":"object","properties":{"message":{"type":"string"}}}'),
};
