/** The 3D viewer, as a script that a page runs from a string, without a server. */

export { esm } from "npm:@niivue/niivue@0.69.0/min";
