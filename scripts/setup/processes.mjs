import { spawn } from "node:child_process";
import { constants } from "node:os";

/** @typedef {{ env?: NodeJS.ProcessEnv, cwd?: string }} Surroundings */
/** @typedef {{ code: number, out: string, err: string }} Ended */

/** What a shell says too, when there is no such command. */
export const NOT_FOUND = 127;

/**
 * Runs a command to its end and keeps what it says; never rejects.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Surroundings & { timeout?: number, onLine?: (line: string) => void }} [options] `timeout` in
 *     milliseconds; `onLine` sees standard output while it comes
 * @returns {Promise<Ended>}
 */
export async function capture(command, args, { timeout, onLine, ...options } = {}) {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
        out += text;
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        lines.forEach((line) => onLine?.(line));
    });
    child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => (err += text));
    const timer = timeout === undefined ? undefined : setTimeout(() => child.kill(), timeout);
    const code = await ended(child);
    clearTimeout(timer);
    return { code, out, err };
}

/**
 * Runs a command that talks to the person itself. What it writes to standard error is passed on and kept.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Surroundings} [options]
 * @returns {Promise<{ code: number, err: string }>}
 */
export async function attached(command, args, options = {}) {
    const child = spawn(command, args, { ...options, stdio: ["inherit", "inherit", "pipe"] });
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
        err += text;
        process.stderr.write(text);
    });
    // The terminal interrupts the child as well, which then ends in good order: stay until it has.
    const stay = () => {};
    const pass = () => child.kill("SIGTERM");
    process.on("SIGINT", stay).on("SIGTERM", pass);
    const code = await ended(child);
    process.off("SIGINT", stay).off("SIGTERM", pass);
    return { code, err };
}

/**
 * The exit code, as a shell would give it.
 *
 * @param {import("node:child_process").ChildProcess} child
 * @returns {Promise<number>}
 */
function ended(child) {
    return new Promise((resolve) => {
        child.on("error", () => resolve(NOT_FOUND));
        child.on("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
    });
}
