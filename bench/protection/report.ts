import type { Speed } from "../dnsdist/speed";
import { shown, table, writeDocument } from "../report";

/** An attack, and what came of a neighbour's queries meanwhile. */
export interface Attacked {
    readonly what: string;
    /** The neighbour's p99 to what it was in peace, round by round. */
    readonly ratios: number[];
    /** Of the neighbour's queries, those that were not answered rightly. */
    lost: number;
    sent: number;
    /** Bytes that somebody else got for each that was sent in its name. */
    readonly factors: number[];
}

/** What an attack costs whatever the service does about it: attacker and neighbour share a machine. */
export const control = "10,000 packets a second, which the host drops";

/** Writes `docs/protection-bench.md`; returns its name. */
export function write(
    surroundings: readonly (readonly [string, string])[],
    rounds: readonly (readonly Speed[])[],
    attacked: readonly Attacked[],
): Promise<string> {
    const [on, off] = ["with protection", "without"];
    const values = (what: string, key: "perSecond" | "own") =>
        rounds.map((round) => round.find((speed) => speed.what === what)![key]);
    const dropped = attacked.find(({ what }) => what === control)!.ratios;
    const difference = values(on, "own").map((value, round) => value - values(off, "own")[round]!);
    const ratio = values(on, "perSecond").map((value, round) => value / values(off, "perSecond")[round]!);
    return writeDocument(
        "docs/protection-bench.md",
        `# Protection, measured

Written by \`npm run bench -- protection\`. Each figure is the median, with the least and the most; ratios are taken within a
round.

${table([["", ""], ...surroundings])}

## What it costs

${rounds.length} rounds of 400,000 questions for 1,000 known names, as fast as they are answered, of a client that is not the host:
with limits that it does not reach, and without any.

${table([
    ["", "Answers a second", "CPU us of dnsdist"],
    ...[on, off].map((what) => [what, shown(values(what, "perSecond")), shown(values(what, "own"))]),
])}

Protection costs ${shown(difference, " us")} of CPU time a query; answers a second are ${shown(ratio)} of those without.

## A neighbour under attack

A neighbour asks 500 queries a second, a third of them for new names, in peace and then beside an attack of 6 s, with the
defaults. Attacker, neighbour, their Internet and the service share this machine's cores: what an attacker's own work costs the
neighbour is in the first row, whose packets never reach dnsdist. The last column is each attack's to that, of the same round.

${table([
    ["Attack", "Neighbour's p99 to that in peace (bar 1.5)", "Not answered rightly, of", "To the first row"],
    ...attacked.map(({ what, ratios, lost, sent }) => [
        what,
        shown(ratios),
        `${lost} of ${sent.toLocaleString("en")}`,
        what === control ? "" : shown(ratios.map((ratio, round) => ratio / dropped[round]!)),
    ]),
])}

Who is asked for in the name of somebody else sends that one ${shown(attacked.flatMap(({ factors }) => factors))} bytes for each byte.
`,
    );
}
