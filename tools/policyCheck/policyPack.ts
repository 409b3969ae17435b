import type { RawResource } from "../../local/engine/recorded";
import { CommandError } from "../command";
import { Analyzer, PackGoneError, type Violation } from "./analyzer";
import type { PolicyPackInfo } from "./packInfo";
import { PackProcess, type PackProcessOptions } from "./packProcess";
import { type GivenSettings, reconcileSettings } from "./settings";

/** A policy pack that runs, and looks at one stack. */
export class PolicyPack {
  private enabledPolicies: readonly string[] = [];

  private constructor(
    readonly info: PolicyPackInfo,
    private readonly process: PackProcess,
    private readonly analyzer: Analyzer,
  ) {}

  /**
   * Starts a pack, which takes some seconds, in the engine's order: process, stack, policies, their configuration.
   *
   * @throws CommandError when it does not start, has no policies, or its configuration is wrong
   */
  static async start(options: PackProcessOptions, given: GivenSettings = {}): Promise<PolicyPack> {
    const process = PackProcess.start(options);
    let analyzer: Analyzer | undefined;
    try {
      analyzer = new Analyzer(await process.port());
      await analyzer.configureStack(options.stack);
      const pack = new PolicyPack(await analyzer.info(), process, analyzer);
      if (pack.info.policies.length === 0)
        throw new CommandError(
          `The policy pack in ${options.directory} has no policies: nothing is checked.`,
        );
      await pack.configure(given);
      return pack;
    } catch (error) {
      analyzer?.close();
      await process.stop();
      throw process.failure ?? error;
    }
  }

  /**
   * Configures every policy anew; `{ all: { enforcementLevel: "disabled" }, NAME: { enforcementLevel: "mandatory" } }`
   * leaves one.
   *
   * @throws CommandError when the settings do not fit the pack
   */
  async configure(given: GivenSettings): Promise<void> {
    const settings = reconcileSettings(this.info, given);
    await this.guard(() => this.analyzer.configure(settings));
    this.enabledPolicies = [...settings]
      .filter(([, { level }]) => level !== "disabled")
      .map(([name]) => name);
  }

  /** The names of the policies that are not disabled. */
  get enabled(): readonly string[] {
    return this.enabledPolicies;
  }

  /**
   * What the policies of resources say against one resource.
   *
   * @throws CommandError when a policy fails, or cannot run
   */
  analyze(resource: RawResource): Promise<Violation[]> {
    return this.guard(() => this.analyzer.analyze(resource));
  }

  /**
   * What the policies of stacks say against a whole stack.
   *
   * @throws CommandError when a policy fails, or cannot run
   */
  analyzeStack(resources: readonly RawResource[]): Promise<Violation[]> {
    return this.guard(() => this.analyzer.analyzeStack(resources));
  }

  /**
   * Ends the pack.
   *
   * @returns what the pack wrote meanwhile
   * @throws CommandError when something in it failed that no answer told of, such as a promise that nobody awaits
   */
  async stop(): Promise<string> {
    this.analyzer.close();
    await this.process.stop();
    if (this.process.failure) throw this.process.failure;
    return this.process.output;
  }

  /** A pack that is gone says more than the connection that broke. */
  private async guard<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof PackGoneError) await this.process.ended();
      throw this.process.failure ?? error;
    }
  }
}
