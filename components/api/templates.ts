import { ORDER_MESSAGE_ATTRIBUTES } from "../../contracts/orderMessage";
import { ORDERS_TABLE } from "../../contracts/orderRecord";

/**
 * The mapping templates of the API, in Velocity (API Gateway Developer Guide, mapping template reference).
 *
 * Whatever a client can choose stands in a request either URL-encoded or escaped inside a JSON string, never bare:
 * otherwise it could add parameters to the queue's request, or a key condition of its own to the table's.
 */

/** Orders on one page of the list. */
export const ORDERS_PER_PAGE = 50;

const SUB = "$context.authorizer.claims.sub";

/** Clients can choose `requestId`; this one they cannot. */
const REQUEST_ID = "$context.extendedRequestId";

/** Text inside a JSON string. `escapeJavaScript` also escapes single quotes, which JSON does not know. */
const escaped = (reference: string) => `$util.escapeJavaScript(${reference}).replaceAll("\\\\'","'")`;

/** A string attribute in a request to DynamoDB. */
const attribute = (name: string) => `{"S":"${escaped(name)}"}`;

/** `POST /orders`: a SendMessage of SQS's Query protocol, with the body as it came. */
export function sendMessageRequest(): string {
  const attributes: [name: string, value: string][] = [
    [ORDER_MESSAGE_ATTRIBUTES.customerId, `$util.urlEncode(${SUB})`],
    [ORDER_MESSAGE_ATTRIBUTES.requestId, `$util.urlEncode(${REQUEST_ID})`],
    // The gateway's own digits. Whether they are text, which `urlEncode` asks for, is nowhere documented.
    [ORDER_MESSAGE_ATTRIBUTES.acceptedAt, "$context.requestTimeEpoch"],
  ];
  return [
    "Action=SendMessage&MessageBody=$util.urlEncode($input.body)",
    ...attributes.flatMap(([name, value], index) => [
      `&MessageAttribute.${index + 1}.Name=${name}`,
      `&MessageAttribute.${index + 1}.Value.DataType=String`,
      `&MessageAttribute.${index + 1}.Value.StringValue=${value}`,
    ]),
    // There is no trace id where tracing is off, and the queue refuses an empty attribute.
    `#if($context.xrayTraceId && $context.xrayTraceId != "")`,
    "&MessageSystemAttribute.1.Name=AWSTraceHeader&MessageSystemAttribute.1.Value.DataType=String",
    `&MessageSystemAttribute.1.Value.StringValue=$util.urlEncode("Root=$context.xrayTraceId")`,
    "#end",
  ].join("");
}

/** `GET /orders/{orderId}`: only an order under the caller's own partition key can be found. */
export function getOrderRequest(tableName: string): string {
  return [
    `{"TableName":"${tableName}",`,
    `"Key":{"${ORDERS_TABLE.partitionKey}":${attribute(SUB)},`,
    `"${ORDERS_TABLE.sortKey}":${attribute("$input.params('orderId')")}}}`,
  ].join("");
}

/** `GET /orders`: the caller's own orders, by descending id. */
export function listOrdersRequest(tableName: string): string {
  const { partitionKey, sortKey } = ORDERS_TABLE;
  return [
    `{"TableName":"${tableName}","KeyConditionExpression":"${partitionKey} = :customer",`,
    `"ExpressionAttributeValues":{":customer":${attribute(SUB)}},`,
    `#if($input.params('nextToken') != "")`,
    `"ExclusiveStartKey":{"${partitionKey}":${attribute(SUB)},"${sortKey}":${attribute("$input.params('nextToken')")}},`,
    "#end",
    `"ScanIndexForward":false,"Limit":${ORDERS_PER_PAGE}}`,
  ].join("");
}

/**
 * A response template that also chooses the origin which may read the answer; `Vary: Origin` goes with it. With one
 * origin, or `*`, the header is a constant and needs no template.
 */
