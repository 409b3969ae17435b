import { ACCOUNT_ID } from "../../aws/arn";
import type { NewResource, ResourceTypes } from "./newResource";

/** SQS and SNS. */
export const MESSAGING_RESOURCES: ResourceTypes = {
  "aws:sns/topic:Topic": (resource) => {
    const name = resource.physicalName({
      maxLength: 256,
      suffix: resource.inputs.fifoTopic === true ? ".fifo" : "",
    });
    const arn = resource.arn("sns", name);
    return { id: arn, name, arn, owner: ACCOUNT_ID };
  },
  "aws:sns/topicPolicy:TopicPolicy": (resource) => ({ id: resource.text("arn"), owner: ACCOUNT_ID }),
  "aws:sns/topicSubscription:TopicSubscription": (resource) => {
    const arn = `${resource.text("topic")}:${resource.uuid()}`;
    return {
      id: arn,
      arn,
      ownerId: ACCOUNT_ID,
      // Only a person can confirm an address.
      pendingConfirmation: resource.text("protocol").startsWith("email"),
      filterPolicyScope: resource.optionalText("filterPolicyScope") ?? "MessageAttributes",
    };
  },
  "aws:sqs/queue:Queue": (resource) => {
    const name = resource.physicalName({
      maxLength: 80,
      suffix: resource.inputs.fifoQueue === true ? ".fifo" : "",
    });
    const url = `${resource.origin}/${ACCOUNT_ID}/${name}`;
    return { id: url, name, url, arn: resource.arn("sqs", name) };
  },
  "aws:sqs/queuePolicy:QueuePolicy": queueAttribute,
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": queueAttribute,
  "aws:sqs/redrivePolicy:RedrivePolicy": queueAttribute,
};

/** The resources that set one attribute of a queue have no id but the queue's. */
function queueAttribute(resource: NewResource) {
  return { id: resource.text("queueUrl") };
}
