import type { WarmUp } from "../cache/warm-up";
import type { Speed } from "../dnsdist/speed";
import { number, shown, table, writeDocument } from "../report";

/** Writes `docs/resolvers-bench.md`; returns its name. */
export function write(
    surroundings: readonly (readonly [string, string])[],
    answers: readonly Speed[][],
    egress: readonly Speed[][],
    warmUps: readonly WarmUp[],
): Promise<string> {
    return writeDocument(
        "docs/resolvers-bench.md",
        `# The resolvers, measured

Written by \`npm run bench -- resolvers\`. Each figure is the median, with the least and the most; ratios are taken within a
round, in which both sides take turns.

${table([["", ""], ...surroundings])}

## Beside bare kresd

Answers from the cache, 300,000 a round, ${answers.length} rounds, without dnsdist: of a resolver of this program, with its shared
cache and all that it loads; and of kresd as it comes from its makers. The ratio is of answers per CPU second. Bar: at least 0.97.

${table([
    ["", "CPU us an answer", "Answers a second", "Ratio"],
    row(answers, "ours", "a resolver of this program", ratios(answers, "bare kresd", "ours")),
    row(answers, "bare kresd", "bare kresd"),
])}

## Its network

New names, 30,000 a round, ${egress.length} rounds, through dnsdist, of a Docker host of its own in front of the lab Internet. Its
resolvers ask by Docker's NAT (\`network: bridge\`) or as the host itself (\`network: host\`). CPU of the whole machine, who asks
and who knows included.

${table([
    ["", "CPU us an answer", "Of the Docker host", "Answers a second", "Ratio of CPU"],
    ...(["bridge", "host"] as const).map((what) => [
        what,
        shown(of(egress, what, "machine")),
        shown(of(egress, what, "own")),
        shown(of(egress, what, "perSecond")),
        what === "host" ? shown(ratios(egress, "host", "bridge")) : "",
    ]),
])}

## What a resolver holds

${table([
    ["Entries", "Of its cache, MiB", "Beside it, MiB", "Bytes an entry"],
    ...warmUps.map(({ entries, cacheMiB, besideMiB }) => [
        String(entries),
        number(cacheMiB),
        number(besideMiB),
        String(Math.round((cacheMiB * 2 ** 20) / entries)),
    ]),
])}
`,
    );
}

function row(
    rounds: readonly Speed[][],
    what: string,
    title: string,
    ratio: readonly number[] = [],
): string[] {
    return [
        title,
        shown(of(rounds, what, "own")),
        shown(of(rounds, what, "perSecond")),
        ratio.length > 0 ? shown(ratio) : "",
    ];
}

const of = (rounds: readonly Speed[][], what: string, key: "own" | "machine" | "perSecond") =>
    rounds.map((round) => round.find((each) => each.what === what)![key]);

/** The CPU time of one over that of another, round by round. */
function ratios(rounds: readonly Speed[][], one: string, other: string) {
    const below = of(rounds, other, "own");
    return of(rounds, one, "own").map((value, round) => value / below[round]!);
}
