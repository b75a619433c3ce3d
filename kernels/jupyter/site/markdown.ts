/** Renders the prose of notebooks as HTML. */

import highlight from "highlight.js";
import { Marked, type Token, type Tokens } from "marked";
import { escapeXml } from "../../../lib/display/png.ts";

/** A heading of a page. */
export interface Heading {
  readonly depth: number;
  readonly id: string;
  /** As HTML. */
  readonly title: string;
}

/** Turns Markdown into HTML, and collects a page's headings. */
export class MarkdownPage {
  readonly headings: Heading[] = [];
  readonly #marked: Marked;

  constructor() {
    const { headings } = this;
    this.#marked = new Marked({
      renderer: {
        heading({ tokens, depth, text }) {
          const id = newId(text, headings);
          const title = this.parser.parseInline(tokens);
          headings.push({ depth, id, title });
          return `<h${depth} id="${id}">${title}</h${depth}>\n`;
        },
        code({ text, lang }) {
          return `<pre class="listing"><code>${highlighted(text, lang)}</code></pre>\n`;
        },
        link({ href, tokens }) {
          // Source files that JupyterLab opens are not part of the site.
          if (/^[\w/.-]+\.ts$/.test(href)) return this.parser.parseInline(tokens);
          // Notebooks link to each other by file name.
          const address = href.replace(/\.ipynb(?=#|$)/, ".html");
          return `<a href="${escapeXml(address)}">${this.parser.parseInline(tokens)}</a>`;
        },
      },
    });
  }

  render(markdown: string): string {
    return this.#marked.parse(markdown, { async: false });
  }
}

/** Source code as HTML with highlight.js's classes. */
export function highlighted(source: string, language = "typescript"): string {
  if (!highlight.getLanguage(language)) return escapeXml(source);
  return highlight.highlight(source, { language }).value;
}

/** The first heading of level 1 and the first paragraph, as HTML. */
export function titleAndLead(markdown: string): { title?: string; lead?: string } {
  const marked = new Marked();
  const tokens = marked.lexer(markdown);
  const inline = (token: Token | undefined) =>
    token && marked.parseInline((token as Tokens.Heading).text, { async: false });
  return {
    title: inline(tokens.find((token) => token.type === "heading" && token.depth === 1)),
    lead: inline(tokens.find((token) => token.type === "paragraph")),
  };
}

function newId(text: string, taken: readonly Heading[]): string {
  const slug = text.toLowerCase().replace(/<[^>]*>/g, "").replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "") || "section";
  let id = slug;
  for (let n = 2; taken.some((heading) => heading.id === id); n++) id = `${slug}-${n}`;
  return id;
}
