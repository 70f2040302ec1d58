import { readFile, rename, writeFile } from 'node:fs/promises';

/**
 * A JSON document in memory and on disk. A save replaces the whole file, so a crash never leaves half
 * of it.
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
   * Reads the file. If there is none, it is made.
   *
   * @template T
   * @param {string} path
   * @param {() => T | Promise<T>} initial The data of a new file.
   * @returns {Promise<JsonFile<T>>}
   * @throws {Error} if the file can't be read or isn't JSON.
   */
  static async open(path, initial) {
    const text = await readFile(path, 'utf8').catch((error) => {
      if (error.code !== 'ENOENT') throw error;
    });
    if (text === undefined) {
      const file = new JsonFile(path, await initial());
      await file.save();
      return file;
    }
    try {
      return new JsonFile(path, JSON.parse(text));
    } catch (cause) {
      throw new Error(`${path} is not valid JSON. Repair or remove it.`, { cause });
    }
  }

  /**
   * Resolves when the data is on disk. Calls during a write share the next write.
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
    const temporary = `${this.path}.new`;
    await writeFile(temporary, JSON.stringify(this.data), { mode: 0o600 });
    await rename(temporary, this.path);
  }
}
