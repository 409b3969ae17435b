import { appendFileSync, mkdirSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname } from "node:path";
import { SQSClient } from "@aws-sdk/client-sqs";
import { CommandError } from "../../tools/command";
import type { Stack } from "../target";

/** What was done, to what. */
export interface AuditEntry {
  readonly action: "sent" | "started" | "moved" | "dropped" | "failed";
  readonly queue?: string;
  readonly messageId?: string;
  readonly orderIds: readonly string[];
  /** A queue's URL, an execution's ARN or a move task's handle. */
  readonly target?: string;
  readonly error?: string;
}

/** Adds a line of JSON to a file for each thing that is done: when, who, on which stack, what. No personal data. */
export class AuditLog {
  private constructor(
    readonly file: string,
    private readonly who: object,
    private readonly stack: string,
  ) {}

  /** @throws CommandError when the file cannot be written: nothing is done that is not logged */
  static async open(file: string, stack: Stack): Promise<AuditLog> {
    try {
      mkdirSync(dirname(file), { recursive: true });
      appendFileSync(file, "");
    } catch (error) {
      throw new CommandError(
        `The audit log cannot be written (${(error as Error).message}). Choose another with --audit.`,
      );
    }
    const { accessKeyId } = await stack.client(SQSClient).config.credentials();
    return new AuditLog(file, { user: userInfo().username, host: hostname(), accessKeyId }, stack.name);
  }

  write(entry: AuditEntry): void {
    const line = { at: new Date().toISOString(), who: this.who, stack: this.stack, ...entry };
    appendFileSync(this.file, `${JSON.stringify(line)}\n`);
  }
}
