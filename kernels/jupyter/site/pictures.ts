/** Moves embedded pictures of a page into files. */

import type { Assets, Picture } from "./assets.ts";

/** Characters from which on a picture becomes a file. */
const LARGE = 2000;

/** Decodes the data URL of a picture; undefined for other addresses. */
export function decodePicture(address: string): Picture | undefined {
  const [, type, base64, text] = address.match(/^data:(image\/[\w.+-]+)[^,]*?(;base64)?,(.*)$/s) ??
    [];
  if (type === undefined) return undefined;
  return {
    type,
    content: base64
      ? Uint8Array.fromBase64(text)
      : new TextEncoder().encode(decodeURIComponent(text)),
  };
}

/** Width and height of a PNG or SVG in pixels; undefined if the picture does not say. */
export function sizeOf({ type, content }: Picture): [width: number, height: number] | undefined {
  if (type === "image/png" && content.length > 24) {
    const view = new DataView(content.buffer, content.byteOffset);
    return [view.getUint32(16), view.getUint32(20)];
  }
  if (type !== "image/svg+xml") return undefined;
  const tag = new TextDecoder().decode(content).match(/<svg\b[^>]*>/)?.[0] ?? "";
  const box = tag.match(/\bviewBox="\S+ \S+ (\S+) (\S+)"/)?.slice(1).map(Number);
  const side = (name: string) => Number.parseFloat(tag.match(`\\b${name}="([^"%]+)"`)?.[1] ?? "");
  const size = [side("width") || box?.[0], side("height") || box?.[1]];
  return size[0] && size[1] ? [size[0], size[1]] : undefined;
}

/** Makes a picture a file, and returns the attributes of an `img` element that shows it. */
export function pictureAttributes(picture: Picture, assets: Assets): string {
  const size = sizeOf(picture)?.map(Math.round);
  return `src="${assets.addPicture(picture)}"` +
    (size ? ` width="${size[0]}" height="${size[1]}"` : "");
}

/**
 * Returns a fragment of a page whose large embedded pictures are files, which are loaded when they
 * come into view. Each has its size as attributes, so that nothing moves when it arrives.
 */
export function withPictureFiles(html: string, assets: Assets): string {
  return html.replaceAll(/<img\b[^>]*>/g, (tag) => {
    const [attribute, address] = tag.match(/\bsrc="([^"]*)"/) ?? [];
    if (attribute === undefined || address.length < LARGE) return tag;
    const picture = decodePicture(address);
    if (!picture) return tag;
    return `<img loading="lazy" decoding="async"${sizeAttributes(tag, picture)}` +
      tag.slice("<img".length).replace(attribute, `src="${assets.addPicture(picture)}"`);
  });
}

/** The size attributes that an `img` element lacks. */
function sizeAttributes(tag: string, picture: Picture): string {
  const size = sizeOf(picture);
  if (!size || /\sheight=/.test(tag)) return "";
  const width = Number(tag.match(/\swidth="(\d+)"/)?.[1] ?? Number.NaN);
  if (Number.isNaN(width)) return ` width="${Math.round(size[0])}" height="${Math.round(size[1])}"`;
  return ` height="${Math.round(width * size[1] / size[0])}"`;
}
