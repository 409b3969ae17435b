import { randomUUID } from "node:crypto";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { CONSOLE_PATH } from "../../console/api";
import { Sns } from "../../local/sns/sns";
import { ConsoleServer } from "../console/support/consoleServer";
import { breakService } from "../ops/support/faults";
import { Operator } from "../ops/support/operator";
import { Customer } from "../orderFlow/target";
import { anOrder } from "../support/orders";
import { waitFor } from "../support/waitFor";
import { launchBrowser } from "./support/browser";
import { lowestContrast } from "./support/contrast";

const PHONE: BrowserContextOptions = {
  viewport: { width: 375, height: 740 },
  isMobile: true,
  hasTouch: true,
};

let operator: Operator;
let server: ConsoleServer;
let browser: Browser;
/** One that failed and is not delivered, one that is. */
let failed: string;
let delivered: string;
let mendTopic: () => void;

beforeAll(async () => {
  operator = await Operator.start();
  [server, browser] = await Promise.all([
    ConsoleServer.start(operator.target.local?.outputs ?? {}),
    launchBrowser(),
  ]);
  failed = randomUUID();
  delivered = await operator.deliver();
  await operator.place({ total: 1 });
  const topic = breakService(Sns, "Publish", failed);
  mendTopic = () => topic.mend();
  await operator.place({ orderId: failed });
  await operator.passTime(() => operator.stands(failed, "PENDING", 1));
  await operator.send("no order at all", "customer-1");
  await operator.untilDeadLettered(1);
});

afterAll(async () => {
  await browser.close();
  server.stop();
  await operator.stop();
});

let page: Page | undefined;
/** What the browser complained about, and addresses elsewhere that it asked. */
const complaints: string[] = [];

async function open(path: string, options: BrowserContextOptions = {}, { origin } = server): Promise<Page> {
  await page?.close();
  const opened = (page = await browser.newPage(options));
  opened.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  opened.on("pageerror", (error) => complaints.push(error.message));
  opened.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  opened.on("request", (request) => request.url().startsWith(origin) || complaints.push(request.url()));
  await opened.goto(origin + CONSOLE_PATH + path);
  await opened.locator("main[aria-busy=false]").waitFor();
  return opened;
}

afterEach(async () => {
  await page?.close();
  page = undefined;
  expect(complaints.splice(0)).toEqual([]);
});

const row = (page: Page, orderId: string) => page.getByRole("row").filter({ hasText: orderId });
const step = (page: Page, name: string, how: string) =>
  page.getByRole("button", { name: new RegExp(`^${name}, .*${how}$`) });
const pages = () => [
  "",
  "?only=undelivered",
  "?only=rejected",
  "/failures",
  "/health",
  "/stack",
  `/orders/${failed}`,
];

it("shows a posted order as it is delivered, its path through the workflow, and its payloads when asked", async () => {
  const page = await open("");
  const orderId = await operator.place();
  await row(page, orderId).getByText("Delivered").waitFor();

  await row(page, orderId).getByRole("link", { name: orderId }).click();
  await step(page, "PublishOrder", "succeeded").waitFor();
  await step(page, "RecordDelivery", "succeeded").waitFor();
  await step(page, "RecordFailure", "not visited").waitFor();
  expect(await page.locator(".transition.taken").count()).toBe(3);

  await step(page, "PublishOrder", "succeeded").click();
  await page.getByText("Hidden: ").first().waitFor();
  expect(await page.content()).not.toContain("Ada Buyer");
  await page.getByLabel("Show personal data").check();
  await page.getByText("Ada Buyer").first().waitFor();

  await page.reload();
  await step(page, "PublishOrder", "succeeded").waitFor();
  expect(await page.getByLabel("Show personal data").isChecked()).toBe(false);
  expect(await page.content()).not.toContain("Ada Buyer");
});

