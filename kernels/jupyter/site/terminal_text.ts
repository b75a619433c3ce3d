/** Renders terminal text as HTML. */

import { escapeXml } from "../../../lib/display/xml_text.ts";

/**
 * Text with a terminal's colours and rewritten lines, as HTML.
 *
 * Colours become spans of the classes `ansi-30` to `ansi-37` and `ansi-90` to `ansi-97`, bold becomes
 * `ansi-1` and faint `ansi-2`; other escape sequences are removed. Text after a carriage return
 * replaces the line up to there.
 *
 * @example
 * ```ts
 * terminalHtml("10 %\r20 %\n\x1b[33m2\x1b[39m"); // '20 %\n<span class="ansi-33">2</span>'
 * ```
 */
export function terminalHtml(text: string): string {
  const lines = text.replaceAll("\r\n", "\n").split("\n").map((line) => {
    const versions = line.split("\r").filter((version) => version !== "");
    return versions.at(-1) ?? "";
  });
  // deno-lint-ignore no-control-regex -- escapes begin with one
  const parts = lines.join("\n").split(/\x1b\[([0-9;?]*)([A-Za-z])/);
  let html = escapeXml(parts[0]);
  const style = new Style();
  for (let i = 1; i < parts.length; i += 3) {
    if (parts[i + 1] === "m") style.change(parts[i]);
    html += style.wrap(escapeXml(parts[i + 2]));
  }
  return html;
}

/** A terminal's current text style. */
class Style {
  #color?: number;
  #weight?: number;

  change(codes: string): void {
    for (const code of codes.split(";").map(Number)) {
      if (code === 0) this.#color = this.#weight = undefined;
      else if (code === 1 || code === 2) this.#weight = code;
      else if (code === 22) this.#weight = undefined;
      else if (code === 39) this.#color = undefined;
      else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) this.#color = code;
    }
  }

  wrap(html: string): string {
    const classes = [this.#weight, this.#color].filter((code) => code !== undefined);
    if (html === "" || classes.length === 0) return html;
    return `<span class="${classes.map((code) => `ansi-${code}`).join(" ")}">${html}</span>`;
  }
}
