/** A definition that Step Functions would refuse, or that uses what is not hosted here. */
export class DefinitionError extends Error {
  override readonly name = "DefinitionError";
}
