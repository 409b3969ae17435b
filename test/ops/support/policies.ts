import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { SQSClient } from "@aws-sdk/client-sqs";
import * as z from "zod";
import type { Stack } from "../../../ops/target";

const policy = z.object({
  Statement: z.array(
    z.object({ Action: z.union([z.string().transform((action) => [action]), z.array(z.string())]) }),
  ),
});

/** The actions that a policy allows, in order; those on the key left out. */
export interface DocumentedActions {
  readonly look: string[];
  readonly redrive: string[];
  readonly console: string[];
}

/** The actions that the policies in docs/operations.md allow. */
export function documentedActions(): DocumentedActions {
  const text = readFileSync(resolve(__dirname, "../../../docs/operations.md"), "utf8");
  const [look = [], redrive = [], console = []] = [...text.matchAll(/```json\n(.*?)```/gs)].map(
    ([, json = ""]) =>
      policy
        .parse(JSON.parse(json))
        .Statement.flatMap(({ Action }) => Action)
        .filter((action) => !action.startsWith("kms:"))
        .sort(),
  );
  return { look, redrive, console };
}

const SERVICES: Readonly<Record<string, string>> = {
  CloudWatchClient: "cloudwatch",
  CloudWatchLogsClient: "logs",
  DynamoDBClient: "dynamodb",
  DynamoDBStreamsClient: "dynamodb",
  SFNClient: "states",
  SQSClient: "sqs",
};

/** Notes which IAM actions a stack's clients need from now on. */
export function noteActions(stack: Stack, called: Set<string>): void {
  const client = stack.client.bind(stack);
  stack.client = (ClientClass) => {
    const made = client(ClientClass);
    (made as unknown as SQSClient).middlewareStack.add(
      (next, { clientName = "", commandName = "" }) =>
        (call) => {
          called.add(actionOf(clientName, commandName));
          return next(call);
        },
      { name: "noteCalls", override: true },
    );
    return made;
  };
}

/** The IAM action of a call of the SDK. SQS's batches need the permission of what they are batches of. */
function actionOf(clientName: string, commandName: string): string {
  const service = SERVICES[clientName];
  const action = commandName.replace(/Command$/, "");
  return `${service}:${service === "sqs" ? action.replace(/Batch$/, "") : action}`;
}
