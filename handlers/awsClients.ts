/**
 * Settings that every SDK client of a function shares: throttling and passing faults are retried here, before a
 * failure is reported and costs the message one of its receives. The slowest call, all attempts together, ends
 * within the functions' timeout of 10 s.
 */
export const CLIENT_SETTINGS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
} as const;
