import * as pulumi from "@pulumi/pulumi";

class Topic extends pulumi.CustomResource {
  declare readonly arn: pulumi.Output<string>;

  constructor(name: string) {
    super("aws:sns/topic:Topic", name, { arn: undefined });
  }
}

export = () => {
  const fault = new pulumi.Config().require("fault");
  const first = new Topic("first");
  try {
    if (fault === "throws" || fault === "swallows") throw new Error("this program throws");
  } catch (error) {
    if (fault === "throws") throw error;
    return { first: first.arn };
  }
  if (fault === "exits") process.exit(0);
  return { first: first.arn, second: new Topic("second").arn };
};
