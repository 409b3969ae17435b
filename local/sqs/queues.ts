import { ACCOUNT_ID } from "../aws/arn";
import type { Clock } from "../clock";
import type { Store } from "../store";
import { invalidAddress, missingParameter, queueDoesNotExist } from "./errors";
import type { MessageStore } from "./messageStore";
import { Pollers } from "./pollers";
import { allowsSource, DEFAULT_SETTINGS, type QueueSettings } from "./queueSettings";

/** Expired messages are never received; how often their rows are removed. */
const SWEEP_MS = 60_000;

/** One hosted queue. */
export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly pollers: Pollers;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  modifiedAt: number;
  settings: QueueSettings;
  purgedAt: number | undefined;
  /** At least the number of messages in flight: grows with each receive, made exact when it reaches the limit. */
  inFlightAtMost: number;
  sweptAt: number;
}

/** What a queue needs from the run to come into being. */
export interface QueuesDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly messages: MessageStore;
}

/** The hosted queues, found by name, ARN or URL. */
export class Queues {
  private readonly byName = new Map<string, Queue>();
  private readonly byArn = new Map<string, Queue>();
  private readonly byUrl = new Map<string, Queue>();
  private readonly createdAt;

  constructor(private readonly dependencies: QueuesDependencies) {
    const { db } = dependencies.store;
    db.exec("CREATE TABLE IF NOT EXISTS sqs_queues (arn TEXT PRIMARY KEY, created_at INTEGER NOT NULL)");
    this.createdAt = {
      note: db.prepare("INSERT OR IGNORE INTO sqs_queues (arn, created_at) VALUES (?, ?)"),
      of: db.prepare("SELECT created_at FROM sqs_queues WHERE arn = ?"),
    };
  }

  /** Makes a queue with AWS's default settings. */
  add(name: string, arn: string, url: string): Queue {
    const { clock, messages } = this.dependencies;
    const now = clock.now();
    this.createdAt.note.run(arn, now);
    const queue: Queue = {
      name,
      arn,
      url,
      createdAt: (this.createdAt.of.get(arn) as { created_at: number }).created_at,
      modifiedAt: now,
      settings: DEFAULT_SETTINGS,
      purgedAt: undefined,
      inFlightAtMost: Infinity,
      sweptAt: 0,
      pollers: new Pollers(clock, {
        nextVisibleAt: () => messages.nextVisibleAt(name, clock.now()),
        countVisible: (atMost) => messages.countVisible(name, clock.now(), this.cutoff(queue), atMost),
      }),
    };
    this.byName.set(name, queue);
    this.byArn.set(arn, queue);
    this.byUrl.set(url, queue);
    return queue;
  }

  all(): readonly Queue[] {
    return [...this.byName.values()];
  }

  named(name: string): Queue | undefined {
    return this.byName.get(name);
  }

  withArn(arn: string): Queue | undefined {
    return this.byArn.get(arn);
  }

  /**
   * The queue that a request names. Only the URL's path counts: clients reach the endpoint under several host names.
   *
   * @throws AwsError `QueueDoesNotExist`, or `InvalidAddress` for what is no queue URL
   */
  withUrl(url: string | undefined): Queue {
    if (url === undefined) throw missingParameter("QueueUrl");
    const known = this.byUrl.get(url);
    if (known !== undefined) return known;
    const [, account, name] = /\/(\d{12})\/([\w-]{1,80}(?:\.fifo)?)\/?$/.exec(url) ?? [];
    if (name === undefined) throw invalidAddress(url);
    const queue = account === ACCOUNT_ID ? this.byName.get(name) : undefined;
    if (queue === undefined) throw queueDoesNotExist();
    return queue;
  }

  /** The dead-letter queue to which a queue's redrive policy leads, when that queue's own policy allows it. */
  deadLetterQueueOf(queue: Queue): Queue | undefined {
    const { redrivePolicy } = queue.settings;
    const target = redrivePolicy && this.byArn.get(redrivePolicy.deadLetterTargetArn);
    return target && allowsSource(target.settings.redriveAllowPolicy, queue.arn) ? target : undefined;
  }

  /** The queues whose messages are dead-lettered to this one. */
  sourcesOf(queue: Queue): readonly Queue[] {
    return this.all().filter((other) => other.settings.redrivePolicy?.deadLetterTargetArn === queue.arn);
  }

  /** The enqueue time up to which a queue's messages have expired; removes their rows now and then. */
  cutoff(queue: Queue): number {
    const now = this.dependencies.clock.now();
    const cutoff = now - queue.settings.retentionMs;
    if (now - queue.sweptAt >= SWEEP_MS) {
      queue.sweptAt = now;
      this.dependencies.messages.removeExpired(queue.name, cutoff);
    }
    return cutoff;
  }
}
