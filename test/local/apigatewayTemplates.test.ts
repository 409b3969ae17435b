import { CallContext } from "../../local/apigateway/context";
import { BodyNotJson, Input, UTIL } from "../../local/apigateway/templateVariables";
import { TemplateError } from "../../local/apigateway/vtl/syntax";
import { compileTemplate } from "../../local/apigateway/vtl/template";

interface Values {
  readonly body?: unknown;
  readonly header?: Readonly<Record<string, string>>;
  readonly context?: CallContext;
}

function newContext(): CallContext {
  return new CallContext({
    apiId: "api",
    stage: "v1",
    httpMethod: "GET",
    path: "/v1/things",
    protocol: "HTTP/1.1",
    domainName: "api.example.com",
    sourceIp: "192.0.2.1",
    userAgent: "test",
    requestTimeEpoch: Date.UTC(2026, 0, 31, 12, 4, 5),
    requestId: "request-1",
    xrayTraceId: undefined,
  });
}

/** Renders a template on a body. */
function render(template: string, { body = {}, header = {}, context = newContext() }: Values = {}): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const parameters = { path: { id: "p" }, querystring: { id: "q", page: "2" }, header };
  const variables = {
    input: new Input(text, parameters),
    util: UTIL,
    context,
    stageVariables: { colour: "red" },
  };
  return compileTemplate(template).render(variables);
}

describe("references", () => {
  it.each([
    ["a member", "$input.path('$.a').b", "1"],
    ["a member by name", "$input.path('$.a')['b']", "1"],
    ["a list's item", "$input.path('$.list[1]')", "y"],
    ["a list's item by index", "$input.path('$.list')[0]", "x"],
    ["braces", "${input.path('$.a.b')}x", "1x"],
    ["a map as Java prints it", "$input.path('$')", "{a={b=1}, list=[x, y], text=hi, no=null}"],
    ["an unknown variable as its own text", "$nothing.at $!nothing.at|", "$nothing.at |"],
    [
      "nothing for an absent value of the gateway",
      "[$input.path('$.none')$context.none$stageVariables.none]",
      "[]",
    ],
    ["text that looks like a reference", "$5 and $$", "$5 and $$"],
    ["raw text", "#[[ $input.body #if ]]#", " $input.body #if "],
    ["a comment", "a## $input.body\nb#* #if *#c", "abc"],
  ])("print %s", (_what, template, expected) => {
    const body = { a: { b: 1 }, list: ["x", "y"], text: "hi", no: null };
    expect(render(template, { body })).toBe(expected);
  });

  it.each(["constructor", "__proto__", "toString", "hasOwnProperty"])(
    "do not reach JavaScript's %s",
    (name) => {
      expect(render(`[$!input.path('$').${name}$!input.${name}$!context.${name}]`)).toBe("[]");
    },
  );

  it("cannot call what is not a method of Java's", () => {
    expect(() => render("$input.body.repeat(1000000)")).toThrow(
      "the method repeat() of a string is not supported",
    );
    expect(() => render("$util.constructor('x')")).toThrow(TemplateError);
  });
});

describe("$input", () => {
  it.each([
    ["json of an object", "$input.json('$.a')", '{"b":[1,"x"]}'],
    ["json of text", "$input.json('$.a.b[1]')", '"x"'],
    ["json of what is not there", "$input.json('$.none')", '""'],
    ["json of false", "$input.json('$.no')", "false"],
    ["a path variable before a query parameter", "$input.params('id')", "p"],
    ["a query parameter", "$input.params('page')", "2"],
    ["a header", "$input.params('x-shop')", "uk"],
    ["no header whose name has other letters", "[$input.params('X-Shop')]", "[]"],
    ["no parameter", "[$input.params('none')]", "[]"],
    [
      "all parameters",
      "$input.params().querystring.get('page') $input.params().get('header').keySet()",
      "2 [x-shop]",
    ],
  ])("gives %s", (_what, template, expected) => {
    expect(render(template, { body: { a: { b: [1, "x"] }, no: false }, header: { "x-shop": "uk" } })).toBe(
      expected,
    );
  });

  it("refuses a body that is not JSON only when the template needs JSON", () => {
    expect(render("$input.body", { body: "hello" })).toBe("hello");
    expect(() => render("$input.json('$')", { body: "hello" })).toThrow(BodyNotJson);
  });

  it("names a JSONPath that is not supported", () => {
    expect(() => render("$input.json('$..a')")).toThrow('the JSONPath "$..a" is not supported');
  });
});

describe("$util", () => {
  it.each([
    ["escapes for JavaScript", "$util.escapeJavaScript($input.path('$.t'))", "\\\"\\'\\/\\\\\\n\\u00E9"],
    [
      "escapes for JSON with the guide's replacement",
      "$util.escapeJavaScript($input.path('$.t')).replaceAll(\"\\\\'\",\"'\")",
      "\\\"'\\/\\\\\\n\\u00E9",
    ],
    [
      "encodes for a form",
      "$util.urlEncode($input.path('$.f'))",
      "a+%26Action%3DDeleteQueue%21%27%28%29*%7E-._%C3%A9",
    ],
    ["decodes a form", "$util.urlDecode('a+%26')", "a &"],
    ["encodes and decodes base64", "$util.base64Encode('hé')$util.base64Decode('aMOp')", "aMOphé"],
    ["parses JSON", "$util.parseJson('{\"a\":[1]}').a[0]", "1"],
    ["takes what is not there as empty", "[$util.escapeJavaScript($input.path('$.none'))]", "[]"],
  ])("%s", (_what, template, expected) => {
    const body = { t: "\"'/\\\né", f: "a &Action=DeleteQueue!'()*~-._é" };
    expect(render(template, { body })).toBe(expected);
  });

  it("encodes half a surrogate pair as Java does", () => {
    expect(render("$util.urlEncode($input.path('$.a'))", { body: '{"a":"x\\ud800y"}' })).toBe("x%3Fy");
  });
});

