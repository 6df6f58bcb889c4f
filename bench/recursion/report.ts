import type { Contender } from "./contender";
import { shown, table, writeDocument } from "../report";

/** One contender in one round. */
export interface Result {
    readonly kind: Contender["kind"];
    readonly seconds: number;
    /** Names that were answered with an address. */
    readonly answered: number;
    /** What the lab's servers were asked meanwhile. */
    readonly upstream: number;
}

const titles: Readonly<Record<Contender["kind"], string>> = {
    ours: "a resolver of this program",
    kresd: "bare kresd",
    unbound: "Unbound",
    bind: "BIND",
};

/** Writes `docs/recursion.md`; returns its name. */
export function write(
    surroundings: readonly (readonly [string, string])[],
    names: number,
    results: readonly Result[],
): Promise<string> {
    const rows = (Object.keys(titles) as Contender["kind"][]).map((kind) => {
        const own = results.filter((result) => result.kind === kind);
        // A round is one moment of the machine: ratios within it are worth more than the figures themselves.
        const ratios = (of: "seconds" | "upstream") =>
            own.map(
                (result, round) => result[of] / results.filter((each) => each.kind === "kresd")[round]![of],
            );
        return [
            titles[kind],
            shown(
                own.map(({ seconds }) => seconds),
                " s",
            ),
            shown(ratios("seconds")),
            shown(own.map(({ upstream }) => upstream / names)),
            shown(ratios("upstream")),
            String(Math.min(...own.map(({ answered }) => answered))),
        ];
    });
    return writeDocument(
        "docs/recursion.md",
        `# Cold recursion

Written by \`npm run bench -- recursion\`: ${names} names of the lab Internet, one of each domain, are asked once each, a
hundred at a time, of a resolver that knows nothing yet; without dnsdist, in turn, ${results.length / rows.length} rounds. Each figure is the
median, with the least and the most. A ratio is to bare kresd in the same round. Bar: at most 1.1 in both.

${table([["", ""], ...surroundings])}

${table([["Resolver", "Time", "Ratio", "Queries upstream a name", "Ratio", "Answered"], ...rows])}
`,
    );
}
