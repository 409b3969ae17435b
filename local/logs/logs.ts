import * as z from "zod";
import type { AwsApi, AwsDocument } from "../aws/api";
import type { Authorizer, KeyAuthorizer } from "../aws/authorizer";
import type { Caller } from "../aws/caller";
import { AwsError } from "../aws/error";
import { readInputs } from "../aws/properties";
import type { Resource, ResourceHost } from "../aws/resource";
import type { Cancel, Clock } from "../clock";
import { countEmbedded } from "../cloudwatch/embeddedMetrics";
import type { MetricStore } from "../cloudwatch/metricStore";
import type { Store } from "../store";
import { describeLogGroups, describeLogStreams } from "./describe";
import { InsightsQueries } from "./insights/queries";
import type { LogEvent } from "./logEvent";
import { expiryOf, LogGroups, type LogGroup } from "./logGroups";
import { LogStore } from "./logStore";
import { authorizeGroup, type LogsContext } from "./logsContext";
import { filterLogEvents, getLogEvents } from "./readEvents";
import { createLogStream, putLogEvents } from "./writeEvents";

interface Action {
  /** The members that a request may have; another one is refused by name. */
  readonly members: readonly string[];
  readonly run: (input: AwsDocument, caller: Caller) => AwsDocument | Promise<AwsDocument>;
}

const GROUP = ["logGroupName", "logGroupIdentifier"];
const STREAM = ["logGroupName", "logStreamName"];
const RANGE = ["startTime", "endTime"];
const PAGE = ["limit", "nextToken"];

const EXPIRY_INTERVAL_MS = 60 * 60 * 1000;
/** What CloudWatch Logs does with a group's key (CloudWatch Logs User Guide, "Encrypt log data using AWS KMS"). */
const KEY_ACTIONS = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"];

const RESOURCE_POLICY_INPUTS = z.strictObject({
  policyName: z.string().optional(),
  policyDocument: z.string(),
  resourceArn: z.string().optional(),
  region: z.string().optional(),
});

/** CloudWatch Logs: log groups that keep events, filter patterns, and a part of Logs Insights. */
export class Logs implements AwsApi, ResourceHost {
  readonly hosts = {
    "aws:cloudwatch/logGroup:LogGroup": (resource: Resource) => this.hostGroup(resource),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": (resource: Resource) => this.hostPolicy(resource),
  };

  private readonly groups = new LogGroups();
  private readonly store: LogStore;
  private readonly context: LogsContext;
  private readonly policies = new Map<string, string>();
  private readonly actions: Readonly<Record<string, Action>>;
  private cancelExpiry: Cancel = () => undefined;

  constructor(
    private readonly options: {
      readonly store: Store;
      readonly clock: Clock;
      readonly iam: Authorizer;
      readonly keys: KeyAuthorizer;
      readonly metrics: MetricStore;
      readonly region: string;
    },
  ) {
    const { clock, iam, metrics, region } = options;
    this.store = new LogStore(options.store);
    const context = (this.context = { clock, iam, metrics, region, groups: this.groups, store: this.store });
    const queries = new InsightsQueries(context);
    this.actions = {
      CreateLogStream: { members: STREAM, run: (input, caller) => createLogStream(context, input, caller) },
      DescribeLogGroups: {
        members: ["logGroupNamePrefix", "logGroupNamePattern", ...PAGE],
        run: (input, caller) => describeLogGroups(context, input, caller),
      },
      DescribeLogStreams: {
        members: [...GROUP, ...PAGE, "logStreamNamePrefix", "orderBy", "descending"],
        run: (input, caller) => describeLogStreams(context, input, caller),
      },
      DescribeResourcePolicies: { members: PAGE, run: (_input, caller) => this.describePolicies(caller) },
      FilterLogEvents: {
        // AWS ignores interleaved too; nothing is masked here that unmask could show.
        members: [
          ...GROUP,
          ...RANGE,
          ...PAGE,
          "logStreamNames",
          "logStreamNamePrefix",
          "filterPattern",
          "startFromHead",
          "interleaved",
          "unmask",
        ],
        run: (input, caller) => filterLogEvents(context, input, caller),
      },
      GetLogEvents: {
        members: [...STREAM, ...GROUP, ...RANGE, ...PAGE, "startFromHead", "unmask"],
        run: (input, caller) => getLogEvents(context, input, caller),
      },
      GetQueryResults: { members: ["queryId"], run: (input, caller) => queries.results(input, caller) },
      PutLogEvents: {
        // AWS ignores the sequence token too.
        members: [...STREAM, "logEvents", "sequenceToken"],
        run: (input, caller) => putLogEvents(context, input, caller),
      },
      StartQuery: {
        members: ["logGroupName", "logGroupNames", "logGroupIdentifiers", ...RANGE, "queryString", "limit"],
        run: (input, caller) => queries.start(input, caller),
      },
      StopQuery: { members: ["queryId"], run: (input, caller) => queries.stop(input, caller) },
    };
  }

