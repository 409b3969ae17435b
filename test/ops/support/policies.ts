import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod";

const policy = z.object({
  Statement: z.array(
    z.object({ Action: z.union([z.string().transform((action) => [action]), z.array(z.string())]) }),
  ),
});

/** The actions that the policies in docs/operations.md allow, in order; those on the key left out. */
export function documentedActions(): { readonly look: string[]; readonly redrive: string[] } {
  const text = readFileSync(resolve(__dirname, "../../../docs/operations.md"), "utf8");
  const [look = [], redrive = []] = [...text.matchAll(/```json\n(.*?)```/gs)].map(([, json = ""]) =>
    policy
      .parse(JSON.parse(json))
      .Statement.flatMap(({ Action }) => Action)
      .filter((action) => !action.startsWith("kms:"))
      .sort(),
  );
  return { look, redrive };
}

const SERVICES: Readonly<Record<string, string>> = {
  CloudWatchClient: "cloudwatch",
  CloudWatchLogsClient: "logs",
  DynamoDBClient: "dynamodb",
  DynamoDBStreamsClient: "dynamodb",
  SFNClient: "states",
  SQSClient: "sqs",
};

/** The IAM action of a call of the SDK. SQS's batches need the permission of what they are batches of. */
export function actionOf(clientName: string, commandName: string): string {
  const service = SERVICES[clientName];
  const action = commandName.replace(/Command$/, "");
  return `${service}:${service === "sqs" ? action.replace(/Batch$/, "") : action}`;
}
