import { HttpConnections, type HttpAnswer } from "../tools/httpConnections";

/** Requests to the API as one customer, without reading the answers: the load shares the machine with the service. */
export class LoadClient {
  private readonly connections: HttpConnections;

  /** @param connections how many requests are on their way at once, at most */
  constructor(
    private readonly apiUrl: string,
    private readonly token: string,
    connections: number,
  ) {
    this.connections = new HttpConnections(connections);
  }

  /** @throws NoAnswerError */
  request(method: "GET" | "POST", path: string, body?: string): Promise<HttpAnswer> {
    return this.connections.request(new URL(this.apiUrl + path), {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      ...(body !== undefined && { body }),
    });
  }

  close(): void {
    this.connections.close();
  }
}
