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

/** The variables of a function that its own component sets, whatever holds their values. */
type Variables<Schema extends z.ZodType, Value> = Record<
  Exclude<keyof z.infer<Schema>, keyof typeof observability>,
  Value
>;

export type ProcessOrdersVariables<Value> = Variables<typeof processOrdersEnvironment, Value>;
export type StartDeliveriesVariables<Value> = Variables<typeof startDeliveriesEnvironment, Value>;

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
