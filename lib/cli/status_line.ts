/** Progress on the terminal: one line that is written over, or now and then a line in a log. */

/** Seconds between lines where there is no terminal to write over. */
const LOG_INTERVAL = 20;

/** A live line below the printed ones. */
export class StatusLine {
  readonly #live = Deno.stdout.isTerminal();
  #shown = false;
  #logged = performance.now();

  /** Replaces the line. In a log it appears only if nothing was said for a while. */
  show(text: string): void {
    if (this.#live) {
      const { columns } = Deno.consoleSize();
      this.#write(`\r\x1b[2K${text.slice(0, columns - 1)}`);
      this.#shown = true;
    } else if (performance.now() - this.#logged > LOG_INTERVAL * 1000) {
      this.print(text);
    }
  }

  /** Prints a line that stays, above the live one. */
  print(text: string): void {
    this.clear();
    this.#write(`${text}\n`);
    this.#logged = performance.now();
  }

  /** Takes the live line away. */
  clear(): void {
    if (this.#shown) this.#write("\r\x1b[2K");
    this.#shown = false;
  }

  #write(text: string): void {
    Deno.stdout.writeSync(new TextEncoder().encode(text));
  }
}

/** Shows a step's progress with a bar and the time left, estimated from the time taken so far. */
export function progressBar(
  line: StatusLine,
  title: string,
): (done: number, total: number) => void {
  const begin = performance.now();
  return (done, total) => {
    const seconds = (performance.now() - begin) / 1000;
    const left = done > 0 ? `, ${formatDuration(seconds / done * (total - done))} left` : "";
    line.show(`${title} ${bar(done / total)} ${done}/${total}${left}`);
  };
}

/** A bar of 20 places, filled by a fraction. */
export function bar(fraction: number): string {
  const filled = Math.round(20 * Math.min(1, Math.max(0, fraction)));
  return "█".repeat(filled) + "░".repeat(20 - filled);
}

/** `0:07`, `12:30`, `3:05:00` */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const pad = (value: number) => `${value}`.padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}
