import { unlessAborted } from './timeouts';

/** The exclusive part of the Web Locks API: one holder per name, the others wait in line. */
export class LockQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  async request<T>(
    name: string,
    { signal }: { signal: AbortSignal },
    work: () => Promise<T>,
  ): Promise<T> {
    const turn = this.#last.get(name) ?? Promise.resolve();
    const result = unlessAborted(turn, signal).then(work);
    // A request that is aborted doesn't let the next one go first.
    this.#last.set(name, Promise.allSettled([turn, result]));
    return result;
  }
}
