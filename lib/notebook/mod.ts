/**
 * What notebooks use beside the library itself: `import { … } from "nnunet/notebook"`.
 *
 * @module
 */

export { Interrupted, interruptible } from "./interrupt.ts";
