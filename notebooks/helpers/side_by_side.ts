/** Shows texts beside each other, to compare them line by line. */

import { Output } from "nnunet/notebook";
import { xmlText } from "../../lib/display/xml_text.ts";

/**
 * Makes an output of texts in columns; below each other where there is no room.
 *
 * @param texts Pairs of a heading and a text, whose lines and indentation are kept.
 */
export function sideBySide(title: string, texts: readonly (readonly [string, string])[]): Output {
  const columns = texts.map(([heading, text]) =>
    `<div style="flex:1 1 300px;min-width:0"><b>${xmlText(heading)}</b>` +
    `<pre tabindex="0" style="overflow:auto;white-space:pre;max-height:420px;margin:4px 0 0;font-size:12px;` +
    `line-height:1.45">${xmlText(text)}</pre></div>`
  );
  return new Output({
    title,
    text: texts.map(([heading, text]) => `${heading}\n${text}`).join("\n\n"),
    html: `<div style="display:flex;flex-wrap:wrap;gap:8px 24px;font:13px/1.5 system-ui,` +
      `sans-serif">${columns.join("")}</div>`,
  });
}
