/** The frame that all pages share. */

import { createRequire } from "node:module";
import { escapeHtml } from "./output_html.ts";

const require = createRequire(import.meta.url);
const style = await Deno.readTextFile(new URL("style.css", import.meta.url)) +
  await Deno.readTextFile(require.resolve("highlight.js/styles/github.css"));
const logo = await Deno.readTextFile(new URL("../../logo.svg", import.meta.url));

/**
 * A self-contained page that loads nothing.
 *
 * @param title As HTML.
 * @param body As HTML.
 */
export function pageHtml(title: string, body: string): string {
  const plainTitle = escapeHtml(title.replace(/<[^>]*>/g, "").replaceAll("&amp;", "&"));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${plainTitle} · nnunet-ts</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(logo)}">
<style>${style}</style>
</head>
<body>${body}</body>
</html>
`;
}
