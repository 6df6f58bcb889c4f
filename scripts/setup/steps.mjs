// What a person sees of the set-up: each step by name, how long it may take, and how long it has taken.

/** A failure that a person can do something about: `next` says what. */
export class Problem extends Error {
    /**
     * @param {string} what
     * @param {string} next
     */
    constructor(what, next) {
        super(what);
        this.next = next;
    }
}

/** @param {string} text */
export function say(text) {
    process.stdout.write(`==> ${text}\n`);
}

/**
 * Announces work and, while it lasts, the time it has taken: ticking on a terminal, a line now and then in a log.
 *
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
    say(title);
    const start = Date.now();
    const terminal = process.stdout.isTTY;
    const tick = () => {
        const text = `    ${elapsed(Date.now() - start)}`;
        process.stdout.write(terminal ? `\r${text}\r` : `${text}\n`);
    };
    const timer = setInterval(tick, terminal ? 1_000 : 20_000);
    try {
        return await work();
    } finally {
        clearInterval(timer);
        if (terminal) process.stdout.write("\r\x1b[K");
    }
}

/** @param {number} milliseconds */
export function elapsed(milliseconds) {
    const seconds = Math.round(milliseconds / 1000);
    return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Runs a command's work and ends with its exit code; a problem is told without a stack trace.
 *
 * @param {() => Promise<number>} work
 */
export async function main(work) {
    try {
        process.exitCode = await work();
    } catch (error) {
        if (!(error instanceof Problem)) throw error;
        process.stderr.write(`\nerror: ${error.message}\n${indented(error.next)}\n`);
        process.exitCode = 1;
    }
}

/** @param {string} text */
export function indented(text) {
    return text.trimEnd().replace(/^/gm, "    ");
}
