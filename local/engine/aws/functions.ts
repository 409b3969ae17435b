import { ACCOUNT_ID } from "../../aws/arn";
import { policyDocument } from "./policyDocument";

type Answer = Readonly<Record<string, unknown>>;

/**
 * Answers a function of the AWS provider (an invoke).
 *
 * @param token such as `aws:index/getRegion:getRegion`
 * @throws Error that names a token it does not know
 */
export function awsFunction(token: string, args: Answer, region: string): Answer {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return {
        id: ACCOUNT_ID,
        accountId: ACCOUNT_ID,
        arn: `arn:aws:iam::${ACCOUNT_ID}:user/local`,
        userId: "AIDALOCALRUNLOCALRUN1",
      };
    case "aws:index/getPartition:getPartition":
      return { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" };
    case "aws:index/getRegion:getRegion":
      return describeRegion(args, region);
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return policyDocument(args);
    default:
      throw new Error(
        `The local run does not know the provider function "${token}". Add it to local/engine/aws/functions.ts.`,
      );
  }
}

function describeRegion(args: Answer, ofProvider: string): Answer {
  const region = typeof args.region === "string" ? args.region : ofProvider;
  return { id: region, region, name: region, description: region, endpoint: `ec2.${region}.amazonaws.com` };
}
