import { connect, type Socket } from "node:net";

/** Opens a connection and sends what no HTTP client would. @param bytes as latin1 */
export async function openSocket(port: number, bytes = ""): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  // A server that has closed the connection resets what is still sent.
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve));
  if (bytes !== "") socket.write(bytes, "latin1");
  return socket;
}

/**
 * Sends a request as it stands.
 *
 * @returns the status of the answer; `undefined` when the connection was closed without one
 */
export async function rawStatus(port: number, bytes: string): Promise<number | undefined> {
  const socket = await openSocket(port, bytes);
  let text = "";
  await new Promise<void>((resolve) => {
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (text.includes("\r\n\r\n")) resolve();
    });
    socket.once("close", () => resolve());
  });
  socket.destroy();
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
  return status === undefined ? undefined : Number(status);
}
