/** How far the run's clock is ahead of the machine's, in milliseconds. */
let aheadMs = 0;

/**
 * Lets `Date` tell the time of the run, whose clock tests move: a function that asks how old something is has to agree
 * with the services that noted when it began. Timers and `performance` stay with the machine.
 */
export function followRunClock(): void {
  const MachineDate = globalThis.Date;
  const now = () => MachineDate.now() + aheadMs;
  globalThis.Date = new Proxy(MachineDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
    apply: () => new MachineDate(now()).toString(),
    get: (target, property) => (property === "now" ? now : (Reflect.get(target, property) as unknown)),
  });
}

/** @param ms of the invocation that begins */
export function setAhead(ms: number): void {
  aheadMs = ms;
}
