import type { Page } from "playwright-core";

type Rgb = readonly [number, number, number];

/** The lowest contrast (WCAG 2.2, 1.4.3) of the texts on a page with what is behind them; and that text. */
export async function lowestContrast(page: Page): Promise<{ readonly ratio: number; readonly text: string }> {
  const pairs = await page.evaluate(textColours);
  const ratios = pairs.map(({ text, colour, behind }) => ({
    text,
    ratio: ratioOf(rgb(colour), rgb(behind)),
  }));
  return ratios.reduce((lowest, one) => (one.ratio < lowest.ratio ? one : lowest), { ratio: 21, text: "" });
}

/** Runs in the page, as text: each element that has text of its own, its colour, and the colour behind it. */
const textColours = `(() => {
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const fill = at.closest("g.state") && at.tagName === "text" ? getComputedStyle(at.closest("g.state").querySelector("rect")).fill : "";
      if (fill) return fill;
      const { backgroundColor } = getComputedStyle(at);
      if (!backgroundColor.endsWith(", 0)")) return backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
  return [...document.body.querySelectorAll("*")].filter((element) => hasText(element) && element.getClientRects().length > 0 && element.tagName !== "title")
    .map((element) => ({
      text: element.textContent.trim(),
      colour: element.tagName === "text" ? getComputedStyle(element).fill : getComputedStyle(element).color,
      behind: behind(element),
    }));
})()` as unknown as () => { text: string; colour: string; behind: string }[];

function rgb(colour: string): Rgb {
  const [red = 0, green = 0, blue = 0] = colour.match(/[\d.]+/g)?.map(Number) ?? [];
  return [red, green, blue];
}

function ratioOf(a: Rgb, b: Rgb): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((one, other) => one - other);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
