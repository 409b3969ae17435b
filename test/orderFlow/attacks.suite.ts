import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { orderAnswer } from "../../contracts/api";
import { anOrder } from "../support/orders";
import { openSocket, rawStatus } from "../support/rawRequest";
import { waitFor } from "../support/waitFor";
import { badTokens } from "./badTokens";
import { MALFORMED, TOKEN } from "./malformedRequests";
import { Customer, type Target } from "./target";

/** What the orders here say of their customers. */
const NAME = "Ada Attacked";
const STREET = "1 Attacked Street";

const HOSTILE = `"'\`}] #set($x = $util.urlEncode("1")) {% $states.input %} &Action=PurgeQueue \${jndi:x}`;

/**
 * What the local run stands while it goes on to serve others. Each attack ends when those have been served: how fast
 * is not measured.
 *
 * @param run the local run to attack, once it is there
 */
export function describeAttacks(run: () => Target): void {
  let target: Target;
  let port: number;
  let token: string;
  let attacker: Customer;
  let bystander: Customer;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    target = run();
    port = Number(new URL(target.outputs.apiUrl).port);
    token = await target.token("attacker-1");
    attacker = new Customer(target.outputs.apiUrl, token);
    bystander = await Customer.of(target, "bystander-1");
  });

  afterAll(() => {
    for (const socket of sockets) socket.destroy();
  });

  const order = () => {
    const posted = anOrder({ orderId: randomUUID() });
    return { ...posted, shipTo: { ...posted.shipTo, name: NAME, line1: STREET } };
  };

  const delivered = (by: Customer, orderId: string) =>
    waitFor(async () => {
      const { status, body } = await by.get(`/orders/${orderId}`);
      const answer = status === 200 && orderAnswer.parse(body);
      return answer && answer.status === "PLACED" && answer.delivery.status === "DELIVERED" && answer;
    });

  async function bystanderIsServed(count = 1): Promise<void> {
    const orders = Array.from({ length: count }, order);
    for (const posted of orders) expect((await bystander.post(posted)).status).toBe(202);
    for (const { orderId } of orders) await delivered(bystander, orderId);
  }

  async function open(count: number, bytes: string): Promise<readonly Socket[]> {
    const opened = await Promise.all(Array.from({ length: count }, () => openSocket(port, bytes)));
    sockets.push(...opened);
    return opened;
  }

  it("serves others while connections are idle, drip, or send without end", async () => {
    const posting = `POST /v1/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n`;
    await open(200, "");
    const headers = await open(100, posting);
    const bodies = await open(50, `${posting}Content-Length: 1000000\r\n\r\n{`);
    const endless = await open(5, `${posting}Transfer-Encoding: chunked\r\n\r\n`);
    const chunk = `80000\r\n${"x".repeat(0x80000)}\r\n`;
    const dripping = setInterval(() => {
      for (const socket of headers) socket.write("X-A: b\r\n");
      for (const socket of bodies) socket.write(" ");
      for (const socket of endless) if (socket.writable && socket.writableLength === 0) socket.write(chunk);
    }, 20);
    try {
      await bystanderIsServed(10);

      // Refused at 10 MB, and soon cut off.
      await waitFor(() => endless.every(({ destroyed }) => destroyed));
    } finally {
      clearInterval(dripping);
    }
  });

  it("refuses a flood of bad tokens, and serves others meanwhile", async () => {
    const tokens = badTokens(token);
    const statuses = new Set<number>();
    let isServed = false;
    const flood = Array.from({ length: 10 }, async (_none, first) => {
      for (let next = first; next < first + tokens.length || !isServed; next += 1)
        statuses.add(
          (await new Customer(target.outputs.apiUrl, tokens[next % tokens.length]).get("/orders")).status,
        );
    });

    await bystanderIsServed(5);
    isServed = true;

    await Promise.all(flood);
    expect([...statuses]).toEqual([401]);
  });

  it.each<[string, string, number]>([
    ["100,000 levels", '{"a":'.repeat(100_000), 400],
    ["10 MB of empty objects", `[${"{},".repeat(3_400_000)}{}]`, 400],
    ["10 MB of white space", " ".repeat(10_000_000), 400],
    ["a name of 5 MB", `{"${"k".repeat(5_000_000)}":1}`, 400],
    ["a number of 1 MB", `{"total":${"9".repeat(1_000_000)}}`, 400],
    ["60,000 items", `{"items":[${"{},".repeat(60_000)}{}]}`, 400],
    ["10,000 fields", `{${Array.from({ length: 10_000 }, (_none, at) => `"k${at}":1`).join()}}`, 400],
    ["more than 10 MB", " ".repeat(10_485_761), 413],
  ])("refuses an order of %s, and serves others meanwhile", async (_what, body, status) => {
    const [answer] = await Promise.all([attacker.post(body), bystanderIsServed()]);
    expect(answer.status).toBe(status);
  });

  it.each(MALFORMED)("refuses %s", async (_what, bytes, status) => {
    expect(await rawStatus(port, bytes.replace(TOKEN, token))).toBe(status);
  });

  it("takes an order as it is, whatever stands in the headers and the query beside it", async () => {
    const posted = order();
    const headers = {
      "User-Agent": HOSTILE,
      "X-Amzn-RequestId": HOSTILE,
      "X-Amzn-Trace-Id": `Root=${HOSTILE}`,
    };
    const more = {
      Origin: HOSTILE,
      Cookie: HOSTILE,
      Accept: HOSTILE,
      constructor: HOSTILE,
      ["__proto__"]: "a",
    };

    expect((await attacker.post(posted, { ...headers, ...more })).status).toBe(202);

    expect((await delivered(attacker, posted.orderId)).order).toEqual(posted);
  });

  it.each([
    ["orderId", { orderId: HOSTILE }],
    ["channel", { channel: HOSTILE }],
    ["currency", { currency: HOSTILE }],
    ["country", { shipTo: { ...anOrder().shipTo, country: HOSTILE } }],
    ["a name of its own", { [HOSTILE]: 1 }],
  ])("refuses template and form syntax as %s", async (_where, fields) => {
    expect((await attacker.post({ ...order(), ...fields })).status).toBe(400);
  });

  it("lets nobody change the prototype of its objects", async () => {
    const polluted = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}';
    const body = JSON.stringify(order());
    for (const hostile of [
      `{${polluted},${body.slice(1)}`,
      body.replace('"shipTo":{', `"shipTo":{${polluted},`),
      body.replace('"items":[{', `"items":[{${polluted},`),
      `${body.slice(0, -1)},${body.slice(1)}`,
    ])
      expect((await attacker.post(hostile)).status).toBe(400);
    for (const query of [
      "__proto__[polluted]=1",
      "__proto__.polluted=1",
      "constructor[prototype][polluted]=1",
    ])
      expect((await attacker.get(`/orders?${query}&__proto__=polluted`)).status).toBe(200);

    expect(Object.keys(Object.prototype)).toEqual([]);
    expect("polluted" in {}).toBe(false);
  });

  it("has written nothing of all that into the logs of the API and the functions", async () => {
    // The order function says which order it refused, and why.
    const refused = { ...order(), total: 1, paymentReference: `${NAME} \u0007` };
    expect((await attacker.post(refused)).status).toBe(202);

    const text = await waitFor(async () => {
      const logged = await logsWithoutHistory(target);
      return logged.includes(refused.orderId) && /"status":"431"/.test(logged) && logged;
    });

    for (const personal of [NAME, STREET, token, "Bearer", "Attacked", "jndi", "polluted"])
      expect(text).not.toContain(personal);
  });
}

/** Everything that is logged, but for the state machine's history, which holds the orders by design. */
async function logsWithoutHistory({ aws, outputs }: Target): Promise<string> {
  const call = async (action: string, input: object) => {
    const answer = await fetch(aws.endpoint ?? "", {
      method: "POST",
      headers: {
        Authorization: "AWS4-HMAC-SHA256 Credential=A/20250101/eu-west-1/logs/aws4_request, Signature=00",
        "X-Amz-Target": `Logs_20140328.${action}`,
      },
      body: JSON.stringify(input),
    });
    return (await answer.json()) as {
      logGroups?: readonly { logGroupName: string }[];
      events?: readonly { message: string }[];
      nextToken?: string;
    };
  };
  const { logGroups = [] } = await call("DescribeLogGroups", {});
  let text = "";
  for (const { logGroupName } of logGroups) {
    if (logGroupName === outputs.workflowLogGroup) continue;
    let nextToken: string | undefined;
    do {
      const page = await call("FilterLogEvents", { logGroupName, ...(nextToken && { nextToken }) });
      for (const { message } of page.events ?? []) text += `${message}\n`;
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  }
  return text;
}
