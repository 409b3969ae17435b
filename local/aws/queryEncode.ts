import type { AwsDocument } from "./api";
import { isDocument } from "./document";
import type { Shape, Structure } from "./queryShapes";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // A parser would turn a bare carriage return into a line feed (XML 1.0, section 2.11).
  "\r": "&#xD;",
};

export function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

export function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);
}

/** Writes an answer's members as elements; those that are absent are left out. */
export function encodeStructure(document: AwsDocument, shape: Structure): string {
  let xml = "";
  for (const { name, wireName, shape: member } of shape.members) {
    const value = document[name];
    if (value !== undefined && value !== null) xml += encode(wireName, value, member);
  }
  return xml;
}

function encode(name: string, value: unknown, shape: Shape): string {
  switch (shape.kind) {
    case "structure":
      return element(name, encodeStructure(isDocument(value) ? value : {}, shape));
    case "list": {
      const items = (Array.isArray(value) ? value : []).map((item) => encode(shape.item, item, shape.of));
      return shape.flat ? items.join("") : element(name, items.join(""));
    }
    case "map": {
      const pairs = Object.entries(isDocument(value) ? value : {}).map(([key, item]) =>
        element(shape.entry, element(shape.key, escapeXml(key)) + encode(shape.value, item, shape.of)),
      );
      return shape.flat ? pairs.join("") : element(name, pairs.join(""));
    }
    default:
      return element(name, escapeXml(String(value)));
  }
}
