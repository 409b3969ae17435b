import { parseArn } from "../aws/arn";
import { readInputs, readOutputs } from "../aws/properties";
import type { Resource, ResourceHost } from "../aws/resource";
import {
  clientOutputs,
  poolOutputs,
  resourceServerInputs,
  TIME_UNITS,
  userPoolClientInputs,
  userPoolDomainInputs,
  userPoolInputs,
} from "./inputs";

/** Scopes that every pool knows (Cognito Developer Guide, authorize endpoint). */
const STANDARD_SCOPES = ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin"];

export interface UserPool {
  readonly id: string;
  /** `iss` of its tokens. */
  readonly issuer: string;
  /** Of its resource servers, as `identifier/scope`, and the standard ones. */
  readonly scopes: Set<string>;
  /** Only a pool with a domain has an OAuth token endpoint. */
  hasDomain: boolean;
  /** The graph does not contain the pool, an authorizer names it: its scopes are not known. */
  readonly isStandIn: boolean;
}

export interface UserPoolClient {
  readonly id: string;
  readonly pool: UserPool;
  readonly secret: string | undefined;
  readonly allowsClientCredentials: boolean;
  readonly scopes: readonly string[];
  readonly accessTokenSeconds: number;
}

/** The user pools of the graph, with their resource servers and clients. */
export class UserPools implements ResourceHost {
  readonly hosts: ResourceHost["hosts"] = {
    "aws:cognito/userPool:UserPool": (resource) => this.hostPool(resource),
    "aws:cognito/userPoolDomain:UserPoolDomain": (resource) => this.hostDomain(resource),
    "aws:cognito/resourceServer:ResourceServer": (resource) => this.hostResourceServer(resource),
    "aws:cognito/userPoolClient:UserPoolClient": (resource) => this.hostClient(resource),
  };

  private readonly pools = new Map<string, UserPool>();
  private readonly clients = new Map<string, UserPoolClient>();

  constructor(private readonly region: string) {}

  get(poolId: string): UserPool | undefined {
    return this.pools.get(poolId);
  }

  client(clientId: string): UserPoolClient | undefined {
    return this.clients.get(clientId);
  }

  /** The first client of a pool, as the one that users sign in with. */
  clientOf(pool: UserPool): UserPoolClient | undefined {
    return [...this.clients.values()].find((client) => client.pool === pool);
  }

  byIssuer(issuer: unknown): UserPool | undefined {
    return [...this.pools.values()].find((pool) => pool.issuer === issuer);
  }

  /** The pool that tokens come from when nobody names one. @throws Error when there is none */
  first(): UserPool {
    const [pool] = this.pools.values();
    if (!pool)
      throw new Error(
        "There is no user pool: neither does the program define one nor does an authorizer name one.",
      );
    return pool;
  }

  /** Lets the run play a pool that the program does not define. @returns its issuer */
  standInFor(poolArn: string): string {
    const { region, resource } = parseArn(poolArn);
    const id = resource.replace(/^userpool\//, "");
    const pool = this.pools.get(id) ?? this.add(id, region, true);
    return pool.issuer;
  }

  private hostPool(resource: Resource): void {
    readInputs(resource, userPoolInputs);
    const { arn } = readOutputs(resource, poolOutputs);
    this.add(resource.id, parseArn(arn).region || this.region, false);
  }

  private hostDomain(resource: Resource): void {
    this.named(resource, readInputs(resource, userPoolDomainInputs).userPoolId).hasDomain = true;
  }

  private hostResourceServer(resource: Resource): void {
    const { userPoolId, identifier, scopes } = readInputs(resource, resourceServerInputs);
    const pool = this.named(resource, userPoolId);
    for (const { scopeName } of scopes) pool.scopes.add(`${identifier}/${scopeName}`);
  }

  private hostClient(resource: Resource): void {
    const inputs = readInputs(resource, userPoolClientInputs);
    const { clientSecret } = readOutputs(resource, clientOutputs);
    const pool = this.named(resource, inputs.userPoolId);
    for (const scope of inputs.allowedOauthScopes)
      if (!pool.isStandIn && !pool.scopes.has(scope))
        throw new Error(
          `The user pool client "${resource.name}" allows the scope "${scope}", which does not exist.`,
        );
    this.clients.set(resource.id, {
      id: resource.id,
      pool,
      secret: inputs.generateSecret ? clientSecret : undefined,
      allowsClientCredentials:
        inputs.allowedOauthFlowsUserPoolClient && inputs.allowedOauthFlows.includes("client_credentials"),
      scopes: inputs.allowedOauthScopes,
      accessTokenSeconds: inputs.accessTokenValidity * TIME_UNITS[inputs.tokenValidityUnits.accessToken],
    });
  }

  private add(id: string, region: string, isStandIn: boolean): UserPool {
    const pool: UserPool = {
      id,
      issuer: `https://cognito-idp.${region}.amazonaws.com/${id}`,
      scopes: new Set(STANDARD_SCOPES),
      hasDomain: isStandIn,
      isStandIn,
    };
    this.pools.set(id, pool);
    return pool;
  }

  /** What names a pool that the program does not define belongs to an existing pool: the run stands in for that. */
  private named(resource: Resource, poolId: string): UserPool {
    const pool = this.pools.get(poolId);
    if (pool) return pool;
    if (!/^[\w-]+_[0-9a-zA-Z]+$/.test(poolId))
      throw new Error(
        `${resource.type} "${resource.name}" names the user pool "${poolId}", which there is not.`,
      );
    return this.add(poolId, poolId.split("_")[0] ?? this.region, true);
  }
}
