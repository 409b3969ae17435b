import type { AwsEndpoint } from "../aws/endpoint";
import type { AwsHttpRequest } from "../aws/http";
import type { AbruptEnd } from "../faults/faultInjector";
import type { Command } from "./runtime/protocol";

/** The endpoint of all services, for requests that are signed by a function. */
export type SignedEndpoint = Pick<AwsEndpoint, "answerSigned">;

/** Answers the calls of AWS services that one worker makes. */
export class AwsCallAnswers {
  /** By the call's id, those without an answer. */
  private readonly open = new Map<number, AbortController>();
  private ending: AbruptEnd | undefined;
  private answered = 0;

  constructor(
    private readonly endpoint: SignedEndpoint,
    private readonly tell: (command: Command) => void,
    /** Ends the function's process. */
    private readonly crash: () => void,
  ) {}

  /** Begins an invocation. @param ending how it is to end before its time */
  begin(ending: AbruptEnd | undefined): void {
    this.ending = ending;
    this.answered = 0;
    if (ending?.afterCalls === 0) this.endNow(ending);
  }

  answer(id: number, request: AwsHttpRequest): void {
    const over = new AbortController();
    this.open.set(id, over);
    void this.endpoint.answerSigned(request, over.signal).then((answer) => {
      if (!this.open.delete(id)) return;
      this.answered++;
      if (this.ending && this.answered >= this.ending.afterCalls) this.endNow(this.ending);
      else this.tell({ type: "awsAnswer", id, answer });
    });
  }

  /** Whether the function is not to get any further. */
  get hangs(): boolean {
    return this.ending?.kind === "hang" && this.answered >= this.ending.afterCalls;
  }

  /** The worker does not wait for the answer any more. */
  over(id: number): void {
    this.open.get(id)?.abort();
    this.open.delete(id);
  }

  /** The worker is not there any more. */
  end(): void {
    for (const id of [...this.open.keys()]) this.over(id);
  }

  /** A function that hangs gets no answer any more, whatever else it calls. */
  private endNow(ending: AbruptEnd): void {
    if (this.answered <= ending.afterCalls) ending.happened();
    if (ending.kind === "crash") this.crash();
  }
}
