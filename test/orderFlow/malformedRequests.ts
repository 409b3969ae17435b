/** Stands for the attacker's access token in the requests below. */
export const TOKEN = "{TOKEN}";

const head = (request: string, ...headers: string[]) =>
  [`${request} HTTP/1.1`, "Host: 127.0.0.1", ...headers, "", ""].join("\r\n");
const get = (path: string, ...headers: string[]) =>
  head(`GET ${path}`, `Authorization: Bearer ${TOKEN}`, ...headers);
const post = (...headers: string[]) =>
  head("POST /v1/orders", `Authorization: Bearer ${TOKEN}`, "Content-Type: application/json", ...headers);
const form = (body: string) =>
  head(
    "POST /",
    "Authorization: AWS4-HMAC-SHA256 Credential=A/20250101/eu-west-1/sqs/aws4_request, Signature=00",
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${body.length}`,
  ) + body;
const forToken = (body: string, ...headers: string[]) =>
  head("POST /oauth2/token", "Content-Type: application/json", `Content-Length: ${body.length}`, ...headers) +
  body;

/** Requests as no client sends them (in latin1), and the status of the answer; `undefined`: closed without one. */
export const MALFORMED: readonly (readonly [what: string, bytes: string, status: number | undefined])[] = [
  // What somebody who stands between may read as two requests, or as another one.
  ["two lengths", `${post("Content-Length: 2", "Content-Length: 5")}{}xxx`, 400],
  ["a length and chunks", `${post("Content-Length: 4", "Transfer-Encoding: chunked")}0\r\n\r\n`, 400],
  ["an unknown coding", `${post("Transfer-Encoding: xchunked")}0\r\n\r\n`, 400],
  ["a coding over two lines", `${post("Transfer-Encoding:\r\n chunked")}0\r\n\r\n`, 400],
  ["a chunk without a size", `${post("Transfer-Encoding: chunked")}zz\r\n{}\r\n0\r\n\r\n`, 400],
  ["a chunk of 2^68 bytes", `${post("Transfer-Encoding: chunked")}fffffffffffffffff\r\n{}`, 400],
  ["a length below zero", post("Content-Length: -1"), 400],
  ["a length of 1 GB", post("Content-Length: 1000000000"), 413],
  ["two hosts", get("/v1/orders", "Host: shop.example.com"), 403],
  ["another host", "GET /v1/orders HTTP/1.1\r\nHost: shop.example.com\r\n\r\n", 403],
  ["no host", "GET /v1/orders HTTP/1.1\r\n\r\n", 400],
  // What is no HTTP/1.1.
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  ["the begin of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
  ["an unknown method", head("SMUGGLE /v1/orders"), 400],
  ["a NUL in the path", get("/v1/orders/\0"), 400],
  ["a NUL in a header", get("/v1/orders", "X-A: a\0b"), 400],
  ["a carriage return in a header", get("/v1/orders", "X-A: a\rSet-Cookie: b"), 400],
  ["bytes beyond ASCII in the path", get("/v1/orders/\xff\xfe"), 400],
  ["a tunnel", "CONNECT shop.example.com:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", undefined],
  // Methods, paths and sizes that the API has not.
  ["TRACE", head("TRACE /v1/orders"), 404],
  ["PROPFIND", head("PROPFIND /v1/orders"), 404],
  ["escapes that are no UTF-8", get("/v1/orders/%ff%fe"), 400],
  ["a broken escape", get("/v1/orders/%zz"), 400],
  ["a NUL as an escape", get("/v1/orders/%00"), 404],
  ["a line end as an escape", get("/v1/orders/%0d%0aSet-Cookie:a"), 404],
  ["a way out of the path", get("/v1/orders/../../../etc/passwd"), 404],
  ["a way out as escapes", get("/v1/orders/..%2f..%2f..%2fetc%2fpasswd"), 404],
  ["a path of an object's prototype", get("/v1/__proto__/constructor"), 404],
  ["an id of an object's prototype", get("/v1/orders/__proto__"), 404],
  ["12,000 bytes in a header", get("/v1/orders", `X-A: ${"a".repeat(12_000)}`), 431],
  ["1 MB in a header", get("/v1/orders", `X-A: ${"a".repeat(1_000_000)}`), 431],
  ["a path of 2,000 characters", get(`/v1/orders/${"a".repeat(2_000)}`), 414],
  ["a query of 12,000 characters", get(`/v1/orders?nextToken=${"a".repeat(12_000)}`), 414],
  [
    "a content type of an object's prototype",
    post("Content-Length: 2").replace("application/json", "__proto__") + "{}",
    415,
  ],
  // The token endpoint.
  ["GET for a token", head("GET /oauth2/token"), 404],
  ["a web page that asks for a token", forToken("{}", "Origin: https://shop.example.com"), 403],
  ["a token for an object's prototype", forToken('{"__proto__":{"sub":"a","scope":""}}'), 400],
  ["a token in 8,000 levels", forToken("[".repeat(8_000)), 400],
  ["a token for a subject with a NUL", forToken('{"sub":"a\\u0000","scope":"orders/read"}'), 400],
  ["a token in 16 KB", forToken(" ".repeat(17_000)), 413],
  // The AWS endpoint.
  ["PUT to the AWS endpoint", head("PUT /"), 405],
  ["a web page at the AWS endpoint", head("POST /", "Origin: https://shop.example.com"), 403],
  ["an action of an object's prototype", form("Action=__proto__"), 400],
  [
    "an attribute of an object's prototype",
    form("Action=SendMessage&__proto__.polluted=1&MessageBody=a"),
    400,
  ],
  [
    "a list of 10^9 elements",
    form("Action=SendMessageBatch&SendMessageBatchRequestEntry.1000000000.Id=1"),
    400,
  ],
  ["an action twice", form("Action=ListQueues&Action=PurgeQueue"), 400],
];
