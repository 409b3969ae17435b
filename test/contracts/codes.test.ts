import { COUNTRIES, CURRENCIES } from "../../contracts/codes";

test("there are the 249 countries of ISO 3166-1, each once", () => {
  expect(new Set(COUNTRIES).size).toBe(249);
  expect(COUNTRIES).toHaveLength(249);
  expect(COUNTRIES.filter((code) => !/^[A-Z]{2}$/.test(code))).toEqual([]);
});

test("every country is one that the runtime's own table knows by name", () => {
  const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
  expect(COUNTRIES.filter((code) => names.of(code) === undefined)).toEqual([]);
});

test("each currency is there once, and one that the runtime's own table knows by name", () => {
  // Younger than the table of Node 20 (ICU 73 to 75): the dollar of Curaçao, 2025, and the gold of Zimbabwe, 2024.
  const younger = ["XCG", "ZWG"];
  const names = new Intl.DisplayNames("en", { type: "currency", fallback: "none" });
  expect(new Set(CURRENCIES).size).toBe(CURRENCIES.length);
  expect(CURRENCIES.filter((code) => !younger.includes(code) && names.of(code) === undefined)).toEqual([]);
});

test.each(["HRK", "ANG", "BGN", "SLL", "ZWL", "XAU", "XXX", "XTS", "CHE", "CLF"])(
  "%s is no active currency: withdrawn, a metal, a fund or a test code",
  (code) => {
    expect(CURRENCIES).not.toContain(code);
  },
);
