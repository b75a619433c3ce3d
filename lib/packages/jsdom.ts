/** The window in which Plotly draws pictures without a browser. */

export { JSDOM } from "npm:jsdom@31.0.1";
