import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";

export interface SavedQueriesArgs {
  /** Of the delivery workflow and of the functions. */
  readonly logGroupNames: readonly pulumi.Input<string>[];
}

/**
 * By name, in the language of CloudWatch Logs Insights. The workflow's events carry `execution_arn`, which holds the
 * order's id, and `details`; the functions' lines carry `orderId`, `error` and `reason`; Lambda's own carry `record`.
 */
const QUERIES: Readonly<Record<string, readonly string[]>> = {
  // Replace ORDER_ID before running it.
  "one order's history": [
    "fields @timestamp, coalesce(type, message) as step, details.name as state, coalesce(details.error, reason) as problem, @message",
    'filter execution_arn like "ORDER_ID" or orderId = "ORDER_ID"',
    "sort @timestamp asc",
    "limit 10000",
  ],
  // The arithmetic is that of the Step Functions console's own list of express executions.
  "slowest executions": [
    "filter ispresent(execution_arn)",
    "stats latest(type) as status, latest(event_timestamp) - earliest(event_timestamp) as milliseconds by execution_arn",
    "sort milliseconds desc",
    "limit 100",
  ],
  "failures by error": [
    'filter type like /(Failed|TimedOut|Aborted)$/ or level = "ERROR" or (type = "platform.report" and record.status != "success")',
    "fields coalesce(details.error, record.errorType, error, type) as problem",
    "stats count(*) as failures, latest(@timestamp) as last by problem",
    "sort failures desc",
  ],
};

/** What operators ask of the logs, in a folder of the stack's name in the Logs Insights console. */
export class SavedQueries extends pulumi.ComponentResource {
  constructor(name: string, { logGroupNames }: SavedQueriesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("order-service:index:SavedQueries", name, {}, opts);
    for (const [title, commands] of Object.entries(QUERIES))
      new cloudwatch.QueryDefinition(
        `${name}-${title.replaceAll(/[^a-z]+/g, "-")}`,
        {
          // A slash makes a folder (CloudWatch Logs API Reference, PutQueryDefinition).
          name: `${pulumi.getProject()}-${pulumi.getStack()}/${title}`,
          logGroupNames: [...logGroupNames],
          queryString: commands.join("\n| "),
        },
        { parent: this },
      );
    this.registerOutputs({});
  }
}
