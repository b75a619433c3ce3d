/** What code in a worker may throw, and what the other thread should receive. */

import { FileError } from "../../lib/platform/file_error.ts";

/** A value to throw. */
export interface ThrownValue {
  readonly thrown: unknown;
  /** Message of the error on the other side. */
  readonly message: string;
  /** Name of that error; `Error` by default. */
  readonly name?: string;
  /** Message of its cause. */
  readonly cause?: string;
}

const circle = new Error("In a circle");
circle.cause = circle;

/** An object whose every property throws when it is read. */
const trap = new Proxy(new Error("Trap"), {
  get() {
    throw new Error("Read");
  },
});

const unexplained = "an error without a message";

export const thrownValues: readonly ThrownValue[] = [
  { thrown: "just text", message: "just text" },
  { thrown: "", message: unexplained },
  { thrown: undefined, message: unexplained },
  { thrown: null, message: unexplained },
  { thrown: 17, message: "error 17" },
  { thrown: Symbol("x"), message: unexplained },
  { thrown: () => 1, message: unexplained },
  { thrown: {}, message: unexplained },
  { thrown: { exception: "cut at byte 7", dataSet: { read: () => 1 } }, message: "cut at byte 7" },
  { thrown: { error: { message: "inside" } }, message: "inside" },
  { thrown: new Error(""), message: unexplained },
  { thrown: new TypeError(""), message: "TypeError", name: "TypeError" },
  { thrown: new Error("", { cause: "below" }), message: "below", cause: "below" },
  { thrown: new Error("a", { cause: () => 1 }), message: "a", cause: unexplained },
  {
    thrown: new RangeError("b", { cause: { exception: "c", parser: () => 1 } }),
    message: "b",
    name: "RangeError",
    cause: "c",
  },
  { thrown: Object.assign(new Error("d"), { handle: () => 1 }), message: "d" },
  {
    thrown: new DOMException("Stopped", "AbortError"),
    message: "Stopped",
    name: "AbortError",
  },
  { thrown: new AggregateError([new Error("e")], "f"), message: "f", name: "AggregateError" },
  { thrown: circle, message: "In a circle", cause: "In a circle" },
  { thrown: trap, message: unexplained },
  {
    thrown: new FileError("write", "a.nii.gz", { code: "ENOSPC" }),
    message: "Cannot write a.nii.gz: the disk is full",
    name: "FileError",
    cause: unexplained,
  },
];
