/** Makes text harmless for terminals. */

/**
 * Characters that terminals act on instead of showing them: control characters, which begin escape
 * sequences, and those that reverse the order of the text around them or are invisible. U+2028 and
 * U+2029 end lines. Lone surrogates cannot be encoded.
 */
const unprintable =
  // deno-lint-ignore no-control-regex
  /[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/**
 * Returns a text with escapes such as `\x1b` and `\u202e` in place of characters that could change
 * what a terminal shows. Names of files, labels and the like come from others.
 *
 * @param keepLines Whether line ends and tabs stay as they are, for texts of several lines.
 */
export function printable(text: string, { keepLines = false } = {}): string {
  return text.replace(
    unprintable,
    (unit) => keepLines && (unit === "\n" || unit === "\t") ? unit : escape(unit),
  );
}

function escape(character: string): string {
  const code = character.codePointAt(0)!;
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${code.toString(16)}` : `\\u{${code.toString(16)}}`;
}
