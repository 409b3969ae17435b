const JAVASCRIPT_ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "'": "\\'",
  "/": "\\/",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
};

/**
 * `$util.escapeJavaScript`: as `StringEscapeUtils.escapeJavaScript` of Apache Commons Lang 2. It also escapes single
 * quotes, which JSON does not allow: the developer guide appends `.replaceAll("\\'", "'")` inside JSON.
 */
export function escapeJavaScript(text: string): string {
  return text.replace(
    /[\\"'/]|[^\x20-\x7e]/g,
    (character) =>
      JAVASCRIPT_ESCAPES[character] ??
      `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
  );
}

const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const SPACE = 0x20;
const PLUS = 0x2b;
const PERCENT = 0x25;
const HEX_DIGITS = Buffer.from("0123456789ABCDEF");
/** 1 for the bytes that stand for themselves. */
const UNRESERVED = new Uint8Array(256);
for (const byte of Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-*_"))
  UNRESERVED[byte] = 1;

/** Used again by every call, for one piece of a text after the other: new buffers cost more than encoding does. */
const piece = Buffer.alloc(16_384);
const encodedPiece = Buffer.alloc(3 * piece.length);
const utf8 = new TextEncoder();

/**
 * `$util.urlEncode`: as `java.net.URLEncoder`, which writes a space as `+`, keeps `*` and half a pair as `?`.
 *
 * Whole bodies go through it. `encodeURIComponent` and replacing what differs from it would cost three times as much.
 */
export function urlEncode(text: string): string {
  let rest = SURROGATE.test(text) ? text.replace(LONE_SURROGATE, "?") : text;
  let encoded = "";
  while (rest !== "") {
    const { read, written } = utf8.encodeInto(rest, piece);
    encoded += encodePiece(written);
    rest = rest.slice(read);
  }
  return encoded;
}

function encodePiece(length: number): string {
  let end = 0;
  for (let index = 0; index < length; index += 1) {
    const byte = piece[index] ?? 0;
    if (UNRESERVED[byte] === 1) encodedPiece[end++] = byte;
    else if (byte === SPACE) encodedPiece[end++] = PLUS;
    else {
      encodedPiece[end++] = PERCENT;
      encodedPiece[end++] = HEX_DIGITS[byte >> 4] ?? 0;
      encodedPiece[end++] = HEX_DIGITS[byte & 15] ?? 0;
    }
  }
  return encodedPiece.toString("latin1", 0, end);
}

/** `$util.urlDecode`. @throws URIError for a malformed escape */
export function urlDecode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}
