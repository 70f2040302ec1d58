import { spawn, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * @typedef {object} Child A process of the stack, the leader of its own process group.
 * @property {string} name
 * @property {number} pid
 * @property {string} startedAt Tells the process from a later one with the same pid.
 * @property {NodeJS.Signals} stopSignal
 */

/** How long a process may take to stop before it is killed, in ms. */
const stopTimeout = 8_000;

/**
 * Starts a process in a group of its own, so that the terminal's Ctrl-C does
 * not reach it and all it starts can be stopped with it. Its output goes to a
 * log file.
 *
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd: string, env?: NodeJS.ProcessEnv, logFile: string, user?: {uid: number, gid: number}, stopSignal?: NodeJS.Signals}} options
 * @returns {Child & {exited: Promise<string>, hasExited: () => boolean}} exited resolves with how it ended
 */
export function start(
  name,
  command,
  args,
  { cwd, env = process.env, logFile, user, stopSignal = 'SIGTERM' },
) {
  const log = fs.openSync(logFile, 'w');
  const child = spawn(command, args, {
    cwd,
    env,
    ...user,
    detached: true,
    stdio: ['ignore', log, log],
  });
  fs.closeSync(log);
  let ended = false;
  const exited = new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) =>
      resolve(signal ? `was ended by ${signal}` : `exited with code ${code}`),
    );
  }).then((how) => {
    ended = true;
    return how;
  });
  const pid = child.pid ?? 0;
  return { name, pid, startedAt: startTime(pid), stopSignal, exited, hasExited: () => ended };
}

/**
 * Stops a process and everything in its group, and waits until they are gone.
 *
 * @param {Child} child
 */
export async function stop(child) {
  if (!child.pid) return;
  for (const signal of /** @type {NodeJS.Signals[]} */ ([child.stopSignal, 'SIGKILL'])) {
    if (!signalGroup(child.pid, signal)) return;
    const deadline = Date.now() + stopTimeout;
    while (Date.now() < deadline) {
      if (!signalGroup(child.pid, 0)) return;
      await delay(50);
    }
  }
}

/**
 * Whether the process is still the one that was started.
 *
 * @param {Child} child
 */
export function isAlive(child) {
  return child.startedAt !== '' && startTime(child.pid) === child.startedAt;
}

/**
 * When a process was started, in the words of the operating system; empty if
 * there is none such.
 *
 * @param {number} pid
 */
export function startTime(pid) {
  try {
    if (process.platform === 'linux') {
      // The 22nd field. The 2nd is the command in brackets and may hold spaces.
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state === 'Z' ? '' : (rest[18] ?? '');
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return ''; // no such process
  }
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} whether there is such a group
 */
function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
