import * as z from "zod";
import { order } from "./order";

/**
 * The order's schema as the API's request model: JSON schema draft 4, which is what API Gateway validates with
 * (API Gateway Developer Guide, data models for REST APIs).
 */
export function gatewayModel(): Record<string, unknown> {
  return z.toJSONSchema(order, { target: "draft-4", io: "input" });
}
