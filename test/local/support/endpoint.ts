import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AwsApis } from "../../../local/aws/api";
import { ADMINISTRATOR, type Caller } from "../../../local/aws/caller";
import { AwsEndpoint } from "../../../local/aws/endpoint";

/** A running endpoint and how a client of the AWS SDK reaches it. */
export interface Served {
  /** Such as `http://127.0.0.1:43210`. */
  readonly origin: string;
  /** The configuration of an SDK client; it does not retry, so a test sees the first answer. */
  readonly client: {
    readonly region: string;
    readonly endpoint: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: 1;
  };
  /** Errors of the services that are no documented answer; a test expects none. */
  readonly faults: readonly unknown[];
  close(): Promise<void>;
}

/** Serves the services on a free port of loopback; every caller is the administrator unless `callerOf` says otherwise. */
export async function serve(
  apis: Partial<AwsApis>,
  callerOf: (accessKeyId: string | undefined) => Caller = () => ADMINISTRATOR,
): Promise<Served> {
  const faults: unknown[] = [];
  const endpoint = new AwsEndpoint(apis, callerOf, (error) => faults.push(error));
  const server = createServer((request, response) => void endpoint.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    client: {
      region: "eu-central-1",
      endpoint: origin,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    },
    faults,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
