import { deadLetterPolicies } from "../../policies/deadLetters";
import { check, type Given } from "./support/check";

const QUEUE: Given = { type: "aws:sqs/queue:Queue", name: "work", props: { arn: "arn:aws:sqs:r:1:work" } };
const DEAD_LETTERS: Given = { ...QUEUE, name: "dead", props: { arn: "arn:aws:sqs:r:1:dead" } };
const REDRIVE: Given = {
  type: "aws:sqs/redrivePolicy:RedrivePolicy",
  name: "redrive",
  props: { redrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:r:1:dead","maxReceiveCount":5}' },
  madeOf: { queueUrl: ["work"], redrivePolicy: ["dead"] },
};

describe("sqs-queue-redrive-policy", () => {
  const violations = (given: Given[]) => check(deadLetterPolicies, "sqs-queue-redrive-policy", given);

  test("passes a queue with a redrive policy, and its dead-letter queue without one", async () => {
    expect(await violations([QUEUE, DEAD_LETTERS, REDRIVE])).toEqual([]);
  });

  test("passes a queue whose redrive policy is its own property", async () => {
    const { redrivePolicy } = REDRIVE.props;
    const queue = { ...QUEUE, props: { ...QUEUE.props, redrivePolicy } };
    expect(await violations([queue, DEAD_LETTERS])).toEqual([]);
  });

  test("refuses each queue that nothing redrives", async () => {
    const alone = { ...QUEUE, name: "dead-letters" };
    expect(await violations([QUEUE, DEAD_LETTERS, REDRIVE, alone])).toEqual([
      expect.stringMatching(
        /^dead-letters: Queue "dead-letters" has no redrive policy.*Add an aws.sqs.RedrivePolicy/,
      ),
    ]);
  });
});
