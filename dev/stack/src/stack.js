import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, start, startTime, stop } from './children.js';
import { postgresDir } from './paths.js';
import { startPostgres } from './postgres.js';
import { Failure } from './progress.js';

/** @typedef {import('./children.js').Child} Child */

/** How long a part may take to answer after it was started, in ms. The first build is part of it. */
const readyTimeout = 170_000;

/**
 * The processes that make up the running application. What it starts it notes
 * in a file, so that a later one can clear away what a killed one left behind.
 */
export class Stack {
  /** @type {ReturnType<typeof start>[]} */
  #children = [];
  #stopping = false;
  #noted = false;
  #dir;
  #stateFile;

  /** Called when a part ends that nobody told to. @type {(message: string) => void} */
  onFailure = () => {};

  /** @param {string} dir folder for logs and the note of what runs */
  constructor(dir) {
    this.#dir = dir;
    this.#stateFile = path.join(dir, 'running.json');
    fs.mkdirSync(path.join(dir, 'logs'), { recursive: true });
  }

  /** Stops what a killed stack left behind. It throws if one is still running. */
  async recover() {
    if (!fs.existsSync(this.#stateFile)) return;
    /** @type {{owner: Pick<Child, 'pid' | 'startedAt'>, children: Child[]}} */
    const { owner, children } = JSON.parse(fs.readFileSync(this.#stateFile, 'utf8'));
    if (startTime(owner.pid) === owner.startedAt) {
      throw new Failure(
        `It is running already (pid ${owner.pid}). Stop it with Ctrl-C or: kill ${owner.pid}`,
      );
    }
    await stopInOrder(children.filter(isAlive));
    fs.rmSync(this.#stateFile);
  }

  /**
   * Starts a part of the stack.
   *
   * @param {string} name
   * @param {string} command
   * @param {string[]} args
   * @param {{cwd: string, env?: NodeJS.ProcessEnv}} options
   */
  start(name, command, args, options) {
    return this.#add(start(name, command, args, { ...options, logFile: this.#logFile(name) }));
  }

  /** Starts Postgres and waits until it accepts connections. */
  async startPostgres(dir = postgresDir) {
    const { child, database, isReady } = await startPostgres(dir, this.#logFile('postgres'));
    this.#add(child);
    await this.waitUntil(child, isReady);
    return database;
  }

  /**
   * Waits until a part is ready.
   *
   * @param {ReturnType<typeof start>} child
   * @param {() => Promise<boolean>} isReady
   */
  async waitUntil(child, isReady) {
    const deadline = Date.now() + readyTimeout;
    while (!(await isReady())) {
      if (this.#stopping) throw new Failure('stopped');
      if (child.hasExited()) throw new Failure(await this.#report(child));
      if (Date.now() > deadline)
        throw new Failure(`${child.name} did not get ready in time. ${this.#logTail(child.name)}`);
      await delay(100);
    }
  }

  /**
   * Stops one part.
   *
   * @param {ReturnType<typeof start>} child
   */
  async stopOne(child) {
    this.#children = this.#children.filter((other) => other !== child);
    this.#note();
    await stop(child);
  }

  /** Stops everything, the database last. */
  async stop() {
    this.#stopping = true;
    await stopInOrder(this.#children);
    if (this.#noted) fs.rmSync(this.#stateFile, { force: true }); // else it is somebody else's
  }

  /** @param {ReturnType<typeof start>} child */
  #add(child) {
    this.#children.push(child);
    this.#note();
    void child.exited.then(async () => {
      if (!this.#stopping && this.#children.includes(child))
        this.onFailure(await this.#report(child));
    });
    return child;
  }

  #note() {
    const owner = { pid: process.pid, startedAt: startTime(process.pid) };
    const children = this.#children.map(({ name, pid, startedAt, stopSignal }) => ({
      name,
      pid,
      startedAt,
      stopSignal,
    }));
    const unfinished = `${this.#stateFile}.new`;
    fs.writeFileSync(unfinished, JSON.stringify({ owner, children }));
    fs.renameSync(unfinished, this.#stateFile);
    this.#noted = true;
  }

  /** @param {ReturnType<typeof start>} child */
  async #report(child) {
    return `${child.name} ${await child.exited}. ${this.#logTail(child.name)}`;
  }

  /** @param {string} name */
  #logFile(name) {
    return path.join(this.#dir, 'logs', `${name}.log`);
  }

  /** @param {string} name */
  #logTail(name) {
    const lines = fs.readFileSync(this.#logFile(name), 'utf8').trimEnd().split('\n');
    return `Its log, ${this.#logFile(name)}, ends so:\n\n${lines.slice(-20).join('\n')}\n`;
  }
}

/** @param {Child[]} children */
async function stopInOrder(children) {
  // Whoever uses Postgres goes before it.
  const database = children.filter((child) => child.name === 'postgres');
  await Promise.all(children.filter((child) => !database.includes(child)).map(stop));
  await Promise.all(database.map(stop));
}

/**
 * Whether a URL answers with 200.
 *
 * @param {string} url
 */
export async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
