/**
 * Keeps outputs under their cells. JupyterLite's kernel sends outputs through a port and the end of a
 * cell through the window; an end that overtakes an output puts it under the next cell.
 */

type Code = (this: unknown) => Promise<unknown>;

/** The parts of the frame that are used. */
const frame = globalThis as unknown as {
  Function: FunctionConstructor;
  display(value: unknown): void;
};

/** How the code begins that the kernel compiles for a cell. */
const cellStart = /^\s*return async function\(\) \{/;

/** Makes cells end only when their outputs have arrived. */
export function holdCells(): void {
  frame.Function = new Proxy(frame.Function, {
    apply(compile, self, code: string[]) {
      const made = Reflect.apply(compile, self, code);
      if (code.length !== 1 || !cellStart.test(code[0])) return made;
      return function (this: unknown): Code {
        const run: Code = made.call(this);
        return async function () {
          try {
            const value = await run.call(this);
            // The kernel would send it after the wait, if it were returned.
            if (value !== undefined) frame.display(value);
          } finally {
            await outputsArrive();
          }
        };
      };
    },
  });
}

/** Waits for a message on a port: what was sent on other ports before it has arrived by then. */
async function outputsArrive(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(undefined);
  });
  port1.close();
}
