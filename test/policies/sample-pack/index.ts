import { PolicyPack, type ResourceValidationPolicy, type StackValidationPolicy } from "@pulumi/policy";
import * as pulumi from "@pulumi/pulumi";

const QUEUE = "aws:sqs/queue:Queue";

const queueKey: ResourceValidationPolicy = {
  name: "queue-key",
  description: "A queue has a key.",
  enforcementLevel: "mandatory",
  validateResource: ({ type, name, props }, report) => {
    if (type === QUEUE && !props.kmsMasterKeyId) report(`Queue "${name}" has no key. Set kmsMasterKeyId.`);
  },
};

const queueRetention: ResourceValidationPolicy = {
  name: "queue-retention",
  description: "A queue keeps messages.",
  configSchema: { properties: { days: { type: "integer", minimum: 1, default: 4 } }, required: ["days"] },
  validateResource: ({ type, name, props, getConfig }, report) => {
    const { days } = getConfig<{ days: number }>();
    if (type === QUEUE && props.messageRetentionSeconds < days * 86_400)
      report(`Queue "${name}" keeps messages less than ${days} days. Raise messageRetentionSeconds.`);
  },
};

const topicOfItsOwn: StackValidationPolicy = {
  name: "topic",
  description: "A stack has a topic.",
  validateStack: ({ resources }, report) => {
    if (!resources.some(({ type }) => type === "aws:sns/topic:Topic")) report("There is no topic. Add one.");
  },
};

/** Says all that it is shown of a resource. */
const shownResource: ResourceValidationPolicy = {
  name: "shown-resource",
  description: "Shows a resource.",
  enforcementLevel: "disabled",
  validateResource: ({ type, name, urn, props, opts, stackTags }, report) => {
    const region = new pulumi.Config("aws").get("region");
    const stack = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()];
    report(
      JSON.stringify({ type, name, urn, props, opts, tags: Object.fromEntries(stackTags), region, stack }),
    );
  },
};

/** Says all that it is shown of a stack. */
const shownStack: StackValidationPolicy = {
  name: "shown-stack",
  description: "Shows a stack.",
  enforcementLevel: "disabled",
  validateStack: ({ resources }, report) => {
    for (const { urn, props, parent, dependencies, propertyDependencies } of resources) {
      const sources = Object.entries(propertyDependencies).map(
        ([property, from]) => [property, from.map(({ name }) => name)] as const,
      );
      const names = dependencies.map(({ name }) => name);
      report(
        JSON.stringify({ props, parent: parent?.name, names, sources: Object.fromEntries(sources) }),
        urn,
      );
    }
  },
};

const broken: ResourceValidationPolicy = {
  name: "broken",
  description: "Fails.",
  enforcementLevel: "disabled",
  validateResource: () => {
    throw new Error("this policy fails");
  },
};

const policies = [queueKey, queueRetention, topicOfItsOwn, shownResource, shownStack, broken];
new PolicyPack("sample-pack", { policies }, { "queue-retention": { days: 5 } });
