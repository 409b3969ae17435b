import * as z from "zod";
import { CommandError, EXIT, type Terminal } from "../tools/command";
import { readLocalOutputs, readStackOutputs, serviceUrl } from "../tools/outputs";

/** What the operators' commands need of a stack's outputs. */
const operatorOutputs = z.object({
  ordersTableName: z.string().min(1),
  ordersQueueUrl: serviceUrl,
  stateMachineArn: z.string().regex(/^arn:[\w-]+:states:[\w-]+:\d{12}:stateMachine:[\w-]+$/, "is no ARN"),
  workflowLogGroup: z.string().min(1),
  /** By downstream service. */
  downstreamQueueUrls: z.record(z.string(), serviceUrl),
  /** Of each dead-letter and failure queue: `orders`, `deliveryStarts`, one per downstream service, and others. */
  deadLetterQueueUrls: z.record(z.string(), serviceUrl),
  /** Which the alarms of the stack notify. */
  alarmTopicArn: z.string().optional(),
});

export type OperatorOutputs = z.infer<typeof operatorOutputs>;

const localOperatorOutputs = operatorOutputs.extend({ local: z.object({ awsEndpointUrl: serviceUrl }) });

/** Settings of every SDK client: nobody waits longer for an answer than half a minute, all attempts together. */
const CLIENT_SETTINGS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
} as const;

/** The local run takes any credentials for the account's administrator. */
const LOCAL_CREDENTIALS = { accessKeyId: "operator", secretAccessKey: "local" } as const;

export interface ClientSettings {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
  readonly requestHandler: typeof CLIENT_SETTINGS.requestHandler;
}

interface Client {
  destroy(): void;
}

/** A running stack, local or deployed, as an operator sees it: its outputs, and AWS's APIs. */
export class Stack {
  readonly region: string;
  private readonly clients = new Map<unknown, Client>();
  private readonly settings: ClientSettings;

  /**
   * @param name for messages: `stack dev`, or `the local run`
   * @param endpoint of the local run; AWS's own without it, with the credentials of the operator's environment
   */
  constructor(
    readonly name: string,
    readonly outputs: OperatorOutputs,
    readonly endpoint?: string,
  ) {
    this.region = outputs.stateMachineArn.split(":")[3] ?? "";
    this.settings = {
      region: this.region,
      ...CLIENT_SETTINGS,
      ...(endpoint !== undefined && { endpoint, credentials: LOCAL_CREDENTIALS }),
    };
  }

  /** The stack's one client of a class of the SDK; made when it is first asked for, since loading a class takes time. */
  client<T extends Client>(ClientClass: new (settings: ClientSettings) => T): T {
    const known = this.clients.get(ClientClass) as T | undefined;
    if (known) return known;
    const made = new ClientClass(this.settings);
    this.clients.set(ClientClass, made);
    return made;
  }

  close(): void {
    for (const client of this.clients.values()) client.destroy();
  }
}

/**
 * The local run as a stack.
 *
 * @param outputs as the local run writes them
 * @throws z.ZodError when they are not the order service's
 */
export function localStack(outputs: unknown): Stack {
  const { local, ...rest } = localOperatorOutputs.parse(outputs);
  return new Stack("the local run", rest, local.awsEndpointUrl);
}

/**
 * Finds the stack that is meant.
 *
 * @param name of a deployed stack; the running local one without it
 * @throws CommandError when its outputs cannot be read
 */
export async function openStack(
  name: string | undefined,
  terminal: Pick<Terminal, "env" | "projectRoot" | "signal">,
): Promise<Stack> {
  try {
    if (name !== undefined)
      return new Stack(`stack ${name}`, await readStackOutputs(name, terminal, operatorOutputs));
    return localStack(await readLocalOutputs(terminal, localOperatorOutputs));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(error.message, { cause: error, exitCode: EXIT.unreachable });
  }
}
