import { setMaxListeners } from "node:events";
import { AwsError } from "../aws/error";
import type { Clock } from "../clock";
import { RuleState, type Selectable } from "./ruleState";
import { FaultPlanError, readFaultPlan, type FaultPlan, type FaultyService, type Refusal } from "./rules";
import type { FaultRule } from "./rules";

/** A call that may be made to fail, and how that is done to a call of its kind. */
export interface FaultyCall<Answer> extends Selectable {
  readonly service: FaultyService;
  /** Aborted when the caller has given up. */
  readonly signal?: AbortSignal | undefined;
  /** Does what the call asks. @param ending how the function is to end, of an invocation */
  perform(ending?: AbruptEnd): Promise<Answer>;
  /** Answers with an error, or throws it. */
  refuse(refusal: Refusal, rule: FaultRule): Answer;
  /** Answers as if it had done what the call asks. */
  ignore?(): Answer;
  /** Performs it so that it happens twice; one after the other when left out. */
  repeat?(): Promise<Answer>;
  /** Takes an answer from the caller; it waits for it when left out. */
  lose?(answer: Answer): Answer;
  /** Ends a call that nobody answers any more; by an error when left out. */
  abandon?(): Answer;
}

/** How a function's invocation is to end before its time. */
export interface AbruptEnd {
  readonly kind: "crash" | "hang";
  /** After the effect of which of the invocation's calls of AWS; 0 at its start. */
  readonly afterCalls: number;
  /** Told when it happens: an invocation may have fewer calls. */
  readonly happened: () => void;
}

/** How often each rule of a plan has matched, in the plan's order. */
export interface FaultReport {
  readonly plan: FaultPlan | null;
  readonly counters: readonly { readonly matched: number; readonly injected: number }[];
}

/**
 * How long a call without an answer stays open, by the run's clock. AWS does not document the timeouts of its services'
 * own clients; callers with a timeout of their own have left by then.
 */
const SILENCE_MS = 60_000;

/** Makes calls fail as a plan says. Without a plan it does nothing. */
export class FaultInjector {
  private plan: FaultPlan | undefined;
  private states: readonly RuleState[] = [];
  private byService = new Map<FaultyService, readonly RuleState[]>();
  private readonly stopping = new AbortController();

  /** @param options.killProcess ends the process; a plan that asks for it is refused when it is left out */
  constructor(
    private readonly clock: Clock,
    private readonly options: { readonly killProcess?: (() => void) | undefined } = {},
  ) {
    // Every call that waits listens to it.
    setMaxListeners(0, this.stopping.signal);
  }

  /**
   * Replaces the plan; counters begin again.
   *
   * @throws FaultPlanError that names everything that is wrong with it
   */
  set(document: FaultPlan): void {
    const plan = readFaultPlan(document);
    const killing = plan.rules.findIndex(({ fault }) => fault === "killProcess");
    if (killing >= 0 && !this.options.killProcess)
      throw new FaultPlanError(
        `The fault plan is not valid: rules[${killing}].fault: killProcess would end this process and whatever else ` +
          "runs in it; use it with npm start.",
      );
    this.plan = plan;
    this.states = plan.rules.map((rule, index) => new RuleState(rule, plan.seed, index));
    this.byService = new Map(
      plan.rules.map(({ service }) => [service, this.states.filter(({ rule }) => rule.service === service)]),
    );
  }

  /** Ends the faults; calls that wait because of one go on waiting. */
  clear(): void {
    this.plan = undefined;
    this.states = [];
    this.byService = new Map();
  }

  report(): FaultReport {
    const counters = this.states.map(({ matched, injected }) => ({ matched, injected }));
    return { plan: this.plan ?? null, counters };
  }

  /** Ends the faults and lets go of every call that waits because of one. */
  stop(): void {
    this.clear();
    this.stopping.abort();
  }

  /** Whether the plan has rules about a service: to be asked first, most runs have none. */
  concerns(service: FaultyService): boolean {
    return this.byService.has(service);
  }

  /** Performs a call, or does to it what the first rule says that takes it. */
  async run<Answer>(call: FaultyCall<Answer>): Promise<Answer> {
    let taken: RuleState | undefined;
    // Every rule counts the calls that it selects, whatever the others do.
    for (const state of this.byService.get(call.service) ?? [])
      if (state.takes(call) && taken === undefined) taken = state;
    return taken === undefined ? call.perform() : this.inject(taken, call);
  }

  private async inject<Answer>(state: RuleState, call: FaultyCall<Answer>): Promise<Answer> {
    const { rule } = state;
    const { fault } = rule;
    if (fault === "crash" || fault === "hang")
      return call.perform({
        kind: fault,
        afterCalls: rule.afterCalls ?? 1,
        happened: () => state.injected++,
      });
    state.injected++;
    switch (fault) {
      case "delay":
        await this.wait(rule.milliseconds ?? 0, call.signal);
        return call.perform();
      case "duplicate":
        return call.repeat ? call.repeat() : twice(call);
      case "errorAfterEffect":
        await call.perform();
        return call.refuse("serverError", rule);
      case "lostAnswer":
        return this.loseAnswer(rule, call);
      case "noAnswer":
        return this.silence(rule, call);
      case "ignored":
        return call.ignore ? call.ignore() : call.perform();
      case "killProcess":
        this.options.killProcess?.();
        return this.silence(rule, call);
      default:
        return call.refuse(fault, rule);
    }
  }

  private async loseAnswer<Answer>(rule: FaultRule, call: FaultyCall<Answer>): Promise<Answer> {
    try {
      const answer = await call.perform();
      if (call.lose) return call.lose(answer);
    } catch (error) {
      // An error that a service answers is lost as well.
      if (!(error instanceof AwsError)) throw error;
    }
    return this.silence(rule, call);
  }

  private async silence<Answer>(rule: FaultRule, call: FaultyCall<Answer>): Promise<Answer> {
    await this.wait(SILENCE_MS, call.signal);
    return call.abandon ? call.abandon() : call.refuse("unavailable", rule);
  }

  private wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const { signal: stopping } = this.stopping;
    return this.clock.wait(ms, signal ? AbortSignal.any([signal, stopping]) : stopping);
  }
}

/** What the second one is refused, such as for a condition that holds no more, its caller never hears of. */
async function twice<Answer>(call: FaultyCall<Answer>): Promise<Answer> {
  const answer = await call.perform();
  await call.perform().catch((error: unknown) => {
    if (!(error instanceof AwsError)) throw error;
  });
  return answer;
}
