/** Writes an exported page as HTML. */

import { xmlText } from "../display/xml_text.ts";
import { elementIds, fileClass, pageFileNames, type PageManifest } from "./page_manifest.ts";

/** A file inside a page. */
export interface InlineFile {
  readonly name: string;
  /** Whether its bytes are packed with gzip. */
  readonly isPacked: boolean;
  /** The file in base64, in parts that are decoded one by one: each fits in a string. */
  readonly base64: Iterable<string>;
}

/**
 * What a page may do. Nothing in it can reach a server: scans stay on the reader's computer even if
 * the page had a fault.
 */
const inlinePolicy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:",
  "worker-src blob:",
  "style-src 'unsafe-inline'",
  "img-src data: blob:",
  "connect-src blob: data:",
].join("; ");

/** The same for a page with its files beside it, which fits sites with a strict policy of their own. */
const folderPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
].join("; ");

/** Returns a page that contains all its files, in pieces. */
export function* inlinePage(
  manifest: PageManifest,
  files: Iterable<InlineFile>,
  script: string,
): Generator<string> {
  yield head(manifest, inlinePolicy);
  for (const { name, isPacked, base64 } of files) {
    for (const part of base64) {
      yield `<script type="text/plain" class="${fileClass}" data-name="${xmlText(name)}"` +
        `${isPacked ? ' data-packing="gzip"' : ""}>`;
      yield part;
      yield "</script>\n";
    }
  }
  yield `<script>${inScript(script)}</script>\n</body>\n</html>\n`;
}

/** Returns a page whose files are beside it. */
export function pageOfFolder(manifest: PageManifest): string {
  return `${head(manifest, folderPolicy)}<script src="${pageFileNames.page}"></script>\n` +
    "</body>\n</html>\n";
}

function head(manifest: PageManifest, policy: string): string {
  const { name, configurations } = manifest.facts;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="nnunet ${xmlText(manifest.facts.version)}">
<title>${xmlText(`${name}, ${configurations.join(" and ")}`)}</title>
</head>
<body>
<div id="${elementIds.root}"></div>
<noscript>This page segments scans with a program of its own; allow it to run scripts.</noscript>
<script type="application/json" id="${elementIds.manifest}">${
    inScript(JSON.stringify(manifest))
  }</script>
`;
}

/** Escapes what would end a script's element, or begin a comment in it, inside strings of the script. */
function inScript(text: string): string {
  return text.replaceAll(/<(?=\/script|!--|script)/gi, "\\u003C");
}
