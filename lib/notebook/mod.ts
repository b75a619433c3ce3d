/**
 * Pictures for notebooks: volumes to page through, curves that grow while training, tables.
 *
 * In a notebook they appear below the cell; elsewhere the same calls write a page or a picture and
 * return its path.
 *
 * @module
 */

export { type FileOptions, inNotebook } from "./host.ts";
export { type MimeBundle, Output } from "./output.ts";
export { compare, show, type ShowOptions } from "./show.ts";
export { type VolumeOptions, volumeView, type VolumeViewOptions } from "./volume_view.ts";
