import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gatewayModel } from "../../contracts/gatewayModel";
import { openApi } from "../../contracts/openapi";

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly requestBody?: {
              readonly content: Readonly<Record<string, { readonly schema: object }>>;
            };
          }
        >
      >
    >
  >;
}

test("docs/openapi.json is what the contracts give; npm run openapi writes it", () => {
  const written: unknown = JSON.parse(readFileSync(join(__dirname, "../../docs/openapi.json"), "utf8"));
  expect(written).toEqual(openApi());
});

test("the OpenAPI document asks for the fields that the gateway's model asks for", () => {
  const posted = (openApi() as unknown as Document).paths["/orders"]?.["post"]?.requestBody?.content[
    "application/json"
  ];
  expect(posted?.schema).toMatchObject({ required: gatewayModel()["required"], additionalProperties: false });
});
