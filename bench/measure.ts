import { setTimeout as sleep } from "node:timers/promises";

/** What was measured, in which unit, and the bar that it must stay below, if it has one. */
export interface Measurement {
    readonly what: string;
    readonly unit: "s" | "% of a core" | "MiB";
    readonly bar?: number;
    readonly values: readonly number[];
}

/** Ends the bench early but in good order: what is being measured fails, and everything is taken down. */
const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => interruption.abort(new Error(`ended by ${name}`)));
}

/** Does something over and over, and keeps every result. */
export async function repeated<T>(rounds: number, work: (round: number) => Promise<T>): Promise<T[]> {
    const results = [];
    for (let round = 1; round <= rounds; round++) {
        interruption.signal.throwIfAborted();
        results.push(await work(round));
    }
    return results;
}

/** Seconds that some work takes, over and over. What `prepare` does before each round does not count. */
export function timed(
    rounds: number,
    work: () => Promise<unknown>,
    prepare: (round: number) => unknown = () => undefined,
): Promise<number[]> {
    return repeated(rounds, async (round) => {
        await prepare(round);
        const start = performance.now();
        await work();
        return (performance.now() - start) / 1000;
    });
}

export async function pause(seconds: number): Promise<void> {
    await sleep(seconds * 1000, undefined, { signal: interruption.signal });
}

export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
    const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
    return (lower + upper) / 2;
}

/** Whether every value stays below the bar, or only the median, or not even that. */
export function verdict({ bar, values }: Measurement): string {
    if (bar === undefined) return "";
    if (Math.max(...values) < bar) return "met";
    return median(values) < bar ? "met by the median" : "**missed**";
}
