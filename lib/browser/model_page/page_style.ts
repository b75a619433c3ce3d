/** Styles the page. */

import style from "./page.css" with { type: "text" };

/** Applies the page's style sheet, in a way that strict content policies allow. */
export function applyStyle(): void {
  const page = globalThis as unknown as {
    readonly document: { adoptedStyleSheets: unknown[] };
    readonly CSSStyleSheet: new () => { replaceSync(text: string): void };
  };
  const sheet = new page.CSSStyleSheet();
  sheet.replaceSync(style);
  page.document.adoptedStyleSheets = [sheet];
}
