import { readFile, rename, writeFile } from 'node:fs/promises';

/**
 * A JSON document kept in memory and on disk. A save replaces the file as a whole (write aside,
 * then rename), so a crash leaves the old state or the new one and never half of it.
 *
 * @template T
 */
export class JsonFile {
  /** @type {Promise<void> | undefined} */
  #queued;
  /** @type {Promise<unknown>} */
  #writing = Promise.resolve();

  /**
   * @param {string} path
   * @param {T} data Change it in place, then call {@link save}.
   */
  constructor(path, data) {
    this.path = path;
    this.data = data;
  }

  /**
   * Reads the file, or starts from `initial` when there is none.
   *
   * @template T
   * @param {string} path
   * @param {T} initial
   * @returns {Promise<JsonFile<T>>}
   * @throws {Error} when the file can't be read or isn't JSON.
   */
  static async open(path, initial) {
    let text;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
      return new JsonFile(path, initial);
    }
    try {
      return new JsonFile(path, JSON.parse(text));
    } catch (cause) {
      throw new Error(`${path} is not valid JSON. Repair it, or remove it to start afresh.`, {
        cause,
      });
    }
  }

  /**
   * Resolves when the state at the time of the call is on disk. Calls made during a write share
   * the next one.
   *
   * @returns {Promise<void>}
   */
  save() {
    this.#queued ??= this.#writing.then(() => {
      this.#queued = undefined;
      const write = this.#write();
      this.#writing = write.catch(() => {});
      return write;
    });
    return this.#queued;
  }

  async #write() {
    const aside = `${this.path}.new`;
    await writeFile(aside, JSON.stringify(this.data), { mode: 0o600 });
    await rename(aside, this.path);
  }
}
