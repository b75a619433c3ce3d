/** Schemas. Zod's messages say best what was found in a file of others and what was expected. */

export { z } from "npm:zod@4.6.7";
