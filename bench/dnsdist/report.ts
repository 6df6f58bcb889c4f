import { number, shown, table, writeDocument } from "../report";
import type { LongList } from "./long-list";
import type { Speed } from "./speed";

/** Writes `docs/dnsdist-bench.md`; returns its name. */
export function write(
    surroundings: readonly (readonly [string, string])[],
    rounds: readonly (readonly Speed[])[],
    list: LongList,
): Promise<string> {
    const all = rounds[0]!.map(({ what }) => what).sort((one) => (one === "the stack" ? -1 : 1));
    const values = (what: string, key: "perSecond" | "own" | "machine") =>
        rounds.map((round) => round.find((speed) => speed.what === what)![key]);
    const ratio = (key: "perSecond" | "own" | "machine", one: string, other: string) =>
        shown(values(one, key).map((value, round) => value / values(other, key)[round]!));
    const [stack, bare, plain] = ["the stack", "the same dnsdist, not steered", "dnsdist without rules"];
    return writeDocument(
        "docs/dnsdist-bench.md",
        `# dnsdist, measured

Written by \`npm run bench -- dnsdist\`. Each figure is the median, with the least and the most; ratios are taken within a
round, in which all take turns.

${table([["", ""], ...surroundings])}

## Answers from the packet cache

${rounds.length} rounds of 400,000 questions for 1,000 known names, as fast as they are answered. The stack, asked at its service
address; the same dnsdist at its own port, with the nftables table taken away for that time; and the same program with the
same threads and cache, without any rule.

${table([
    ["", "Answers a second", "CPU us of dnsdist", "CPU us of the machine, dnsperf included"],
    ...all.map((what) => [
        what,
        shown(values(what, "perSecond")),
        shown(values(what, "own")),
        shown(values(what, "machine")),
    ]),
])}

${table([
    ["Ratio", "Bar", "Answers a second", "CPU of dnsdist", "CPU of the machine"],
    ...(
        [
            ["the stack to the same dnsdist, not steered", "0.93; 1.05", stack, bare],
            ["that, with our rules, to one without rules", "0.85", bare, plain],
        ] as const
    ).map(([title, bar, one, other]) => [
        title,
        bar,
        ratio("perSecond", one, other),
        ratio("own", one, other),
        ratio("machine", one, other),
    ]),
])}

## A list of ${list.names.toLocaleString("en")} names

${table([
    ["", "Bar", "With it", "Without"],
    [
        "Start of dnsdist's container to its first answer, s",
        "2",
        shown(list.start.with),
        shown(list.start.without),
    ],
    [
        "Memory of dnsdist after its start, MiB",
        "20 more",
        shown(list.memory.with),
        shown(list.memory.without),
    ],
])}

The update that delivered it took ${number(list.update)} s. That a change of lists costs no query is a test
(test/integration/dnsdist.test.ts).
`,
    );
}
