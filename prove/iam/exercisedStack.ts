import { setTimeout as sleep } from "node:timers/promises";
import type { AwsApis, AwsDocument } from "../../local/aws/api";
import type { ResourceGraph } from "../../local/aws/resource";
import type { FaultPlan } from "../../local/faults/rules";
import type { DecisionObserver } from "../../local/iam/iam";
import { LocalRun } from "../../local/localRun";
import { stackOutputs } from "../../contracts/stackOutputs";
import { HttpConnections } from "../../tools/httpConnections";
import { OrderClient } from "../../tools/orderClient";
import { PROJECT_ROOT, STACK } from "../recording";

/** Between two looks at what is waited for. */
const PAUSE_MS = 5;

/** So many looks in a row must find no function at work. */
const QUIET_LOOKS = 3;

/** By which time moves on; shorter than whatever a check waits for. */
const STEP_MS = 30_000;

export const CUSTOMER = "customer-1";

/** A stack on a local run, as the checks of the exercise need it. */
export class ExercisedStack {
  readonly outputs;
  /** The customer's. */
  readonly client: OrderClient;
  private readonly connections = new HttpConnections();

  private constructor(
    private readonly run: LocalRun,
    private readonly patienceMs: number,
  ) {
    this.outputs = stackOutputs.parse(run.outputs);
    const token = run.accessToken(CUSTOMER, "orders/write orders/read");
    this.client = new OrderClient(this.outputs.apiUrl, () => token, this.connections);
  }

  /**
   * Hosts a graph.
   *
   * @param options.patienceMs how long a condition may take to hold
   * @throws Error when the graph is refused
   */
  static async start(options: {
    readonly graph: (origin: string) => ResourceGraph;
    readonly onDecision: DecisionObserver;
    readonly patienceMs: number;
  }): Promise<ExercisedStack> {
    const run = await LocalRun.start({
      directory: PROJECT_ROOT,
      stack: STACK,
      port: 0,
      graph: (origin) => Promise.resolve(options.graph(origin)),
      // What the run refuses shows in the checks.
      onFault: () => undefined,
      onDecision: options.onDecision,
    });
    return new ExercisedStack(run, options.patienceMs);
  }

  /** Milliseconds since the epoch, of the run's clock. */
  now(): number {
    return this.run.clock.now();
  }

  /** Calls a service as the account's administrator, past the faults. @throws AwsError */
  call(service: keyof AwsApis, action: string, input: AwsDocument): Promise<AwsDocument> {
    return this.run.call(service, action, input);
  }

  /** Makes calls fail, these alone from now on. */
  failing(...rules: FaultPlan["rules"]): void {
    this.run.faults.set({ seed: 1, rules });
  }

  /** What a resource is called outside. */
  nameOf(type: string, name: string): string {
    const found = this.run.graph.resources.find((each) => each.type === type && each.name === name);
    return String(found?.outputs["name"]);
  }

  /** Resolves once a condition holds. @throws Error when it takes too long */
  until(what: string, condition: () => Promise<boolean>): Promise<void> {
    return this.wait(what, condition, () => undefined);
  }

  /**
   * The same while the run's time moves on, whenever no function is at work: a function whose time is moved times out.
   */
  pass(what: string, condition: () => Promise<boolean>): Promise<void> {
    let quiet = 0;
    return this.wait(what, condition, () => {
      quiet = this.run.invocations > 0 ? 0 : quiet + 1;
      if (quiet < QUIET_LOOKS) return;
      quiet = 0;
      this.run.clock.advance(STEP_MS);
    });
  }

  async stop(): Promise<void> {
    this.connections.close();
    await this.run.stop();
  }

  private async wait(what: string, condition: () => Promise<boolean>, meanwhile: () => void): Promise<void> {
    const deadline = performance.now() + this.patienceMs;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`not within ${this.patienceMs} ms: ${what}`);
      meanwhile();
      await sleep(PAUSE_MS);
    }
  }
}
