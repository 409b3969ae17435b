import * as http from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { openStack } from "../ops/target";
import { CommandError, EXIT, runCommand, type Terminal } from "../tools/command";
import { CONSOLE_PATH } from "./api";
import { Console } from "./server/console";

const DEFAULT_PORT = 4001;

interface ConsoleOptions {
  readonly stack?: string;
  readonly port?: string;
}

/** `npm run console`: serves the operators' console of a stack until Ctrl-C. Returns the exit code. */
export async function consoleCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  return await runCommand(argv, terminal, (command, exit) =>
    command
      .name("npm run console --")
      .description(
        "Shows a stack's orders, their histories and failures on a web page, on this machine only. It only reads.",
      )
      .option(
        "--stack <name>",
        "a deployed stack, by the Pulumi CLI and your AWS credentials (default: the local run)",
      )
      .option(
        "--port <number>",
        `where to listen, or set PORT; 0 picks a free port (default: ${DEFAULT_PORT})`,
      )
      .action(async (options: ConsoleOptions) => exit(await serve(options, terminal))),
  );
}

/** @throws CommandError when it is none */
function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new CommandError(`"${text}" is no port: give a number from 0 to 65535, 0 picks a free one.`);
}

async function serve({ stack: name, port }: ConsoleOptions, terminal: Terminal): Promise<number> {
  const wanted = portNumber(port ?? terminal.env["PORT"] ?? String(DEFAULT_PORT));
  const stack = await openStack(name, terminal);
  const operators = new Console(stack, stack.outputs);
  const server = http.createServer((request, response) => void operators.handle(request, response));
  try {
    const url = `http://127.0.0.1:${await listen(server, wanted)}${CONSOLE_PATH}`;
    terminal.stdout.write(`The console of ${stack.name}: ${url}\nCtrl-C ends it.\n`);
    if (!terminal.signal.aborted) await once(terminal.signal, "abort");
    return EXIT.done;
  } finally {
    operators.stop();
    server.close();
    server.closeAllConnections();
  }
}

/** @throws CommandError when the port is taken */
async function listen(server: http.Server, port: number): Promise<number> {
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandError(
      code === "EADDRINUSE"
        ? `Port ${port} is in use. Choose another with --port; 0 picks a free one.`
        : message,
    );
  }
  return (server.address() as AddressInfo).port;
}
