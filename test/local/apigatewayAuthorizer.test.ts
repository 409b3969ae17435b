import { generateKeyPair, SignJWT } from "jose";
import {
  graph,
  method,
  post,
  POOL_ARN,
  apiResource,
  withApi,
  REGION,
  type TestApi,
} from "./support/apigateway";

const guarded = (scopes: readonly string[] = ["things/write"], authorizerId = "authorizer") =>
  graph(
    method({ method: { authorization: "COGNITO_USER_POOLS", authorizerId, authorizationScopes: scopes } }),
  );

/** What the API answers to a POST with this header. */
async function answerTo({ url }: TestApi, authorization?: string): Promise<readonly [number, unknown]> {
  const answer = await post(
    `${url}/things`,
    "{}",
    authorization === undefined ? {} : { Authorization: authorization },
  );
  return [answer.status, await answer.json()];
}

const UNAUTHORIZED = [401, { message: "Unauthorized" }];
const ACCEPTED = [202, { ok: true }];

describe("a method with scopes", () => {
  it("takes an access token that has one of them", async () => {
    await withApi(guarded(["things/write", "things/admin"]), async (api) => {
      const token = await api.cognito.issueAccessToken({ sub: "a", scope: "things/read things/write" });
      expect(await answerTo(api, `Bearer ${token}`)).toEqual(ACCEPTED);
      expect(await answerTo(api, token)).toEqual(ACCEPTED);
    });
  });

  it("refuses an access token that has none of them", async () => {
    await withApi(guarded(), async (api) => {
      const token = await api.cognito.issueAccessToken({ sub: "a", scope: "things/read things/writer" });
      expect(await answerTo(api, `Bearer ${token}`)).toEqual(UNAUTHORIZED);
      expect(api.calls).toEqual([]);
    });
  });

  it("refuses an ID token", async () => {
    await withApi(guarded(), async (api) => {
      expect(await answerTo(api, await api.cognito.issueIdToken({ sub: "a" }))).toEqual(UNAUTHORIZED);
    });
  });

  it("refuses a path that makes its ARN longer than 1,600 bytes, whoever asks", async () => {
    const on = {
      resourceId: "thing",
      method: { authorization: "COGNITO_USER_POOLS", authorizerId: "authorizer" },
    };
    await withApi(graph(method(on)), async ({ url }) => {
      const before = `arn:aws:execute-api:${REGION}:123456789012:api/v1/POST/things/`;
      const longest = `${url}/things/${"x".repeat(1_600 - before.length)}`;

      expect((await post(longest, "{}")).status).toBe(401);

      const longer = await post(`${longest}x`, "{}");
      expect([longer.status, await longer.text()]).toEqual([414, "Request URI too long"]);
    });
  });

  it.each([
    ["no header", undefined],
    ["an empty token", "Bearer "],
    ["what is no token", "Bearer not.a.token"],
    ["an unsigned token", `Bearer ${Buffer.from('{"alg":"none"}').toString("base64url")}.e30.`],
  ])("refuses %s", async (_what, header) => {
    await withApi(guarded(), async (api) => {
      expect(await answerTo(api, header)).toEqual(UNAUTHORIZED);
      expect(api.faults).toEqual([]);
    });
  });

  it("says of an expired token that it has expired", async () => {
    await withApi(guarded(), async (api) => {
      const token = await api.cognito.issueAccessToken({
        sub: "a",
        scope: "things/write",
        expiresInSeconds: 60,
      });
      expect(await answerTo(api, token)).toEqual(ACCEPTED);
      api.clock.advance(61_000);
      expect(await answerTo(api, token)).toEqual([401, { message: "The incoming token has expired" }]);
    });
  });

  it("refuses a token that another key has signed", async () => {
    const { privateKey } = await generateKeyPair("RS256");
    const token = await new SignJWT({ sub: "a", token_use: "access", scope: "things/write" })
      .setProtectedHeader({ alg: "RS256" })
      .setIssuer(`https://cognito-idp.${REGION}.amazonaws.com/${REGION}_Pool1`)
      .setExpirationTime("1h")
      .sign(privateKey);
    await withApi(guarded(), async (api) => expect(await answerTo(api, token)).toEqual(UNAUTHORIZED));
  });
});

describe("a method without scopes", () => {
  it("takes an ID token and refuses an access token", async () => {
    await withApi(guarded([]), async (api) => {
      expect(await answerTo(api, await api.cognito.issueIdToken({ sub: "a" }))).toEqual(ACCEPTED);
      const access = await api.cognito.issueAccessToken({ sub: "a", scope: "things/write" });
      expect(await answerTo(api, access)).toEqual(UNAUTHORIZED);
    });
  });
});

describe("an authorizer", () => {
  const other = `arn:aws:cognito-idp:${REGION}:999999999999:userpool/${REGION}_Other`;

  it("accepts the tokens of a pool that the program does not define, and only those", async () => {
    const authorizer = apiResource("Authorizer", "elsewhere", {
      type: "COGNITO_USER_POOLS",
      providerArns: [other],
    });
    const resources = guarded(["things/write"], "elsewhere");
    const at = resources.findIndex(({ type }) => type.endsWith(":Method"));
    await withApi([...resources.slice(0, at), authorizer, ...resources.slice(at)], async (api) => {
      const token = { sub: "a", scope: "things/write" };
      const theirs = await api.cognito.issueAccessToken({ ...token, userPoolId: `${REGION}_Other` });
      expect(await answerTo(api, theirs)).toEqual(ACCEPTED);
      expect(await answerTo(api, await api.cognito.issueAccessToken(token))).toEqual(UNAUTHORIZED);
    });
  });

  it("reads the header that its identity source names, and matches the audience", async () => {
    const authorizer = apiResource("Authorizer", "strict", {
      type: "COGNITO_USER_POOLS",
      providerArns: [POOL_ARN],
      identitySource: "method.request.header.X-Token",
      identityValidationExpression: "web-.*",
    });
    const resources = guarded([], "strict");
    const at = resources.findIndex(({ type }) => type.endsWith(":Method"));
    await withApi(
      [...resources.slice(0, at), authorizer, ...resources.slice(at)],
      async ({ url, cognito }) => {
        const status = async (clientId: string) =>
          (
            await post(`${url}/things`, "{}", {
              "X-Token": await cognito.issueIdToken({ sub: "a", clientId }),
            })
          ).status;
        expect([await status("web-1"), await status("app-1")]).toEqual([202, 401]);
      },
    );
  });

  it("gives the claims to the template, one by one", async () => {
    const integration = {
      type: "AWS",
      integrationHttpMethod: "POST",
      uri: `arn:aws:apigateway:${REGION}:dynamodb:action/GetItem`,
      credentials: "arn:aws:iam::123456789012:role/api",
      requestTemplates: {
        "application/json":
          "$context.authorizer.claims.sub|$context.authorizer.claims['cognito:username']|$context.authorizer.claims|$context.authorizer.claims.none",
      },
    };
    const resources = method({
      integration,
      method: { authorization: "COGNITO_USER_POOLS", authorizerId: "authorizer" },
    });
    await withApi(graph(resources), async (api) => {
      await answerTo(api, await api.cognito.issueIdToken({ sub: "customer-1" }));
      expect(api.calls[0]?.request.body).toBe("customer-1|customer-1||");
    });
  });
});
