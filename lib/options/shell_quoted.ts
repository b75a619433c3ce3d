/** Writes words for POSIX shells. */

/**
 * Returns a word as a shell reads it back, in quotes only where it needs them.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(shellQuoted("fold_0"), "fold_0");
 * assert.equal(shellQuoted("my scans"), "'my scans'");
 * ```
 */
export function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Returns words as a command line that a shell reads back. */
export function shellLine(words: readonly string[]): string {
  return words.map(shellQuoted).join(" ");
}

/**
 * Splits text into words as a shell does, with quotes and backslashes; nothing is expanded.
 *
 * @throws {RangeError} If a quote is not closed.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(shellWords("-p gpu --comment 'my run'"), ["-p", "gpu", "--comment", "my run"]);
 * ```
 */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  const word = /\s*((?:[^\s"'\\]|\\[^]|"(?:[^"\\]|\\[^])*"|'[^']*')+)/y;
  for (let match = word.exec(text); match; match = word.exec(text)) {
    words.push(match[1].replaceAll(
      /"((?:[^"\\]|\\[^])*)"|'([^']*)'|\\([^])/g,
      (_, double?: string, single?: string, escaped?: string) =>
        single ?? escaped ?? double!.replaceAll(/\\(["\\$`])/g, "$1"),
    ));
    text = text.slice(word.lastIndex);
    word.lastIndex = 0;
  }
  if (text.trim() === "") return words;
  throw new RangeError(`Cannot split ${text.trim()}: a quote is not closed`);
}
