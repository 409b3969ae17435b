import { isAccessDenied } from "../../ops/awsErrors";
import type { Stack } from "../../ops/target";

/** CloudWatch has new figures once a minute, and each request for them has its price. */
const READ_AGAIN_MS = { deployed: 60_000, local: 1_000 };

export const NOT_PERMITTED = "the credentials do not permit it";

/** A figure, or why there is none. */
type Reading<Figure> =
  | { readonly figure: Figure; readonly unread?: undefined }
  | { readonly figure?: undefined; readonly unread: string };

/** A figure of CloudWatch, not asked for more often than it changes. A page shows the rest without it. */
export class SlowFigure<Figure> {
  #reading: Reading<Figure> | undefined;
  #readAt = 0;

  constructor(
    private readonly stack: Stack,
    private readonly readFigure: (stack: Stack) => Promise<Figure>,
  ) {}

  async read(): Promise<Reading<Figure>> {
    const againMs = this.stack.endpoint === undefined ? READ_AGAIN_MS.deployed : READ_AGAIN_MS.local;
    if (!this.#reading || Date.now() - this.#readAt >= againMs) {
      this.#reading = await this.readFigure(this.stack).then(
        (figure) => ({ figure }),
        (error: unknown) => ({ unread: reasonOf(error) }),
      );
      this.#readAt = Date.now();
    }
    return this.#reading;
  }
}

function reasonOf(error: unknown): string {
  if (isAccessDenied(error)) return NOT_PERMITTED;
  return error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
}
