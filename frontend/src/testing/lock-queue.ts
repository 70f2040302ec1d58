/** The exclusive part of the Web Locks API: one holder per name, the others wait in line. */
export class LockQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  request<T>(name: string, work: () => Promise<T>): Promise<T> {
    const previous = this.#last.get(name) ?? Promise.resolve();
    const result = previous.then(work, work);
    this.#last.set(name, result);
    return result;
  }
}
