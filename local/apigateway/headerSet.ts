/**
 * Headers that belong to the connection or to the gateway: a mapped one comes back under another name (important notes
 * for REST APIs, "may be remapped to x-amzn-Remapped-HEADER").
 */
const REMAPPED = new Set([
  "authorization",
  "connection",
  "content-length",
  "date",
  "host",
  "server",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "www-authenticate",
]);

/** Headers whose names are the same in any case: the last name and value count. */
export class HeaderSet {
  private readonly entries = new Map<string, readonly [name: string, value: string]>();

  /** Sets a header that the gateway gives. */
  set(name: string, value: string): this {
    this.entries.set(name.toLowerCase(), [name, value]);
    return this;
  }

  /** Sets a header that a mapping or a template gives. */
  map(name: string, value: string): void {
    this.set(REMAPPED.has(name.toLowerCase()) ? `x-amzn-Remapped-${name}` : name, value);
  }

  /** Names and values in turn, as `writeHead` takes them. */
  toList(): string[] {
    const list: string[] = [];
    for (const [name, value] of this.entries.values()) list.push(name, value);
    return list;
  }
}
