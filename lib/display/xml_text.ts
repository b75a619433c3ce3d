/** Escapes text for SVG and HTML. */

import { printable } from "../untrusted/printable.ts";

/** Escapes text for an SVG's elements and attributes. */
export function escapeXml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
  };
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

/**
 * Escapes a text with names from others, which may contain markup and characters that XML forbids
 * or that change the order of the text around them.
 */
export function xmlText(text: string): string {
  return escapeXml(printable(text, { keepLines: true }));
}