export function choosingOrigin(origins: readonly string[], template: string): string {
  if (origins.length === 1) return template;
  const allowed = origins.map((origin) => `$origin == "${origin}"`).join(" || ");
  return [
    // Names of headers are told apart by case here, and HTTP/2 sends them in lower case.
    `#set($origin = $input.params("Origin"))`,
    `#if($origin == "")#set($origin = $input.params("origin"))#end`,
    `#if(${allowed})`,
    `#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)`,
    `#end`,
    template,
  ].join("\n");
}

/** 202. The response cannot read the request's body: the client knows its order's id. */
export function acceptedResponse(): string {
  return `{"status":"ACCEPTED","requestId":"${REQUEST_ID}"}`;
}

/**
 * The queue answered 4xx. Only what the client can mend is told as its fault; anything else (a key, a policy, a limit)
 * is ours, and the client sends the order again.
 */
export function notQueuedResponse(): string {
  return [
    `#set($answer = $input.json('$'))`,
    `#if($answer.contains("must be shorter than"))`,
    `#set($context.responseOverride.status = 413)`,
    `{"message":"The order is too large for the queue. Split it into several orders."}`,
    `#elseif($answer.contains("InvalidMessageContents"))`,
    `#set($context.responseOverride.status = 400)`,
    `{"message":"Invalid request body","detail":"The order holds a character that the queue does not carry."}`,
    `#else`,
    unavailableResponse(),
    `#end`,
  ].join("\n");
}

/** The order may be on the queue or not: the same id makes sending it again harmless. */
export function unavailableResponse(): string {
  return `{"message":"The order service could not confirm the request. Send it again, with the same orderId.","requestId":"${REQUEST_ID}"}`;
}

/** One order, or 404: not stored yet, never placed, or somebody else's. */
export function orderResponse(): string {
  return [
    `#set($item = $input.path('$.Item'))`,
    `#if($item && $item != "")`,
    orderJson("$item"),
    `#else`,
    `#set($context.responseOverride.status = 404)`,
    `{"message":"There is no such order, or it is not stored yet."}`,
    `#end`,
  ].join("\n");
}

/** A page of orders, and the token of the next one. */
export function ordersResponse(): string {
  return [
    `#set($next = $input.path('$.LastEvaluatedKey.${ORDERS_TABLE.sortKey}.S'))`,
    `{"orders":[#foreach($item in $input.path('$.Items'))${orderJson("$item")}#if($foreach.hasNext),#end#end]`,
    `#if($next && $next != ""),"nextToken":"$next"#end}`,
  ].join("\n");
}

/** The table answered 4xx: a key that cannot exist is the client's fault, anything else ours. */
export function notReadResponse(): string {
  return [
    `#set($answer = $input.json('$'))`,
    `#if($answer.contains("ValidationException"))`,
    `#set($context.responseOverride.status = 400)`,
    `{"message":"Invalid request parameters","detail":"orderId and nextToken are ids of orders."}`,
    `#else`,
    unavailableResponse(),
    `#end`,
  ].join("\n");
}

/** An item of the orders table as the API shows it. `order` is JSON text already. */
function orderJson(item: string): string {
  const delivery = `${item}.delivery.M`;
  return [
    `{"orderId":"${item}.orderId.S","status":"${item}.status.S","placedAt":"${item}.placedAt.S",`,
    `#if(${item}.reasons)"reasons":[#foreach($reason in ${item}.reasons.L)`,
    `"${escaped("$reason.S")}"#if($foreach.hasNext),#end#end],#end`,
    `#if(${item}.delivery)"delivery":{"status":"${delivery}.status.S","attempts":${delivery}.attempts.N`,
    optional(delivery, "deliveredAt"),
    optional(delivery, "messageId"),
    optional(delivery, "lastError"),
    `},#end`,
    `"order":${item}.order.S}`,
  ].join("");
}

function optional(map: string, name: string): string {
  return `#if(${map}.${name}),"${name}":"${escaped(`${map}.${name}.S`)}"#end`;
}
