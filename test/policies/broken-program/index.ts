import * as pulumi from "@pulumi/pulumi";

class Topic extends pulumi.CustomResource {
  declare readonly arn: pulumi.Output<string>;

  constructor(name: string) {
    super("aws:sns/topic:Topic", name, { arn: undefined });
  }
}

export = async () => {
  const fault = new pulumi.Config().require("fault");
  if (fault === "nothing") return { first: "none", second: "none" };
  const first = new Topic("first");
  try {
    if (fault === "throws" || fault === "swallows") throw new Error("this program throws");
  } catch (error) {
    if (fault === "throws") throw error;
    return { first: first.arn };
  }
  if (fault === "exits") process.exit(0);
  if (fault === "logs") await pulumi.log.error("this program gives up a part");
  return { first: first.arn, second: new Topic("second").arn };
};
