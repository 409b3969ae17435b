import * as z from "zod";

/** What every function's environment holds, for Powertools' logger and metrics. */
const observability = {
  POWERTOOLS_SERVICE_NAME: z.string().min(1),
  POWERTOOLS_METRICS_NAMESPACE: z.string().min(1),
};

/** Environment of `handlers/processOrders.ts`. */
export const processOrdersEnvironment = z.object({ ...observability, ORDERS_TABLE_NAME: z.string().min(1) });

/** Environment of `handlers/startDeliveries.ts`. */
export const startDeliveriesEnvironment = z.object({
  ...observability,
  STATE_MACHINE_ARN: z.string().min(1),
});

const positive = z.coerce.number().int().min(1);

/** Environment of `handlers/reconcileDeliveries.ts`. */
export const reconcileDeliveriesEnvironment = z.object({
  ...observability,
  ORDERS_TABLE_NAME: z.string().min(1),
  STATE_MACHINE_ARN: z.string().min(1),
  DELIVERY_FAILURES_QUEUE_URL: z.url(),
  /** How old an undelivered order is when it is taken up the first time. */
  UNDELIVERED_AFTER_SECONDS: positive,
  /** How often an order's delivery is started again before it is given up. */
  RECONCILIATIONS_MAX: positive,
  /** How many orders one run takes up. */
  ORDERS_PER_RUN_MAX: positive,
});

/** The variables of a function that its own component sets, whatever holds their values. */
type Variables<Schema extends z.ZodType, Value> = Record<
  Exclude<keyof z.infer<Schema>, keyof typeof observability>,
  Value
>;

export type ProcessOrdersVariables<Value> = Variables<typeof processOrdersEnvironment, Value>;
export type StartDeliveriesVariables<Value> = Variables<typeof startDeliveriesEnvironment, Value>;
export type ReconcileDeliveriesVariables<Value> = Variables<typeof reconcileDeliveriesEnvironment, Value>;

/**
 * Reads a function's environment, once, when its code is loaded.
 *
 * @throws Error that names every variable that is missing or empty
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
): z.infer<typeof schema> {
  const parsed = schema.safeParse(process.env);
  if (parsed.success) return parsed.data;
  const names = parsed.error.issues.map((issue) => issue.path.join("."));
  throw new Error(`The function's environment lacks ${names.join(", ")}: its component must set it.`);
}
