import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Consumer, EndlessDelivery } from "./consumers";
import { Examination, type Tally, type Violation } from "./invariants";
import { Ledger } from "./ledger";
import { Operator } from "./operator";
import { Orders } from "./orders";
import { ProcessWorld } from "./processWorld";
import { Pace, type Quarter } from "./pace";
import { putPoison } from "./poison";
import { Posting } from "./posting";
import type { GraphChange, Recording } from "./recording";
import type { Scenario } from "./scenario";
import { derivedSeed, seededRandom } from "../local/faults/random";
import { settle, type Repair } from "./settle";
import { storedOrders } from "./standing";
import { examineSigns, lookForSigns, type Signs } from "./visibility";
import { Watch } from "./watch";
import { LocalWorld, type World } from "./world";

/** What one scenario came to. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly seed: number;
  readonly orders: number;
  /** Posts that were answered with 202. */
  readonly accepted: number;
  readonly tally: Tally;
  /** Calls that were made to fail. */
  readonly faults: number;
  /** Alarms that were on before anything was repaired. */
  readonly alarms: readonly string[];
  readonly repair: Repair;
  readonly quarters: readonly Quarter[];
  readonly seconds: number;
  readonly violations: readonly (Violation & { readonly history?: string })[];
}

export interface ScenarioOptions {
  readonly seed: number;
  readonly orders?: number;
  /** A product that is broken on purpose. */
  readonly change?: GraphChange;
  readonly signal: AbortSignal;
  /** Told how many orders have been posted. */
  readonly onProgress?: (posted: number) => void;
}

const NO_TALLY: Tally = { delivered: 0, rejected: 0, deadLettered: 0, unconfirmed: 0 };

/** How often a minute passes of the clock of a world that is hurried. */
const HURRY_MS = 1_000;

/** Plays a scenario in a stack of its own, and compares what was promised with what became of it. */
export async function runScenario(
  scenario: Scenario,
  recording: Recording,
  options: ScenarioOptions,
): Promise<ScenarioResult> {
  const started = performance.now();
  const change: GraphChange = (graph) => {
    const set = scenario.graph?.(graph) ?? graph;
    return options.change?.(set) ?? set;
  };
  const world = scenario.ownProcess ? await ProcessWorld.start() : await LocalWorld.start(recording, change);
  const play = new Play(scenario, world, options);
  try {
    return { ...(await play.run()), seconds: Math.round((performance.now() - started) / 100) / 10 };
  } finally {
    await play.end();
  }
}

class Play {
  private readonly orders: Orders;
  private readonly ledger: Ledger;
  private readonly consumers: readonly Consumer[];
  private readonly consuming: Promise<unknown>;
  /** Ends the play early. */
  private readonly endless = new AbortController();
  readonly watch: Watch;
  readonly operator: Operator;
  private readonly posting: Posting;
  private readonly pace: Pace;

  constructor(
    private readonly scenario: Scenario,
    readonly world: World,
    private readonly options: ScenarioOptions,
  ) {
    const { seed, signal, orders: count = scenario.orders, onProgress } = options;
    this.orders = new Orders(count, seed, scenario.name, scenario.mix);
    this.ledger = new Ledger(this.orders);
    this.consumers = Object.keys(world.outputs.downstreamQueueUrls).map(
      (service, index) => new Consumer(service, world, this.orders, derivedSeed(seed, 1 + index)),
    );
    this.consuming = Promise.all(this.consumers.map((consumer) => consumer.run()));
    // Awaited at the end.
    this.consuming.catch((error: unknown) => this.endless.abort(error));
    const over = AbortSignal.any([signal, this.endless.signal]);
    setMaxListeners(0, over);
    this.watch = new Watch(world, over);
    this.operator = new Operator(world);
    this.pace = new Pace(count);
    this.posting = new Posting(world, this.ledger, {
      concurrency: scenario.concurrency ?? 24,
      timeoutMs: scenario.answerTimeoutMs ?? 30_000,
      signal: over,
      onPosted: async (posted) => {
        onProgress?.(posted);
        this.pace.note(posted);
        await scenario.during?.(posted, world, count);
        if (scenario.backlogMax !== undefined && posted % 100 === 0)
          await this.watch.backlogBelow(scenario.backlogMax);
      },
    });
  }

