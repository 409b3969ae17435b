import config from "./jest.config.mjs";

/**
 * npm run test:browser: the console in headless Chromium, which `CHROMIUM` names or the system has.
 *
 * @type {import("jest").Config}
 */
export default {
  ...config,
  testMatch: ["<rootDir>/test/browser/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/"],
  testTimeout: 60_000,
};
