import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A request of an SDK client that speaks one of AWS's JSON protocols. */
export interface AwsRequest {
  /** Such as `PutItem`. */
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface AwsAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** An AWS endpoint that answers as a test says, and remembers what it was asked. */
export class AwsStub {
  requests: AwsRequest[] = [];
  answer: (request: AwsRequest) => AwsAnswer | Promise<AwsAnswer> = () => ok({});
  private server: Server | undefined;

  /** Listens, and points the SDK clients that this process makes from now on at itself. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      void text(request).then(async (body) => {
        const action = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
        const asked = { action, input: JSON.parse(body) as AwsRequest["input"] };
        this.requests.push(asked);
        const answer = await this.answer(asked);
        response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" });
        response.end(JSON.stringify(answer.body));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.server = server;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    });
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }
}

export function ok(body: AwsAnswer["body"]): AwsAnswer {
  return { status: 200, body };
}

/** @param type the error's name, such as `ThrottlingException` */
export function refusal(type: string, message = "", details: AwsAnswer["body"] = {}): AwsAnswer {
  return { status: 400, body: { __type: `com.amazonaws#${type}`, message, ...details } };
}