  async run(): Promise<Omit<ScenarioResult, "seconds">> {
    try {
      return await this.toTheEnd();
    } catch (error) {
      const reason: unknown = this.endless.signal.reason;
      if (!(reason instanceof EndlessDelivery)) throw error;
      const { orderId, message: detail } = reason;
      const repair = { redriven: 0, minutes: 0 };
      return this.result(NO_TALLY, 0, [], repair, [{ invariant: "bounded", orderId, detail }]);
    }
  }

  private async toTheEnd(): Promise<Omit<ScenarioResult, "seconds">> {
    const { scenario, world } = this;
    await this.setFaults(true);
    await this.post();
    const postedAt = world.now();
    await this.watch.workedOff();
    await this.watch.pass(scenario.lastsMinutes ?? 0);
    const faults = (await world.faultReport()).counters.reduce((sum, { injected }) => sum + injected, 0);
    await this.setFaults(false);
    const signs = await this.lookAround(postedAt);
    const repair = await settle(this, scenario.repairMinutes);
    const { tally, violations } = await this.examine(signs);
    return this.result(tally, faults, [...signs.alarms], repair, await this.withHistories(violations));
  }

  private result(
    tally: Tally,
    faults: number,
    alarms: readonly string[],
    repair: Repair,
    violations: ScenarioResult["violations"],
  ): Omit<ScenarioResult, "seconds"> {
    const { scenario, options, orders, ledger, pace } = this;
    return {
      scenario: scenario.name,
      seed: options.seed,
      orders: orders.count,
      accepted: ledger.answers,
      ...{ tally, faults, alarms, repair, violations },
      quarters: pace.quarters,
    };
  }

  private async post(): Promise<void> {
    const { scenario, world, ledger, orders } = this;
    let isPosting = true;
    const hurry = async () => {
      while (isPosting && scenario.hurried) await Promise.all([this.watch.pass(1), sleep(HURRY_MS)]);
    };
    const posting = Promise.all([
      this.posting.post(0, orders.count),
      putPoison(world, ledger, scenario.poison ?? 0),
    ]).finally(() => (isPosting = false));
    await Promise.all([posting, hurry()]);
  }

  /** Ends everything, however the scenario went. */
  async end(): Promise<void> {
    this.posting.close();
    this.operator.close();
    for (const consumer of this.consumers) consumer.stop();
    await this.world.stop();
    await this.consuming.catch((error: unknown) => {
      if (!(error instanceof EndlessDelivery)) throw error;
    });
    for (const consumer of this.consumers) consumer.close();
  }

  private async setFaults(on: boolean): Promise<void> {
    const { scenario, options, world, consumers } = this;
    for (const consumer of consumers) consumer.faults = (on ? scenario.consumers : undefined) ?? {};
    const random = seededRandom(derivedSeed(options.seed, 0));
    const rules = on ? scenario.faults?.({ random, outputs: world.outputs }) : undefined;
    await world.setFaults(rules && { seed: options.seed, rules: [...rules] });
  }

  private async lookAround(postedAt: number): Promise<Signs> {
    const { world, ledger, watch, operator } = this;
    return lookForSigns(world, {
      ledger,
      postedAt,
      alarms: watch.alarms,
      failures: await operator.failures(),
    });
  }

  private async examine(signs: Signs): Promise<Examination> {
    const { ledger, consumers, world, operator } = this;
    const failures = await operator.failures();
    const examination = new Examination({ ledger, consumers, failures, stored: storedOrders(world) });
    examineSigns(signs, this.scenario, examination);
    await examination.run();
    return examination;
  }

  /** One history per kind of violation: it takes a while to find. */
  private async withHistories(violations: readonly Violation[]): Promise<ScenarioResult["violations"]> {
    const told = new Set<string>();
    const results = [];
    for (const violation of violations) {
      const { invariant, orderId } = violation;
      const isFirst = !told.has(invariant) && told.add(invariant);
      results.push(
        orderId !== undefined && isFirst
          ? { ...violation, history: await this.operator.history(orderId) }
          : violation,
      );
    }
    return results;
  }
}