it("opens an order by keyboard alone, and a step of it", async () => {
  const page = await open("");
  const focusOn = (selector: string) =>
    waitFor(async () => {
      await page.keyboard.press("Tab");
      return page.evaluate(
        `document.activeElement?.matches(${JSON.stringify(selector)})`,
      ) as Promise<boolean>;
    });
  await row(page, delivered).waitFor();
  await focusOn(`a[href$="${delivered}"]`);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: `Order ${delivered}` }).waitFor();
  await step(page, "PublishOrder", "succeeded").waitFor();
  await focusOn('g.state[aria-label^="PublishOrder"]');
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: "Step PublishOrder" }).waitFor();
  await page.keyboard.press("Space");
  await page.getByRole("region", { name: "Step PublishOrder" }).waitFor({ state: "detached" });
});

it("shows what is in the failure queues, and how each hop is doing", async () => {
  const page = await open("/failures");
  await page.getByRole("region", { name: "Queue orders" }).getByText("no order:").waitFor();
  await page.getByRole("link", { name: "Failures 1 message" }).waitFor();
  await page.getByRole("link", { name: "Health" }).click();
  await page.getByRole("listitem").filter({ hasText: "Store" }).getByText("1 failed message").waitFor();
  await page.getByRole("link", { name: "1 order" }).click();
  await row(page, failed).waitFor();
});

it("needs no sideways scrolling on a phone", async () => {
  for (const path of pages()) {
    const page = await open(path, PHONE);
    const overflow = await page.evaluate(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    expect([path, overflow]).toEqual([path, 0]);
  }
});

it.each(["light", "dark"] as const)("can be read on a %s screen", async (colorScheme) => {
  for (const path of pages()) {
    const page = await open(path, { colorScheme });
    const lowest = await lowestContrast(page);
    expect([path, lowest, lowest.ratio >= 4.5]).toEqual([path, lowest, true]);
    // Nothing is black on white here: another figure than the first is one that was found.
    expect(lowest.ratio).toBeLessThan(21);
    const background = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(background).toBe(colorScheme === "dark" ? "rgb(16, 19, 24)" : "rgb(246, 247, 249)");
  }
});

it("takes what customers write for text", async () => {
  const sub = `"><img src=x onerror=alert(1)><script>alert(2)</script>`;
  const customer = await Customer.of(operator.target, sub);
  const order = anOrder({ orderId: randomUUID() });
  await customer.post(order);
  const page = await open("");
  await row(page, order.orderId).getByText("<script>alert(2)</script>").click();
  await page.getByText(`1 order of customer ${sub}`).waitFor();
  await row(page, order.orderId).getByText("Delivered").waitFor();
});

it("says that its server has ended, and keeps what it has shown", async () => {
  const other = await ConsoleServer.start(operator.target.local?.outputs ?? {});
  const page = await open("", {}, other);
  await row(page, delivered).waitFor();
  other.stop();
  await page.getByRole("alert").getByText("does not answer").waitFor();
  expect(await row(page, delivered).count()).toBe(1);
  // Of the connection that was lost.
  expect(complaints.splice(0)).not.toEqual([]);
});

it("shows a failed delivery, and its end once the operator has sent it again", async () => {
  const page = await open(`/orders/${failed}`);
  await page.getByText("Last attempt failed").waitFor();
  await step(page, "PublishOrder", "failed, went on").waitFor();
  await step(page, "DeliveryFailed", "failed").waitFor();

  mendTopic();
  const { exitCode } = await operator.ops(`redrive --order ${failed} --yes`);
  expect(exitCode).toBe(0);

  await page.getByRole("button", { name: "Attempt 2 Succeeded" }).waitFor();
  await page.getByRole("definition").getByText("Delivered").waitFor();
  await step(page, "RecordDelivery", "succeeded").waitFor();
  await page.getByRole("button", { name: "Attempt 1 Failed" }).click();
  await step(page, "DeliveryFailed", "failed").waitFor();
});
