import childProcess from "node:child_process";
import dgram from "node:dgram";
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import workerThreads from "node:worker_threads";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;

/**
 * Keeps a function on the machine: connections and name look-ups reach loopback only, and what could get around that
 * (datagrams, processes, further threads) is refused. A guard against accidents, not against hostile code.
 */
export function isolate(): void {
  guardConnections();
  guardLookups();
  refuseAll(dgram, ["createSocket"], "datagrams");
  refuseAll(dgram.Socket.prototype, ["bind", "connect", "send"], "datagrams");
  refuseAll(
    childProcess,
    ["exec", "execFile", "execFileSync", "execSync", "fork", "spawn", "spawnSync"],
    "child processes",
  );
  refuseAll(workerThreads, ["Worker"], "worker threads");
  refuseAll(process, ["kill"], "signals");
  syncBuiltinESMExports();
}

function guardConnections(): void {
  const connect = net.Socket.prototype.connect as (this: net.Socket, ...target: unknown[]) => net.Socket;
  const guarded = function (this: net.Socket, ...target: unknown[]): net.Socket {
    const where = destinationOf(target);
    if (LOOPBACK.test(where)) return connect.apply(this, target);
    process.nextTick(() => this.destroy(offline(`connections to ${where}`)));
    return this;
  };
  Object.assign(net.Socket.prototype, { connect: guarded });
}

/** `connect` takes a port and a host, a path, or options; `net.connect` passes these on in one array. */
function destinationOf(target: readonly unknown[]): string {
  const [first, second] = Array.isArray(target[0]) ? (target[0] as unknown[]) : target;
  if (typeof first === "object" && first !== null) {
    const { host, path } = first as { readonly host?: unknown; readonly path?: unknown };
    return path === undefined || path === null ? String(host ?? "localhost") : `the socket ${String(path)}`;
  }
  if (typeof first === "string" && !/^\d+$/.test(first)) return `the socket ${first}`;
  return typeof second === "string" ? second : "localhost";
}

function guardLookups(): void {
  const { lookup } = dns;
  const { lookup: lookupLater } = dns.promises;
  refuseAll(dns, functionNames(dns), "name look-ups");
  refuseAll(dns.promises, functionNames(dns.promises), "name look-ups");
  Object.assign(dns, {
    lookup: (name: string, ...rest: unknown[]) => {
      if (LOOPBACK.test(name)) return Reflect.apply(lookup, dns, [name, ...rest]) as unknown;
      const done = rest.at(-1);
      if (typeof done !== "function") throw offline(`look-ups of ${name}`);
      return process.nextTick(done as (error: Error) => void, offline(`look-ups of ${name}`));
    },
  });
  Object.assign(dns.promises, {
    lookup: (name: string, ...rest: unknown[]) =>
      LOOPBACK.test(name)
        ? (Reflect.apply(lookupLater, dns.promises, [name, ...rest]) as unknown)
        : Promise.reject(offline(`look-ups of ${name}`)),
  });
}

function functionNames(module: object): string[] {
  return Object.entries(module).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));
}

function refuseAll(target: object, names: readonly string[], what: string): void {
  const refuse = function () {
    throw offline(what);
  };
  Object.assign(target, Object.fromEntries(names.map((name) => [name, refuse])));
}

function offline(what: string): Error {
  const error = new Error(`The local run keeps functions on this machine: it refuses ${what}.`);
  return Object.assign(error, { code: "ERR_LOCAL_RUN_ISOLATION" });
}
