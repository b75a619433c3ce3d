/** Zstandard in JavaScript, for pages, whose browsers have none. */

export { decompress } from "npm:fzstd@0.1.1";
