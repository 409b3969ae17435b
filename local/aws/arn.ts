/** The account of the local run: AWS's own example account. */
export const ACCOUNT_ID = "123456789012";

/** The parts of an ARN; `resource` may hold further colons. */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  readonly resource: string;
}

/** @throws Error that quotes the text when it is no ARN */
export function parseArn(text: string): Arn {
  const [prefix, partition, service, region, account, ...resource] = text.split(":");
  if (prefix !== "arn" || partition === undefined || service === undefined || resource.length === 0)
    throw new Error(`"${text}" is not an ARN: expected arn:partition:service:region:account:resource.`);
  return { partition, service, region: region ?? "", account: account ?? "", resource: resource.join(":") };
}

/**
 * The URL of a queue by its ARN.
 *
 * @param origin of the local endpoint, such as `http://127.0.0.1:4000`
 */
export function queueUrl(origin: string, queueArn: string): string {
  return `${origin}/${ACCOUNT_ID}/${parseArn(queueArn).resource}`;
}
