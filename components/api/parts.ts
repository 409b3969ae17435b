import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";

/** A class of resources that an API is made of, such as `apigateway.Method`. */
type PartType<Args, Part> = new (name: string, args: Args, opts?: pulumi.CustomResourceOptions) => Part;

/**
 * The parts of one API. A deployment is a snapshot of them: it must come after all of them, and anew whenever one of
 * them changes, which their ids do not show.
 */
export class ApiParts {
  readonly resources: pulumi.Resource[] = [];
  private readonly contents: unknown[] = [];

  constructor(private readonly parent: pulumi.Resource) {}

  /** Creates a part, and remembers what it was made from. */
  add<Args, Part extends pulumi.Resource>(
    Type: PartType<Args, Part>,
    name: string,
    args: Args,
    dependsOn: pulumi.Resource[] = [],
  ): Part {
    const part = new Type(name, args, { parent: this.parent, dependsOn });
    this.resources.push(part);
    this.contents.push(args);
    return part;
  }

  /** Another text whenever anything of any part is another: templates, models, responses, authorizer. */
  get contentHash(): pulumi.Output<string> {
    return pulumi
      .jsonStringify(this.contents)
      .apply((json) => createHash("sha256").update(json).digest("hex"));
  }
}
