declare module "asl-validator" {
  /** Checks a definition in Amazon States Language; adds the query language to its states. */
  function validate(definition: object): { readonly isValid: boolean; errorsText(): string };
  export = validate;
}
