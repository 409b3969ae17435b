import * as grpc from "@grpc/grpc-js";
import { EngineService, ResourceMonitorService, type ServiceClient } from "./protocol";
import type { RecordingEngine } from "./recordingEngine";

/** The limit of the Pulumi CLI. */
const LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024;

/** An engine that other processes can call. */
export interface EngineServer {
  /** `host:port`, on loopback. */
  readonly address: string;
  close(): void;
}

/** Offers the engine over gRPC, on a free port of the loopback interface. */
export async function serveEngine(engine: RecordingEngine): Promise<EngineServer> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": LARGEST_MESSAGE_BYTES });
  server.addService(ResourceMonitorService, asImplementation(engine.monitor));
  server.addService(EngineService, asImplementation(engine.engine));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}

/** A method that the engine lacks is answered with UNIMPLEMENTED, by gRPC itself. */
function asImplementation(client: ServiceClient): grpc.UntypedServiceImplementation {
  return Object.fromEntries(
    Object.entries(client).map(([name, method]) => [
      name,
      (call: grpc.ServerUnaryCall<unknown, unknown>, answer: grpc.sendUnaryData<unknown>) =>
        method(call.request, answer),
    ]),
  );
}
