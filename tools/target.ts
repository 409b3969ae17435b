import { Option, type Command } from "commander";
import { givenToken, localToken, machineToken } from "./accessTokens";
import { CommandError, type Terminal } from "./command";
import { HttpConnections, NoAnswerError } from "./httpConnections";
import { OrderClient, type OrderApiError } from "./orderClient";
import {
  localOutputs,
  readLocalOutputs,
  readStackOutputs,
  serviceUrl,
  stackOutputs,
  type StackOutputs,
} from "./outputs";

/** Keeps a token out of the shell's history and the list of processes. */
const TOKEN_VARIABLE = "ORDER_SERVICE_TOKEN";

/** A secret has no option at all. */
const CLIENT_SECRET_VARIABLE = "ORDER_SERVICE_CLIENT_SECRET";

/** Which order service is meant, and as whom; the local run, and as anyone, when nothing is told. */
export interface TargetOptions {
  readonly stack?: string;
  readonly url?: string;
  readonly token?: string;
  readonly clientId?: string;
}

/** An order service to send requests to. */
export interface Target {
  readonly apiUrl: string;
  /** A client with the customer's own token; where one token was given, with that. */
  readonly clientOf: (customer: string) => OrderClient;
  readonly close: () => void;
}

/** Adds the options that choose the target. */
export function targetOptions(command: Command): Command {
  return command
    .addOption(new Option("--stack <name>", "a deployed stack, by the Pulumi CLI").conflicts("url"))
    .option("--url <api-url>", "the API's URL: the stack's output apiUrl")
    .option("--token <token>", `access token for --stack and --url (or set ${TOKEN_VARIABLE})`);
}

/**
 * Finds out where to send requests, and as whom.
 *
 * @throws CommandError when that cannot be told, or the local run does not answer
 */
export async function openTarget(options: TargetOptions, terminal: Terminal): Promise<Target> {
  const connections = new HttpConnections();
  const { stack, url } = options;
  if (stack !== undefined)
    return oneCustomer(await readStackOutputs(stack, terminal, stackOutputs), options, terminal, connections);
  if (url !== undefined) {
    const parsed = serviceUrl.safeParse(url);
    if (!parsed.success) throw new CommandError(`--url ${parsed.error.issues[0]?.message}`);
    return oneCustomer({ apiUrl: url }, options, terminal, connections);
  }
  return await localRun(options, terminal, connections);
}

/** Every request bears the same token: all orders belong to its `sub`. */
function oneCustomer(
  { apiUrl, tokenUrl }: StackOutputs,
  options: TargetOptions,
  { env }: Terminal,
  connections: HttpConnections,
): Target {
  const accessToken =
    options.clientId === undefined
      ? givenToken(tokenOf(options, env))
      : machineToken(tokenUrlOf(tokenUrl), { id: options.clientId, secret: secretOf(env) }, connections);
  const client = new OrderClient(apiUrl, accessToken, connections);
  return { apiUrl, clientOf: () => client, close: () => connections.close() };
}

function tokenOf({ token }: TargetOptions, env: NodeJS.ProcessEnv): string {
  const given = token ?? env[TOKEN_VARIABLE];
  if (given !== undefined) return given;
  throw new CommandError(`A deployed stack needs an access token: use --token, or set ${TOKEN_VARIABLE}.`);
}

function tokenUrlOf(tokenUrl: string | undefined): string {
  if (tokenUrl !== undefined) return tokenUrl;
  throw new CommandError("--client-id needs a --stack with a token endpoint of its own. Use --token.");
}

function secretOf(env: NodeJS.ProcessEnv): string {
  const secret = env[CLIENT_SECRET_VARIABLE];
  if (secret) return secret;
  throw new CommandError(`--client-id needs the client's secret in ${CLIENT_SECRET_VARIABLE}.`);
}

async function localRun(
  { token, clientId }: TargetOptions,
  terminal: Terminal,
  connections: HttpConnections,
): Promise<Target> {
  if (clientId !== undefined) throw new CommandError("--client-id is for a deployed stack: add --stack.");
  const { apiUrl, local } = await readLocalOutputs(terminal, localOutputs);
  const tokenFor = (customer: string) => localToken(local.tokenUrl, customer, connections);
  // The outputs of a run that was killed are still there.
  await tokenFor("nobody")().catch((error: unknown) => {
    if (!(error instanceof NoAnswerError)) throw error;
    throw new CommandError(`There is no local run: ${error.message}. Start it with: npm start`);
  });

  const clients = new Map<string, OrderClient>();
  const clientOf = (customer: string) => {
    let client = clients.get(customer);
    if (!client) {
      const accessToken = token === undefined ? tokenFor(customer) : givenToken(token);
      client = new OrderClient(apiUrl, accessToken, connections);
      clients.set(customer, client);
    }
    return client;
  };
  return { apiUrl, clientOf, close: () => connections.close() };
}

/** What to do about an answer that no other order of the same token would fare better with. */
export function tokenProblem(error: OrderApiError): CommandError | undefined {
  if (error.status === 401)
    return new CommandError(
      "The token is missing, expired, or lacks a scope (401): orders/write to place, orders/read to follow. Get another and give it with --token.",
    );
  if (error.status === 403)
    return new CommandError(
      "The token does not permit this (403). It needs the scopes orders/write and orders/read.",
    );
  return undefined;
}
