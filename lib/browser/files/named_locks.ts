/** Locks by name: those of the browser, or of this thread where it has none. */

/** The parts of the browser's `LockManager` that are used. */
interface LockManager {
  request<T>(
    name: string,
    options: { readonly ifAvailable: true; readonly mode: LockMode },
    use: (lock: unknown) => T | Promise<T>,
  ): Promise<T>;
  query(): Promise<{ readonly held?: readonly { readonly name?: string }[] }>;
}

/** Whether a lock has one holder or several. */
export type LockMode = "exclusive" | "shared";

/** Locks by name. */
export interface NamedLocks {
  /** Takes a lock and returns how to release it; undefined if it is held. */
  take(name: string, mode: LockMode): Promise<(() => void | Promise<void>) | undefined>;
  /** Lists the names of the locks that are held. */
  held(): Promise<string[]>;
}

/** The locks of all pages of this site. */
class SiteLocks implements NamedLocks {
  constructor(readonly manager: LockManager) {}

  take(name: string, mode: LockMode): Promise<(() => Promise<void>) | undefined> {
    return new Promise((resolve, reject) => {
      const done = this.manager.request(name, { ifAvailable: true, mode }, async (lock) => {
        if (!lock) return resolve(undefined);
        await new Promise<void>((end) =>
          resolve(() => {
            end();
            return done.then(() => {});
          })
        );
      });
      done.catch(reject);
    });
  }

  async held(): Promise<string[]> {
    return ((await this.manager.query()).held ?? []).map(({ name = "" }) => name);
  }
}

/** The locks of this thread. */
class ThreadLocks implements NamedLocks {
  /** Number of holders by name; negative for an exclusive one. */
  readonly #holders = new Map<string, number>();

  take(name: string, mode: LockMode): Promise<(() => void) | undefined> {
    const holders = this.#holders.get(name) ?? 0;
    if (holders < 0 || holders > 0 && mode === "exclusive") return Promise.resolve(undefined);
    this.#holders.set(name, mode === "exclusive" ? -1 : holders + 1);
    return Promise.resolve(() => {
      const left = mode === "exclusive" ? 0 : this.#holders.get(name)! - 1;
      if (left === 0) this.#holders.delete(name);
      else this.#holders.set(name, left);
    });
  }

  held(): Promise<string[]> {
    return Promise.resolve([...this.#holders.keys()]);
  }
}

let locks: Promise<NamedLocks> | undefined;

/** The locks that this browser has for the page. */
export function namedLocks(): Promise<NamedLocks> {
  return locks ??= findLocks();
}

async function findLocks(): Promise<NamedLocks> {
  const manager = (navigator as unknown as { readonly locks?: LockManager }).locks;
  try {
    await manager?.query(); // Pages opened from a disk may not.
    return manager ? new SiteLocks(manager) : new ThreadLocks();
  } catch {
    return new ThreadLocks();
  }
}
