import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createServer } from "../../local/server";
import { openSocket, rawStatus } from "../support/rawRequest";
import { waitFor } from "../support/waitFor";

const HEAD = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n";

let server: Server;
let port: number;
/** Whether the server reads a body before it answers. */
let reads: boolean;

beforeAll(async () => {
  server = createServer({ headersMs: 300, requestMs: 600, refusedMs: 100, checkMs: 50 });
  server.on("request", (request, response) => {
    if (reads) request.resume().on("end", () => response.end("read"));
    else response.writeHead(413).end("refused");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

beforeEach(() => (reads = true));

/** What the server sent until it closed the connection, onto which something dripped all the time. */
async function untilClosed(socket: Socket, drip: string): Promise<string> {
  let text = "";
  let isClosed = false;
  socket.on("data", (data) => (text += data.toString("latin1")));
  socket.once("close", () => (isClosed = true));
  await waitFor(() => {
    if (socket.writable) socket.write(drip);
    return isClosed;
  });
  return text;
}

describe("a server of the local run", () => {
  it("closes a connection on which no request begins", async () => {
    expect(await untilClosed(await openSocket(port), "")).toContain("HTTP/1.1 408 ");
  });

  it("closes a connection on which headers drip for ever", async () => {
    expect(await untilClosed(await openSocket(port, HEAD), "X-A: b\r\n")).toContain("HTTP/1.1 408 ");
  });

  it("closes a connection on which a body drips for ever", async () => {
    const socket = await openSocket(port, `${HEAD}Content-Length: 1000000\r\n\r\n`);
    expect(await untilClosed(socket, "x")).toContain("HTTP/1.1 408 ");
  });

  it("answers a request that it does not read to its end, and soon closes the connection", async () => {
    reads = false;
    const socket = await openSocket(port, `${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
    const answer = await untilClosed(socket, "1\r\nx\r\n");
    expect(answer).toContain("HTTP/1.1 413 ");
    expect(answer).toContain("refused");
  });

  it("keeps the connection of a refused request that ends after all", async () => {
    reads = false;
    const request = `${HEAD}Content-Length: 1\r\n\r\n`;
    const ends = await openSocket(port, request);
    let answers = "";
    ends.on("data", (data) => (answers += data.toString("latin1")));
    await waitFor(() => answers.includes("refused"));
    ends.write("x");

    await untilClosed(await openSocket(port, request), "");

    ends.write(`${request}x`);
    await waitFor(() => answers.match(/refused/g)?.length === 2);
    ends.destroy();
  });

  it.each([
    ["two lengths", "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc"],
    ["a length and chunks", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["a coding that it does not know", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"],
    ["a space before a header's colon", "Content-Length : 3\r\n\r\nabc"],
    ["a header over two lines", "X-A: a\r\n b\r\n\r\n"],
    ["a NUL in a header", "X-A: a\0b\r\n\r\n"],
    ["a chunk without a size", "Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"],
  ])("refuses %s", async (_what, rest) => {
    expect(await rawStatus(port, HEAD + rest)).toBe(400);
  });
});
