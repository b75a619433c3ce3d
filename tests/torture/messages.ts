/** What an error message must not have. */

const forbidden: readonly [what: string, pattern: RegExp][] = [
  ["undefined", /\bundefined\b/],
  ["an object's default text", /\[object /],
  ["the system's bare error", /\(?os error/],
  ["a stack trace", /\n\s+at \S+/],
  ["Node's internal text", /\bERR_[A-Z_]+|\bE[A-Z]{4,}:|DataCloneError|could not be cloned/],
  [
    "the engine's internal text",
    /Maximum call stack|is not a function|is not iterable|Cannot read properties|Cannot destructure|before initialization|Invalid (typed )?array( buffer)? length|Array buffer allocation|Invalid string length|Offset is outside|Start offset .* is outside|out of bounds memory|Cannot convert|Cannot mix BigInt|Invalid regular/,
  ],
  ["an uncaught error", /Uncaught|error: Uncaught/],
  // deno-lint-ignore no-control-regex
  ["a control character", /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]/],
];

/** Longest message, in characters and in lines. */
const LONGEST = { characters: 2000, lines: 24 };

/** Returns what is wrong with a message that ended a command. */
export function messageFaults(text: string): string[] {
  const faults = forbidden.filter(([, pattern]) => pattern.test(text))
    .map(([what]) => `the message has ${what}`);
  const lines = text.trim().split("\n").length;
  if (text.trim() === "") faults.push("there is no message");
  if (text.length > LONGEST.characters || lines > LONGEST.lines) {
    faults.push(`the message has ${text.length} characters in ${lines} lines`);
  }
  return faults;
}
