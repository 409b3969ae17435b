import type { AwsEndpoint } from "../aws/endpoint";
import type { AwsHttpRequest } from "../aws/http";
import type { Command } from "./runtime/protocol";

/** The endpoint of all services, for requests that are signed by a function. */
export type SignedEndpoint = Pick<AwsEndpoint, "answerSigned">;

/** Answers the calls of AWS services that one worker makes. */
export class AwsCallAnswers {
  /** By the call's id, those without an answer. */
  private readonly open = new Map<number, AbortController>();

  constructor(
    private readonly endpoint: SignedEndpoint,
    private readonly tell: (command: Command) => void,
  ) {}

  answer(id: number, request: AwsHttpRequest): void {
    const over = new AbortController();
    this.open.set(id, over);
    void this.endpoint.answerSigned(request, over.signal).then((answer) => {
      if (this.open.delete(id)) this.tell({ type: "awsAnswer", id, answer });
    });
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
}
