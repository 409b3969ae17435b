/**
 * What one thread tells another. All of one turn of the event loop goes out as one message: each message wakes the
 * other thread, which costs more than what it carries.
 */
export class Outbox<Message> {
  private pending: Message[] = [];

  constructor(private readonly post: (messages: readonly Message[]) => void) {}

  add(message: Message): void {
    if (this.pending.push(message) === 1) setImmediate(() => this.flush());
  }

  /** Posts at once, for when the event loop will not turn any more. */
  flush(): void {
    if (this.pending.length === 0) return;
    const messages = this.pending;
    this.pending = [];
    this.post(messages);
  }
}
