import * as cognito from "@pulumi/aws/cognito";
import * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account";
import type { Settings } from "./config";

/** The resource server of the API and its scopes, as a token names them. */
export const ORDER_SCOPES = { write: "orders/write", read: "orders/read" } as const;

const [RESOURCE_SERVER] = ORDER_SCOPES.write.split("/") as [string];

export interface CustomerPoolArgs {
  readonly account: Account;
  readonly settings: Pick<Settings, "callbackUrls" | "machineClient" | "protectData" | "userPoolArn">;
}

/**
 * Who may place orders: a Cognito user pool whose access tokens carry the scopes of the API. The stack makes one, or
 * takes the company's own, which then has to issue the scopes in `ORDER_SCOPES`.
 */
export class CustomerPool extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly id: pulumi.Output<string>;
  /** The public client of websites and mobile apps; none in a pool that the stack does not own. */
  readonly clientId: pulumi.Output<string> | undefined;
  /** The client for programs, where the stack has one. */
  readonly machineClientId: pulumi.Output<string> | undefined;
  /** The OAuth token endpoint; a pool that the stack does not own has its own. */
  readonly tokenUrl: pulumi.Output<string> | undefined;

  constructor(name: string, args: CustomerPoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:CustomerPool", name, {}, opts);
    const { callbackUrls, machineClient, protectData, userPoolArn } = args.settings;
    if (userPoolArn === "") {
      const pool = this.ownPool(name, protectData);
      const domain = this.domain(name, pool, args.account);
      const server = this.resourceServer(name, pool);
      this.arn = pool.arn;
      this.id = pool.id;
      this.clientId = this.publicClient(`${name}-app`, pool, server, callbackUrls).id;
      if (machineClient) this.machineClientId = this.machineClient(`${name}-machine`, pool, server).id;
      this.tokenUrl = pulumi.interpolate`https://${domain.domain}.auth.${args.account.region}.amazoncognito.com/oauth2/token`;
    } else {
      this.arn = pulumi.output(userPoolArn);
      this.id = pulumi.output(userPoolArn.slice(userPoolArn.indexOf("/") + 1));
    }
    this.registerOutputs({ arn: this.arn, id: this.id });
  }

  private ownPool(name: string, protect: boolean): cognito.UserPool {
    return new cognito.UserPool(
      name,
      {
        usernameAttributes: ["email"],
        autoVerifiedAttributes: ["email"],
        passwordPolicy: {
          minimumLength: 12,
          requireLowercase: true,
          requireUppercase: true,
          requireNumbers: true,
          requireSymbols: false,
          temporaryPasswordValidityDays: 7,
        },
        accountRecoverySetting: { recoveryMechanisms: [{ name: "verified_email", priority: 1 }] },
        deletionProtection: protect ? "ACTIVE" : "INACTIVE",
      },
      { parent: this, protect },
    );
  }

  /** Custom scopes come only from the OAuth endpoints, and those need a domain. Its name is unique among all of AWS. */
  private domain(name: string, pool: cognito.UserPool, account: Account): cognito.UserPoolDomain {
    return new cognito.UserPoolDomain(
      name,
      {
        userPoolId: pool.id,
        domain: pulumi.interpolate`${pulumi.getProject()}-${pulumi.getStack()}-${account.id}`,
      },
      { parent: this },
    );
  }

  private resourceServer(name: string, pool: cognito.UserPool): cognito.ResourceServer {
    return new cognito.ResourceServer(
      name,
      {
        userPoolId: pool.id,
        identifier: RESOURCE_SERVER,
        name: "Order service",
        scopes: [
          { scopeName: scopeName(ORDER_SCOPES.write), scopeDescription: "Place orders" },
          { scopeName: scopeName(ORDER_SCOPES.read), scopeDescription: "Read one's own orders" },
        ],
      },
      { parent: this },
    );
  }

  private publicClient(
    name: string,
    userPool: cognito.UserPool,
    server: cognito.ResourceServer,
    callbackUrls: string[],
  ): cognito.UserPoolClient {
    return new cognito.UserPoolClient(
      name,
      {
        userPoolId: userPool.id,
        generateSecret: false,
        allowedOauthFlowsUserPoolClient: true,
        // The code grant; a public client has no secret and proves itself with PKCE.
        allowedOauthFlows: ["code"],
        allowedOauthScopes: ["openid", "email", ORDER_SCOPES.write, ORDER_SCOPES.read],
        callbackUrls,
        supportedIdentityProviders: ["COGNITO"],
        preventUserExistenceErrors: "ENABLED",
        enableTokenRevocation: true,
      },
      { parent: this, dependsOn: [server] },
    );
  }

  private machineClient(
    name: string,
    userPool: cognito.UserPool,
    server: cognito.ResourceServer,
  ): cognito.UserPoolClient {
    return new cognito.UserPoolClient(
      name,
      {
        userPoolId: userPool.id,
        generateSecret: true,
        allowedOauthFlowsUserPoolClient: true,
        allowedOauthFlows: ["client_credentials"],
        allowedOauthScopes: [ORDER_SCOPES.write, ORDER_SCOPES.read],
      },
      { parent: this, dependsOn: [server] },
    );
  }
}

/** A scope without its resource server. */
function scopeName(scope: string): string {
  return scope.slice(RESOURCE_SERVER.length + 1);
}