  async call(action: string, input: AwsDocument, caller: Caller): Promise<AwsDocument> {
    const known = Object.hasOwn(this.actions, action) ? this.actions[action] : undefined;
    if (known === undefined)
      throw new AwsError("UnknownOperationException", `CloudWatch Logs' ${action} is not supported here.`);
    const unknown = Object.keys(input).find((member) => !known.members.includes(member));
    if (unknown !== undefined)
      throw new AwsError(
        "InvalidParameterException",
        `The member ${unknown} of ${action} is not supported here.`,
      );
    return known.run(input, caller);
  }

  /**
   * Writes events for a service that runs in this process. The stream is created when it is not there.
   *
   * @param caller a role is asked for `logs:CreateLogStream` and `logs:PutLogEvents`; AWS's own delivery is not
   * @throws AwsError `ResourceNotFoundException` without the group, `AccessDeniedException`
   */
  write(groupName: string, stream: string, events: readonly LogEvent[], caller: Caller): void {
    if (events.length === 0) return;
    const group = this.groups.get(groupName);
    if (!this.store.hasStream(groupName, stream)) {
      if (caller.type === "role") authorizeGroup(this.context, caller, "CreateLogStream", group, stream);
      this.store.createStream(groupName, stream, this.options.clock.now());
    }
    if (caller.type === "role") authorizeGroup(this.context, caller, "PutLogEvents", group, stream);
    this.store.append(groupName, stream, events, this.options.clock.now());
    // What a service logs by itself, such as the history of an execution, embeds no metrics.
    if (caller.type !== "role") return;
    for (const { message, timestamp } of events)
      if (typeof message === "string") countEmbedded(message, timestamp, this.options.metrics);
  }

  /** Whether the graph has such a log group. */
  hasGroup(name: string): boolean {
    return this.groups.has(name);
  }

  start(): void {
    for (const group of this.groups.all()) this.checkKey(group);
    this.expire();
  }

  stop(): void {
    this.cancelExpiry();
  }

  private hostGroup(resource: Resource): void {
    this.groups.add(resource, (name) => this.store.openGroup(name, this.options.clock.now()));
  }

  private hostPolicy(resource: Resource): void {
    const { policyName, policyDocument } = readInputs(resource, RESOURCE_POLICY_INPUTS);
    this.policies.set(policyName ?? resource.name, policyDocument);
  }

  private describePolicies(caller: Caller): AwsDocument {
    this.options.iam.authorize(caller, "logs:DescribeResourcePolicies", "*");
    const policies = [...this.policies];
    return {
      resourcePolicies: policies.map(([policyName, policyDocument]) => ({ policyName, policyDocument })),
    };
  }

  /** AWS refuses a group whose key it may not use; the key's policy may come after the group, so this comes last. */
  private checkKey(group: LogGroup): void {
    if (group.kmsKeyId === undefined) return;
    const service = `logs.${this.options.region}.amazonaws.com`;
    const caller: Caller = { type: "service", service, sourceArn: group.arn };
    const context = { "kms:EncryptionContext:aws:logs:arn": group.arn };
    try {
      for (const action of KEY_ACTIONS)
        this.options.keys.authorizeKey(caller, action, group.kmsKeyId, "logs", context);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new AwsError(
        "InvalidParameterException",
        `The log group ${group.name} cannot use the key ${group.kmsKeyId}: its policy must allow ${service} with kms:EncryptionContext:aws:logs:arn. ${reason}`,
      );
    }
  }

  private expire(): void {
    const now = this.options.clock.now();
    for (const group of this.groups.all())
      if (group.retentionInDays !== undefined) this.store.expire(group.name, expiryOf(group, now));
    this.cancelExpiry = this.options.clock.after(EXPIRY_INTERVAL_MS, () => this.expire());
  }
}