describe("$context", () => {
  it.each([
    ["$context.requestTime", "31/Jan/2026:12:04:05 +0000"],
    ["$context.requestTimeEpoch", "1769861045000"],
    ["$context.identity.sourceIp", "192.0.2.1"],
    ["$context.accountId $context.apiId $context.stage", "123456789012 api v1"],
    ["$context.domainPrefix", "api"],
    ["[$context.authorizer.claims.sub]", "[]"],
  ])("%s", (template, expected) => {
    expect(render(template)).toBe(expected);
  });

  it("takes overrides of the answer, each once", () => {
    const context = newContext();
    render("#set($context.responseOverride.status = 404)#set($context.responseOverride.header.X = 'a')", {
      context,
    });
    expect(context.responseOverride.values.get("status")).toBe("404");
    expect(context.responseOverride.group("header").get("X")).toBe("a");
    expect(() => render("#set($context.responseOverride.header.X = 'b')", { context })).toThrow(
      "applied twice",
    );
  });

  it("cannot be changed otherwise", () => {
    expect(() => render("#set($context.stage = 'x')")).toThrow('"stage" cannot be set');
    expect(() => render("#set($context.responseOverride.body = 'x')")).toThrow('"body" cannot be set');
  });
});

describe("directives", () => {
  it.each([
    ["#if", "#if($input.path('$.n') > 2)a#elseif($input.path('$.n') == 2)b#{else}c#end", "b"],
    ["a missing value as false", "#if($input.path('$.none'))a#{else}b#end", "b"],
    ["and, or, not", "#if(!($input.path('$.n') == 1) && (false || true))a#end", "a"],
    ["a number equal to its text", "#if($input.path('$.n') == '2')a#end", "a"],
    ["#set", "#set($x = $input.path('$.n') + 1)$x", "3"],
    ["text in #set", "#set($x = \"n is $input.path('$.n')\")$x", "n is 2"],
    ["a division of integers", "#set($x = 7 / 2)$x", "3"],
    ["maps and lists", "#set($m = {'a': [1, 2]})$m.a.size() $m.get('a')[1] $m.containsKey('b')", "2 2 false"],
    [
      "#foreach",
      "#foreach($i in $input.path('$.list'))$i$foreach.index#if($foreach.hasNext),#end#end",
      "x0,y1",
    ],
    ["#foreach over a map's values", "#foreach($v in $input.path('$.m'))$v#end", "12"],
    ["#break", "#foreach($i in [1..5])$i#if($i == 2)#break#end#end!", "12!"],
    ["nested loops", "#foreach($a in [1..2])#foreach($b in [1..2])$a$b #end#end", "11 12 21 22 "],
    ["the outer variable after a loop", "#set($i = 'o')#foreach($i in [1])#end$i", "o"],
  ])("know %s", (_what, template, expected) => {
    expect(render(template, { body: { n: 2, list: ["x", "y"], m: { a: 1, b: 2 } } })).toBe(expected);
  });

  it("stop a loop after 1,000 iterations", () => {
    const body = { list: Array.from({ length: 1_001 }, () => "x") };
    expect(render("#foreach($i in $input.path('$.list'))$i#end", { body })).toBe("x".repeat(1_000));
  });

  it.each([
    ["an unclosed #if", "#if(true)a", "it opens 1 blocks and closes 0"],
    ["an #end too many", "a#end", "it opens 0 blocks and closes 1"],
    ["a macro", "#macro(m)x#end", "#macro (m) is not supported"],
    ["#evaluate", "#evaluate('x')", "evaluate) is not supported"],
    ["#stop", "a #stop b", "#stop is not supported"],
    ["a syntax error", "#set($x = )", ""],
  ])("refuse %s before any request", (_what, template, message) => {
    expect(() => compileTemplate(template)).toThrow(TemplateError);
    expect(() => compileTemplate(template)).toThrow(message);
  });

  it.each([
    ["an empty string as a condition", "#if($input.params('none'))a#end"],
    ["0 as a condition", "#if($input.path('$.zero'))a#end"],
    ["null against a string", "#if($input.path('$.none') == '')a#end"],
  ])("refuse %s, which Velocity's versions judge differently", (_what, template) => {
    expect(() => render(template, { body: { zero: 0 } })).toThrow(/Velocity/);
  });

  it("compare what may be missing through quotes", () => {
    expect(render(`#if("$!input.path('$.none')" == "")none#end`)).toBe("none");
  });
});

describe("Java's string methods", () => {
  it.each([
    ["length()", "5"],
    ["toUpperCase()", "A-B-C"],
    ["substring(2)", "b-c"],
    ["substring(0, 1)", "a"],
    ["replace('-', '$1')", "a$1b$1c"],
    ["replaceAll('([a-c])-', '$1+')", "a+b+c"],
    ["replaceFirst('-', '')", "ab-c"],
    ["split('-').size()", "3"],
    ["contains('b')", "true"],
    ["matches('a.*')", "true"],
    ["matches('b')", "false"],
    ["indexOf('-')", "1"],
    ["equals('a-b-c')", "true"],
    ["isEmpty()", "false"],
    ["startsWith('a')", "true"],
  ])("%s", (call, expected) => {
    expect(render(`$input.body.${call}`, { body: "a-b-c" })).toBe(expected);
  });
});
