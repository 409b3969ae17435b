import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { AwsApis, AwsDocument } from "./aws/api";
import { ADMINISTRATOR } from "./aws/caller";
import type { ResourceGraph } from "./aws/resource";
import { Clock } from "./clock";
import { recordInThread } from "./engine/recordInThread";
import { loadStackConfig, regionOf } from "./engine/stackConfig";
import { FaultControl, FAULTS_PATH } from "./faults/control";
import { FaultInjector } from "./faults/faultInjector";
import type { FaultPlan } from "./faults/rules";
import { hostGraph, startServices } from "./hosting";
import { routeRequest, type Pages } from "./routes";
import type { DecisionObserver } from "./iam/iam";
import type * as Services from "./services";
import { createServer } from "./server";
import { openStore } from "./store";

export interface LocalRunOptions {
  /** The folder of the Pulumi program. */
  readonly directory: string;
  readonly stack: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Where the data outlives the run; without it the run begins and ends empty. */
  readonly stateFolder?: string | undefined;
  /** The graph to host at an address; the program's own when absent. */
  readonly graph?: (origin: string) => Promise<ResourceGraph>;
  /** Pages that are served beside the services. */
  readonly pages?: (outputs: LocalOutputs) => Pages;
  /** Lets whoever reaches the run make it fail, at `outputs.local.faultsUrl`; nobody can when absent. */
  readonly faults?:
    | {
        /** In force before anything starts. */
        readonly plan?: FaultPlan | undefined;
        /** Ends the process, for plans that say so; those are refused when absent. */
        readonly killProcess?: () => void;
      }
    | undefined;
  /** Told of faults of the run itself, which clients see as a bare 500, and of injected ones that no client sees. */
  readonly onFault: (error: unknown) => void;
  /** Told of each question whether a role or a service may do something. */
  readonly onDecision?: DecisionObserver;
}

/** A stack's outputs, as `pulumi stack output --json` prints them, and where the local run serves what. */
export interface LocalOutputs {
  readonly [output: string]: unknown;
  readonly local: {
    /** Speaks the protocol of every hosted AWS service. */
    readonly awsEndpointUrl: string;
    /** `POST {"sub","scope"}` here for an access token. */
    readonly tokenUrl: string;
    /** Where the pages are, of a run that has some. */
    readonly consoleUrl: string;
    /** `PUT` a fault plan here; only of a run that takes them. */
    readonly faultsUrl?: string;
  };
}

/** A stack, hosted in this process on loopback. */
export class LocalRun {
  private constructor(
    readonly outputs: LocalOutputs,
    readonly graph: ResourceGraph,
    /** Tests move it forward instead of waiting. */
    readonly clock: Clock,
    /** Tests make calls fail with it. */
    readonly faults: FaultInjector,
    private readonly services: Services.Services,
    private readonly undo: readonly (() => void | Promise<void>)[],
  ) {}

  /**
   * Runs the Pulumi program and hosts the resources that it registers.
   *
   * @throws Error with a message for the user: a port in use, a stack that does not exist, a wrong configuration, a
   *   resource that the local run cannot host
   */
  static async start(options: LocalRunOptions): Promise<LocalRun> {
    const { directory, stack, onFault, onDecision } = options;
    const region = regionOf(loadStackConfig({ directory, stack }));
    const server = createServer();
    const origin = await listen(server, options.port);
    const undo: (() => void | Promise<void>)[] = [() => closeServer(server)];
    try {
      const recording =
        options.graph?.(origin) ?? recordInThread({ directory, stack, origin }).then(({ graph }) => graph);
      // Awaited below, unless what comes before it fails.
      recording.catch(() => undefined);
      const store = openStore(options.stateFolder);
      undo.push(() => store.close());
      const clock = new Clock();
      undo.push(() => clock.stop());
      const faults = new FaultInjector(clock, options.faults);
      const given = { store, clock, region, origin, faults, onFault, onDecision };
      const services = loadServices().createServices(given);
      const graph = await recording;
      for (const host of services.hosts) undo.push(async () => host.stop?.());
      // First of all: services that stop do not wait for calls that get no answer.
      undo.push(() => faults.stop());
      const control = options.faults && new FaultControl(faults, clock);
      const outputs = localOutputs(graph, origin, region, control !== undefined);
      const pages = options.pages?.(outputs);
      undo.push(() => pages?.stop());
      // Before anything starts: functions that find work from an earlier run call back at once.
      server.on("request", (request, response) => {
        const servers = { services, pages, consoleUrl: outputs.local.consoleUrl, control };
        routeRequest(servers, request, response).catch((error: unknown) => {
          onFault(error);
          // Its client would wait for ever.
          if (response.headersSent) response.destroy();
          else response.writeHead(500).end();
        });
      });
      await hostGraph(graph, services.hosts);
      if (options.faults?.plan) faults.set(options.faults.plan);
      await startServices(services.hosts);
      return new LocalRun(outputs, graph, clock, faults, services, undo);
    } catch (error) {
      await runAll(undo);
      throw error;
    }
  }

  /** An access token of a customer; its claims are those that the stack's user pool would sign. */
  accessToken(sub: string, scope: string): Promise<string> {
    return this.services.cognito.issueAccessToken({ sub, scope });
  }

  /**
   * Calls a hosted service as the account's administrator, without the endpoint and injected faults between.
   *
   * @param action such as `ReceiveMessage`
   * @throws AwsError as the service documents
   */
  call(service: keyof AwsApis, action: string, input: AwsDocument): Promise<AwsDocument> {
    return this.services.apis[service].call(action, input, ADMINISTRATOR);
  }

  /** How many invocations of functions are under way: whoever moves the clock meanwhile moves their timeouts too. */
  get invocations(): number {
    return this.services.lambda.invocations;
  }

  /** Ends every service; what runs is given a moment, what does not end then is abandoned as a crash would. */
  stop(): Promise<void> {
    return runAll(this.undo);
  }
}

/** Not imported above: loading them takes half a second of a start, in which the program already runs in its thread. */
function loadServices() {
  return createRequire(__filename)("./services") as typeof Services;
}

/** Last begun, first ended. */
async function runAll(undo: readonly (() => void | Promise<void>)[]): Promise<void> {
  for (const step of [...undo].reverse()) await step();
}

function closeServer(server: Server): void {
  server.close();
  server.closeAllConnections();
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new Error(
              `Port ${port} is in use. Choose another with PORT=4001 npm start; PORT=0 picks a free one.`,
            )
          : error,
      ),
    );
    server.listen(port, "127.0.0.1", () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

function localOutputs(
  graph: ResourceGraph,
  origin: string,
  region: string,
  takesFaults: boolean,
): LocalOutputs {
  // A user pool's domain is a name in AWS's DNS; here the run answers for it.
  const cognitoDomain = new RegExp(`^https://[a-z0-9-]+\\.auth\\.${region}\\.amazoncognito\\.com/`);
  const outputs = Object.entries(graph.outputs).map(([name, value]) => [
    name,
    typeof value === "string" ? value.replace(cognitoDomain, `${origin}/`) : value,
  ]);
  return {
    ...Object.fromEntries(outputs),
    local: {
      awsEndpointUrl: origin,
      tokenUrl: `${origin}/oauth2/token`,
      consoleUrl: `${origin}/console`,
      ...(takesFaults && { faultsUrl: `${origin}${FAULTS_PATH}` }),
    },
  };
}
