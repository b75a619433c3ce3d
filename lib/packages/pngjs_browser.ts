/** PNG in JavaScript, the build of pngjs that brings Node's buffers along. */

export { PNG } from "npm:pngjs@7.0.0/browser.js";
