import type { AwsError } from "../../aws/error";
import { malformed } from "./malformed";
import { describe, type Token } from "./tokens";

/** Walks over the tokens of a query. */
export class TokenReader {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get atEnd(): boolean {
    return this.at === this.tokens.length;
  }

  next(): Token | undefined {
    return this.tokens[this.at++];
  }

  /** Takes the keyword, in any case, when it comes next. */
  takeWord(word: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== "word" || token.text.toLowerCase() !== word) return false;
    this.at += 1;
    return true;
  }

  takeSymbol(symbol: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== "symbol" || token.text !== symbol) return false;
    this.at += 1;
    return true;
  }

  /** @throws AwsError `MalformedQueryException` when another token comes next */
  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected(this.tokens[this.at], symbol);
  }

  unexpected(token: Token | undefined, expected: string): AwsError {
    return malformed(`${describe(token)} stands where ${expected} is expected`);
  }
}
