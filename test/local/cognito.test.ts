import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { TokenRefused } from "../../local/cognito/claims";
import { Clock } from "../../local/clock";
import { Cognito } from "../../local/cognito/cognito";
import { openStore, type Store } from "../../local/store";
import { resource } from "./support/resource";

const REGION = "eu-central-1";
const POOL = `${REGION}_Pool1`;
const ISSUER = `https://cognito-idp.${REGION}.amazonaws.com/${POOL}`;

const pool = resource(
  "aws:cognito/userPool:UserPool",
  POOL,
  {},
  { arn: `arn:aws:cognito-idp:${REGION}:123456789012:userpool/${POOL}` },
);
const domain = resource("aws:cognito/userPoolDomain:UserPoolDomain", "domain", {
  userPoolId: POOL,
  domain: "things",
});
const server = resource("aws:cognito/resourceServer:ResourceServer", "server", {
  userPoolId: POOL,
  identifier: "things",
  scopes: [
    { scopeName: "read", scopeDescription: "" },
    { scopeName: "write", scopeDescription: "" },
  ],
});
const machine = resource(
  "aws:cognito/userPoolClient:UserPoolClient",
  "machine",
  {
    userPoolId: POOL,
    generateSecret: true,
    allowedOauthFlows: ["client_credentials"],
    allowedOauthFlowsUserPoolClient: true,
    allowedOauthScopes: ["things/read"],
    accessTokenValidity: 15,
    tokenValidityUnits: { accessToken: "minutes" },
  },
  { clientSecret: "s3cret" },
);
const browser = resource(
  "aws:cognito/userPoolClient:UserPoolClient",
  "browser",
  {
    userPoolId: POOL,
    generateSecret: true,
    allowedOauthFlows: ["code"],
    allowedOauthFlowsUserPoolClient: true,
    allowedOauthScopes: ["things/write"],
  },
  { clientSecret: "other" },
);

const GRAPH = [pool, domain, server, browser, machine];

let store: Store;
let origin: string;
let cognito: Cognito;
let clock: Clock;
let close: () => void;

function newCognito(resources = GRAPH, kept = store): Cognito {
  const created = new Cognito({ store: kept, clock, region: REGION });
  for (const each of resources) void created.hosts[each.type]?.(each);
  return created;
}

beforeAll(async () => {
  store = openStore();
  clock = new Clock();
  cognito = newCognito();
  await cognito.start();
  const http = createServer((request, response) => void cognito.handle(request, response));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  close = () => http.close();
});
afterAll(() => {
  close();
  store.close();
});

async function post(
  body: string,
  headers: Record<string, string>,
): Promise<readonly [number, Record<string, unknown>]> {
  const answer = await fetch(`${origin}/oauth2/token`, { method: "POST", body, headers });
  return [answer.status, (await answer.json()) as Record<string, unknown>];
}

const askForUser = (body: unknown) => post(JSON.stringify(body), { "Content-Type": "application/json" });
const askForClient = (form: Record<string, string>, headers: Record<string, string> = {}) =>
  post(new URLSearchParams(form).toString(), {
    "Content-Type": "application/x-www-form-urlencoded",
    ...headers,
  });
const basic = (credentials: string) => ({
  Authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
});

describe("a token for a user", () => {
  it("is an access token of the pool with that subject and scope", async () => {
    const [status, answer] = await askForUser({ sub: "customer-1", scope: "things/write things/read" });
    expect([status, answer["tokenType"], answer["expiresIn"]]).toEqual([200, "Bearer", 3600]);
    expect(await cognito.verify(String(answer["accessToken"]))).toMatchObject({
      iss: ISSUER,
      sub: "customer-1",
      token_use: "access",
      scope: "things/write things/read",
      client_id: "browser",
    });
  });

  it("can be an expired one", async () => {
    const [, answer] = await askForUser({ sub: "a", scope: "things/read", expiresIn: -1 });
    await expect(cognito.verify(String(answer["accessToken"]))).rejects.toMatchObject({ isExpired: true });
  });

  it.each([
    ["a scope that no resource server has", { sub: "a", scope: "things/delete" }, "invalid_scope"],
    ["no subject", { scope: "things/read" }, "invalid_request"],
    ["a pool that there is not", { sub: "a", scope: "", userPoolId: "none" }, "invalid_request"],
    ["an unknown member", { sub: "a", scope: "", admin: true }, "invalid_request"],
    ["a list", [], "invalid_request"],
    ["a subject with a control character", { sub: "a\u0000", scope: "" }, "invalid_request"],
    ["a subject with half a character", { sub: "a\ud800", scope: "" }, "invalid_request"],
  ])("is refused for %s", async (_what, body, error) => {
    expect(await askForUser(body)).toEqual([400, expect.objectContaining({ error })]);
  });

  it("is refused for a body that no request for a token has", async () => {
    const answer = await askForUser("[".repeat(16_384));
    expect(answer).toEqual([413, { error: "invalid_request" }]);
  });

  it("is refused for a body that is no JSON", async () => {
    const answer = await post("{", { "Content-Type": "application/json" });
    expect(answer).toEqual([400, expect.objectContaining({ error: "invalid_request" })]);
  });
});

