import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { ORDER_EVENT_ATTRIBUTES } from "../contracts/orderEvent";
import { HOP_FAILURE_QUEUES } from "../contracts/stackOutputs";
import { SHORTEST_RETRY_SECONDS } from "../contracts/reconciliation";

const queueArn = z
  .string()
  .regex(/^arn:aws:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,80}$/, "must be the ARN of a standard SQS queue");

/** A condition of a filter policy on a text attribute (SNS Developer Guide, "String value matching"). */
const filterCondition = z.union(
  [
    z.string(),
    z.strictObject({ prefix: z.string() }),
    z.strictObject({ suffix: z.string() }),
    z.strictObject({ wildcard: z.string() }),
    z.strictObject({ "equals-ignore-case": z.string() }),
    z.strictObject({ exists: z.boolean() }),
    z.strictObject({
      "anything-but": z.union([
        z.string(),
        z.array(z.string()).min(1),
        z.strictObject({ prefix: z.string() }),
        z.strictObject({ suffix: z.string() }),
        z.strictObject({ wildcard: z.string() }),
      ]),
    }),
  ],
  "must be a text, or one of prefix, suffix, wildcard, equals-ignore-case, exists and anything-but",
);

const downstreamService = z.strictObject({
  /** A queue that the service's team owns; otherwise the stack makes one. */
  queueArn: queueArn.optional(),
  /** Of the subscription: on the event's message attributes. Without one, every order is delivered. */
  filterPolicy: z.partialRecord(z.enum(ORDER_EVENT_ATTRIBUTES), z.array(filterCondition).min(1)).optional(),
});

export type DownstreamService = z.infer<typeof downstreamService>;

/** Retentions that CloudWatch Logs knows, in days. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const retentionDays = z
  .int()
  .refine((days) => RETENTION_DAYS.includes(days), `must be one of ${RETENTION_DAYS.join(", ")}`);

/** @param min what a new table takes anyway: DynamoDB refuses less (DynamoDB Developer Guide, warm throughput) */
function warmUnits(min: number) {
  return z.int().refine((units) => units === 0 || units >= min, `must be 0 or at least ${min}`);
}

const origin = z
  .string()
  .regex(
    /^(\*|https?:\/\/[A-Za-z0-9.-]+(:\d+)?)$/,
    'must be "*" or an origin such as https://shop.example.com, without a path',
  );

const callbackUrl = z
  .string()
  .regex(/^(https:\/\/|http:\/\/localhost[:/])\S+$/, "must be an https URL, or http on localhost");

/** What a stack may choose; described, with its defaults, in `Pulumi.yaml`. */
const settings = z.strictObject({
  throttlingRateLimit: z.int().min(1),
  throttlingBurstLimit: z.int().min(1),
  allowedOrigins: z
    .array(origin)
    .min(1)
    .refine(
      (origins) => origins.length === 1 || !origins.includes("*"),
      '"*" allows every origin: list nothing beside it',
    ),
  manageApiGatewayAccount: z.boolean(),
  userPoolArn: z.union([
    z.literal(""),
    z
      .string()
      .regex(
        /^arn:aws:cognito-idp:[a-z0-9-]+:\d{12}:userpool\/\S+$/,
        "must be the ARN of a Cognito user pool",
      ),
  ]),
  callbackUrls: z.array(callbackUrl).min(1),
  machineClient: z.boolean(),
  orderConcurrency: z.int().min(2).max(1_000),
  deliveryParallelism: z.int().min(1).max(10),
  reconcileAfterMinutes: z
    .int()
    .max(24 * 60)
    .refine(
      (minutes) => minutes * 60 >= SHORTEST_RETRY_SECONDS,
      `must be at least ${SHORTEST_RETRY_SECONDS / 60}: twice the longest that a delivery takes, or two would race`,
    ),
  reconcileAttempts: z.int().min(1).max(100),
  reconcileOrdersPerRun: z.int().min(1).max(100_000),
  warmReadUnits: warmUnits(12_000),
  warmWriteUnits: warmUnits(4_000),
  logRetentionDays: retentionDays,
  historyRetentionDays: retentionDays,
  protectData: z.boolean(),
  alarmEmail: z.union([z.literal(""), z.email("must be an e-mail address")]),
  downstreamServices: z
    .record(
      z
        .string()
        .regex(/^[a-z][a-z0-9-]{0,30}$/, "a service's name is lower-case letters, digits and hyphens")
        .refine(
          (name) => !HOP_FAILURE_QUEUES.some((own) => own === name),
          "a queue of the order service has this name: choose another",
        ),
      downstreamService,
    )
    .refine((services) => Object.keys(services).length > 0, "needs at least one service"),
});

export type Settings = z.infer<typeof settings>;

/**
 * Reads the stack's configuration, all of it at once.
 *
 * @throws pulumi.RunError that names each wrong key, what is wrong with it, and how to set it
 */
export function readSettings(): Settings {
  const project = pulumi.getProject();
  const values = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(`${project}:`))
    .map(([key, text]) => [key.slice(project.length + 1), parse(text)] as const);
  const parsed = settings.safeParse(Object.fromEntries(values), { reportInput: true });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.flatMap(describe).map((problem) => `  ${project}:${problem}`);
  throw new pulumi.RunError(
    [
      `The configuration of stack "${pulumi.getStack()}" is wrong:`,
      ...problems,
      `Mend Pulumi.${pulumi.getStack()}.yaml, or use: pulumi config set --path KEY VALUE`,
    ].join("\n"),
  );
}

/** Configuration reaches a program as text; whatever is not text by its schema is JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function describe(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "unrecognized_keys") {
    const isAttribute = issue.path.at(-1) === "filterPolicy";
    const remedy = isAttribute
      ? `such attribute; there are ${ORDER_EVENT_ATTRIBUTES.join(", ")}`
      : "such setting; see Pulumi.yaml for those there are";
    return issue.keys.map((key) => `${[...issue.path, key].join(".")}: there is no ${remedy}`);
  }
  if (issue.code === "invalid_type" && issue.input === undefined)
    return [`${issue.path.join(".")}: is missing`];
  const messages =
    issue.code === "invalid_key" ? issue.issues.map(({ message }) => message) : [issue.message];
  return messages.map((message) => `${issue.path.join(".")}: ${message}`);
}
