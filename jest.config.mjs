import { availableParallelism } from "node:os";

// The SDK's reminder that Node 20 ends in 2027; package.json says which versions are supported.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";

/** @type {import("jest").Config} */
export default {
  testEnvironment: "node",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  globalSetup: "<rootDir>/test/support/recordings.setup.mjs",
  globalTeardown: "<rootDir>/test/support/recordings.teardown.mjs",
  // npm run test:browser runs these.
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/browser/"],
  transform: {
    "\\.[jt]s$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
    ],
  },
  // Packages that are ES modules only; Jest loads everything as CommonJS.
  transformIgnorePatterns: ["/node_modules/(?!(jose)/)"],
  // For machines that do something else besides: nothing here takes a tenth of it on a quiet one.
  testTimeout: 90_000,
  // One more than there are cores: many tests wait for processes, threads and timers.
  maxWorkers: availableParallelism() + 1,
};