describe("the client credentials grant", () => {
  const grant = { grant_type: "client_credentials" };

  it.each([
    ["in the Authorization header", {}, basic("machine:s3cret")],
    ["in the form", { client_id: "machine", client_secret: "s3cret" }, {}],
  ])("answers a token for the client's secret %s", async (_where, form, headers) => {
    const [status, answer] = await askForClient({ ...grant, ...form, scope: "things/read" }, headers);
    expect([status, answer["token_type"], answer["expires_in"]]).toEqual([200, "Bearer", 900]);
    const claims = await cognito.verify(String(answer["access_token"]));
    expect(claims).toMatchObject({ sub: "machine", client_id: "machine", scope: "things/read" });
  });

  it("grants all scopes of the client when none is named", async () => {
    const [, answer] = await askForClient(grant, basic("machine:s3cret"));
    expect(decodeJwt(String(answer["access_token"]))["scope"]).toBe("things/read");
  });

  it.each([
    ["a wrong secret", grant, basic("machine:guess"), "invalid_client"],
    ["an unknown client", grant, basic("nobody:s3cret"), "invalid_client"],
    ["no client", grant, {}, "invalid_client"],
    [
      "a scope that the client may not have",
      { ...grant, scope: "things/write" },
      basic("machine:s3cret"),
      "invalid_scope",
    ],
    ["a client for other grants", grant, basic("browser:other"), "unauthorized_client"],
    ["another grant", { grant_type: "password" }, basic("machine:s3cret"), "unsupported_grant_type"],
    ["no grant", {}, basic("machine:s3cret"), "invalid_request"],
  ])("is refused for %s", async (_what, form, headers, error) => {
    expect(await askForClient(form as Record<string, string>, headers)).toEqual([
      400,
      expect.objectContaining({ error }),
    ]);
  });
});

describe("the published keys", () => {
  it("verify the pool's tokens", async () => {
    const token = await cognito.issueAccessToken({ sub: "a", scope: "things/read" });
    const keys = createRemoteJWKSet(new URL(`${origin}/${POOL}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, algorithms: ["RS256"] });
    expect(payload.sub).toBe("a");
  });

  it("hold nothing private, and exist for known pools only", async () => {
    const answer = await fetch(`${origin}/${POOL}/.well-known/jwks.json`);
    const { keys } = (await answer.json()) as { readonly keys: readonly object[] };
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([["alg", "e", "kid", "kty", "n", "use"]]);
    expect((await fetch(`${origin}/other/.well-known/jwks.json`)).status).toBe(404);
  });
});

describe("verification", () => {
  it("refuses a token whose claims were changed", async () => {
    const [head, , signature] = (await cognito.issueAccessToken({ sub: "a", scope: "things/read" })).split(
      ".",
    );
    const claims = { sub: "b", iss: ISSUER, token_use: "access", exp: 4_000_000_000 };
    const forged = [head, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
    await expect(cognito.verify(forged)).rejects.toBeInstanceOf(TokenRefused);
  });

  it("refuses a token of a pool that this run does not have", async () => {
    const elsewhere = newCognito([]);
    const token = await cognito.issueAccessToken({ sub: "a", scope: "things/read" });
    await expect(elsewhere.verify(token)).rejects.toThrow("another user pool");
  });

  it("notices that a token it knows has expired meanwhile", async () => {
    const token = await cognito.issueAccessToken({ sub: "a", scope: "things/read", expiresInSeconds: 10 });
    await cognito.verify(token);
    clock.advance(11_000);
    await expect(cognito.verify(token)).rejects.toMatchObject({ isExpired: true });
  });
});

describe("the signing key", () => {
  it("outlives the run when the state is kept in a folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cognito-"));
    const first = openStore(folder);
    const token = await newCognito(GRAPH, first).issueAccessToken({ sub: "a", scope: "things/read" });
    first.close();
    const second = openStore(folder);
    expect((await newCognito(GRAPH, second).verify(token)).sub).toBe("a");
    second.close();
    rmSync(folder, { recursive: true });
  });
});

describe("hosting", () => {
  it("refuses a client's scope that no resource server has", () => {
    expect(() => newCognito([pool, browser])).toThrow('"browser" allows the scope "things/write"');
  });

  it("names a property that is not supported", () => {
    const trigger = resource(pool.type, "other", { lambdaConfig: {} }, pool.outputs);
    expect(() => newCognito([trigger])).toThrow(/"other".*lambdaConfig/s);
  });

  it("stands in for a pool that the program does not define", async () => {
    const standIn = newCognito([]);
    standIn.standInFor(`arn:aws:cognito-idp:eu-west-1:999999999999:userpool/eu-west-1_Theirs`);
    const token = await standIn.issueAccessToken({ sub: "a", scope: "any/scope" });
    expect((await standIn.verify(token)).iss).toBe(
      "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Theirs",
    );
  });
});
