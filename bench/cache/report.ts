import { number, shown, table, writeDocument } from "../report";
import type { CostRound } from "./cost";
import type { Outcome } from "./others";
import type { Sharing } from "./sharing";
import type { WarmUp } from "./warm-up";

/** Writes `docs/cache-bench.md`; returns its name. */
export function write(
    surroundings: readonly (readonly [string, string])[],
    costs: readonly CostRound[],
    warmUps: readonly WarmUp[],
    shared: readonly Sharing[],
    outcomes: readonly Outcome[],
): Promise<string> {
    const ratios = (kind: keyof CostRound) => costs.map((round) => round[kind].shared / round[kind].alone);
    const one = shared[0]!.upstream;
    const groups = outcomes
        .filter(({ who }) => who === "ours")
        .filter((each, index, all) => all.findIndex((other) => same(each, other)) === index);
    return writeDocument(
        "docs/cache-bench.md",
        `# The shared cache, measured

Written by \`npm run bench -- cache\`. Each figure is the median, with the least and the most; ratios are taken within a
round, in which both sides take turns.

${table([["", ""], ...surroundings])}

## What it costs a resolver

CPU time for an answer, in microseconds: ${costs.length} rounds of 200,000 questions for 1,000 known names and of 30,000 for
new ones as fast as they are answered, and of 2,500 new ones at 500 a second, when the resolver wakes up for each; of a
resolver that shares with a peer and of one whose cache is its own.

${table([
    ["Answer", "Bar", "Shared", "Alone", "Ratio"],
    ...(
        [
            ["hit", "from the cache", "1.03"],
            ["miss", "from the Internet", "1.10"],
            ["calmMiss", "from the Internet, calmly", ""],
        ] as const
    ).map(([kind, title, bar]) => [
        title,
        bar,
        shown(costs.map((round) => round[kind].shared)),
        shown(costs.map((round) => round[kind].alone)),
        shown(ratios(kind)),
    ]),
])}

## How soon a new resolver knows what the others know

${table([
    ["Entries", "Bar", "Seconds", "Bytes an entry in Redis"],
    ...warmUps.map(({ entries, seconds, bytesAnEntry }) => [
        String(entries),
        entries === 100_000 ? "1" : "",
        shown(seconds),
        String(Math.round(bytesAnEntry)),
    ]),
])}

## What the Internet is asked

${shared[0]!.asked} questions, 1,000 a second, through dnsdist, by a Zipf distribution over the domains of the lab Internet; all
resolvers new. Bar for those that share: 1.15.

${table([
    ["", "Queries upstream", "Ratio to one"],
    ...shared.map(({ what, upstream }) => [what, String(upstream), number(upstream / one)]),
])}

## Beside Unbound with its cachedb module

Each with a Redis of its own: well; slow (20 ms there, 20 ms back); frozen (connections are accepted, nothing comes back);
down (refused). 5,000 questions a second for known names, 500 for new ones; one resolver each, without dnsdist.

${table([
    ["Redis", "Answer", "", "Average ms", "Longest ms", "CPU us", "Answered %"],
    ...groups.flatMap(({ condition, kind }) =>
        (["ours", "Unbound"] as const).map((who) => {
            const own = outcomes.filter((each) => same(each, { who, condition, kind }));
            const of = (key: "averageMilliseconds" | "longestMilliseconds" | "microseconds") =>
                shown(own.map((each) => each[key]));
            const answered = own.map((each) => each.answered * 100);
            return [
                condition,
                kind,
                who,
                of("averageMilliseconds"),
                of("longestMilliseconds"),
                of("microseconds"),
                shown(answered),
            ];
        }),
    ),
])}
`,
    );
}

type Case = Pick<Outcome, "who" | "condition" | "kind">;
const same = (one: Case, other: Case) =>
    one.who === other.who && one.condition === other.condition && one.kind === other.kind;
