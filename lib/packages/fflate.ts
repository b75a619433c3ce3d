/** Deflate in JavaScript, for pages, where the browser's own works in streams only. */

export { Gunzip, gunzipSync, inflateSync, unzlibSync } from "npm:fflate@0.8.3";
