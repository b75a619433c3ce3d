/** Renders prose as HTML. */

import highlight from "highlight.js";
import { Marked, type Token, type Tokens } from "marked";
import { escapeXml } from "../../../lib/display/xml_text.ts";

/** Characters of code that fit into a line of a phone's window, also within lists. */
const LONGEST_WHOLE = 30;

/** A heading of a page. */
export interface Heading {
  readonly depth: number;
  readonly id: string;
  /** As HTML. */
  readonly title: string;
}

/** A part of a page from one heading to the next, as text. */
export interface Section {
  /** Identifier of its heading; empty before the first. */
  readonly id: string;
  readonly heading: string;
  readonly text: string;
}

/** Addresses of what prose refers to. */
export interface Links {
  /** The address of a link; undefined if the site does not have what it leads to. */
  readonly link: (href: string) => string | undefined;
  /** The attributes of a picture's element. */
  readonly picture: (href: string) => string;
}

const unchanged: Links = {
  link: (href) => href,
  picture: (href) => `src="${escapeXml(href)}"`,
};

/** Turns Markdown into HTML, and collects a page's headings and texts. */
export class MarkdownPage {
  readonly headings: Heading[] = [];
  readonly #sections: { id: string; heading: string; text: string[] }[] = [];
  readonly #marked: Marked;

  constructor(links: Links = unchanged) {
    const { headings } = this;
    const sections = this.#sections;
    this.#marked = new Marked({
      renderer: {
        heading({ tokens, depth, text }) {
          const id = newId(text, headings);
          const title = this.parser.parseInline(tokens);
          headings.push({ depth, id, title });
          sections.push({ id, heading: plainText(tokens), text: [] });
          return `<h${depth} id="${id}">${title}</h${depth}>\n`;
        },
        code({ text, lang }) {
          sections.at(-1)?.text.push(text);
          const [language, ...use] = (lang ?? "").split(/\s+/);
          return captioned(listing(text, language), use.join(" "));
        },
        codespan({ text }) {
          // Options are not broken after their dashes.
          const whole = text.length <= LONGEST_WHOLE ? ' class="whole"' : "";
          return `<code${whole}>${escapeXml(text)}</code>`;
        },
        link({ href, tokens }) {
          const text = this.parser.parseInline(tokens);
          const address = links.link(href);
          return address === undefined ? text : `<a href="${escapeXml(address)}">${text}</a>`;
        },
        image({ href, text }) {
          return `<img loading="lazy" alt="${escapeXml(text)}" ${links.picture(href)}>`;
        },
      },
    });
  }

  /** Renders prose. */
  render(markdown: string): string {
    const tokens = this.#marked.lexer(markdown);
    // One by one, so that texts follow their headings.
    return tokens.map((token) => {
      const html = this.#marked.parser([token])
        .replaceAll("<table>", '<div class="table"><table>')
        .replaceAll("</table>", "</table></div>");
      if (token.type !== "heading" && token.type !== "code") this.addText(plainText([token]));
      return html;
    }).join("");
  }

  /** Adds text to the last section, which can then be searched for. */
  addText(text: string): void {
    if (this.#sections.length === 0) this.#sections.push({ id: "", heading: "", text: [] });
    this.#sections.at(-1)!.text.push(text);
  }

  /** The texts of all sections so far. */
  get sections(): Section[] {
    return this.#sections.map(({ text, ...rest }) => ({
      ...rest,
      text: text.join(" ").replaceAll(/\s+/g, " ").trim(),
    }));
  }
}

/** Source code as an element of a page. */
export function listing(source: string, language?: string, attributes = ""): string {
  return `<pre class="listing"${attributes}><code>${highlighted(source, language)}</code></pre>\n`;
}

/** A listing with what its fence says behind the language: a file, or that it is an output. */
function captioned(listing: string, use: string): string {
  const caption = use === "output"
    ? "prints"
    : use.startsWith("merge ")
    ? `added to <code>${escapeXml(use.slice("merge ".length))}</code>`
    : /[./]/.test(use)
    ? `<code>${escapeXml(use.replace(/^write /, ""))}</code>`
    : undefined;
  if (caption === undefined) return listing;
  const kind = use === "output" ? "file prints" : "file";
  return `<figure class="${kind}"><figcaption>${caption}</figcaption>${listing}</figure>\n`;
}

/** Source code as HTML with highlight.js's classes. */
export function highlighted(source: string, language = "typescript"): string {
  if (!highlight.getLanguage(language)) return escapeXml(source);
  return highlight.highlight(source, { language }).value;
}

/** The first heading of level 1 and the first paragraph, as HTML. */
export function titleAndLead(markdown: string): { title?: string; lead?: string } {
  // The lead is shown within a link, which may not contain others.
  const marked = new Marked({
    renderer: {
      link({ tokens }) {
        return this.parser.parseInline(tokens);
      },
    },
  });
  const tokens = marked.lexer(markdown);
  const inline = (token: Token | undefined) =>
    token && marked.parseInline((token as Tokens.Heading).text, { async: false });
  return {
    title: inline(tokens.find((token) => token.type === "heading" && token.depth === 1)),
    lead: inline(tokens.find((token) => token.type === "paragraph")),
  };
}

/** The identifier of a heading, as GitHub and JupyterLab form it, except for case and punctuation. */
export function slugOf(text: string): string {
  return text.toLowerCase().replace(/<[^>]*>/g, "").replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "") || "section";
}

function newId(text: string, taken: readonly Heading[]): string {
  const slug = slugOf(text);
  let id = slug;
  for (let n = 2; taken.some((heading) => heading.id === id); n++) id = `${slug}-${n}`;
  return id;
}

/** The text of tokens without marks. */
function plainText(tokens: readonly Token[]): string {
  return tokens.map((token) => {
    if (token.type === "table") {
      const { header, rows } = token as Tokens.Table;
      return [header, ...rows].flatMap((row) => row.map((cell) => plainText(cell.tokens)))
        .join(" ");
    }
    if (token.type === "list") {
      return (token as Tokens.List).items.map((item) => plainText(item.tokens)).join(" ");
    }
    if (token.type === "html") return token.raw.replaceAll(/<[^>]*>/g, " ");
    if ("tokens" in token && token.tokens) return plainText(token.tokens);
    return "text" in token ? unescaped(token.text as string) : " ";
  }).join("");
}

/** Some tokens' texts are HTML. */
function unescaped(text: string): string {
  const entities: Record<string, string> = { lt: "<", gt: ">", amp: "&", quot: '"', "#39": "'" };
  return text.replaceAll(/&(lt|gt|amp|quot|#39);/g, (_, name) => entities[name]);
}
