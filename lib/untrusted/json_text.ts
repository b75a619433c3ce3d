/** Parses JSON that others wrote. */

import { MAX_DEPTH } from "./limits.ts";

/**
 * Parses JSON that is nested at most {@link MAX_DEPTH} levels, so that code may walk through the
 * value by recursion.
 *
 * @param reviver As that of `JSON.parse`.
 * @throws {SyntaxError} If the text is not JSON, or is nested too deeply.
 */
export function parseJson(text: string, reviver?: (key: string, value: unknown) => unknown) {
  requireShallow(text);
  return JSON.parse(text, reviver) as unknown;
}

/** Compares the depth of brackets outside strings with the limit. */
function requireShallow(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      do at = text.indexOf('"', at + 1); while (at !== -1 && isEscaped(text, at));
      if (at === -1) return; // JSON.parse() describes the fault.
    } else if (unit === OPENING_BRACKET || unit === OPENING_BRACE) {
      if (++depth > MAX_DEPTH) {
        throw new SyntaxError(`It is nested deeper than ${MAX_DEPTH} levels`);
      }
    } else if (unit === CLOSING_BRACKET || unit === CLOSING_BRACE) depth--;
  }
}

const QUOTE = 0x22, BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b, CLOSING_BRACKET = 0x5d, OPENING_BRACE = 0x7b, CLOSING_BRACE = 0x7d;

/** Returns whether an odd number of backslashes precedes a position. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text.charCodeAt(before - 1) === BACKSLASH) before--;
  return (at - before) % 2 === 1;
}
