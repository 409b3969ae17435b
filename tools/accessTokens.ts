import * as z from "zod";
import { CommandError } from "./command";
import type { HttpConnections } from "./httpConnections";
import type { AccessToken } from "./orderClient";

/** Of the API: to place orders and to read one's own. */
const SCOPE = "orders/write orders/read";

/** A token is used for less than the hour that it is good for by default. */
const REUSE_MS = 10 * 60_000;

/** @throws CommandError when the token cannot be one */
export function givenToken(token: string): AccessToken {
  // RFC 6750, section 2.1.
  if (!/^[A-Za-z0-9._~+/-]+=*$/.test(token))
    throw new CommandError('The token is not an access token. Give it without "Bearer", quotes and blanks.');
  return () => Promise.resolve(token);
}

/** A customer's token of the local run, which gives one for any customer. */
export function localToken(tokenUrl: string, customer: string, connections: HttpConnections): AccessToken {
  return reused(async () => {
    const { status, body } = await connections.request(new URL(tokenUrl), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sub: customer, scope: SCOPE }),
    });
    const parsed = z.object({ accessToken: z.string().min(1) }).safeParse(parseJson(body));
    if (status === 200 && parsed.success) return parsed.data.accessToken;
    throw new CommandError(
      `The local run gives no token (${status} from ${tokenUrl}). Start it again: npm start`,
    );
  });
}

export interface MachineClient {
  readonly id: string;
  readonly secret: string;
}

/** A machine client's token by OAuth's client-credentials grant (Cognito Developer Guide, the token endpoint). */
export function machineToken(
  tokenUrl: string,
  client: MachineClient,
  connections: HttpConnections,
): AccessToken {
  return reused(async () => {
    const credentials = Buffer.from(`${client.id}:${client.secret}`).toString("base64");
    const { status, body } = await connections.request(new URL(tokenUrl), {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        authorization: `Basic ${credentials}`,
      },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: SCOPE }).toString(),
    });
    const parsed = z.object({ access_token: z.string().min(1) }).safeParse(parseJson(body));
    if (status === 200 && parsed.success) return parsed.data.access_token;
    throw new CommandError(
      `The token endpoint refuses client ${client.id} (${status}). Check --client-id and the client's secret.`,
    );
  });
}

/** Asks for a token when there is none yet or it has become old; many requests at once share one. */
function reused(fetchToken: AccessToken): AccessToken {
  let current: { readonly token: Promise<string>; readonly fetchedAt: number } | undefined;
  return () => {
    if (current && Date.now() - current.fetchedAt < REUSE_MS) return current.token;
    const fetched = { token: fetchToken(), fetchedAt: Date.now() };
    current = fetched;
    fetched.token.catch(() => {
      if (current === fetched) current = undefined;
    });
    return fetched.token;
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
