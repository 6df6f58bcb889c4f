import { setTimeout as sleep } from "node:timers/promises";
import type { Server } from "../integration/support/dns";
import { type Field, type Reply, difference, reply } from "./compare";
import type { Query } from "./queries";

/** A query that the others answer alike, and the target otherwise, each time it is asked. */
export interface Disagreement {
    readonly query: Query;
    readonly field: Field;
    readonly ours: Reply;
    readonly theirs: Reply;
}

export interface Comparison {
    readonly asked: number;
    /** Queries that the others do not agree on: they say nothing of the target. */
    readonly undecided: number;
    readonly disagreements: readonly Disagreement[];
    /** What the target said to each query. */
    readonly replies: readonly Reply[];
}

/** A server may be late, or know less than it will in a moment: only what stays different counts. */
const tries = 3;

/** Asks everybody the same, and compares. */
export async function compare(
    target: Server,
    others: readonly [Server, Server],
    queries: readonly Query[],
    progress: (done: number) => void,
): Promise<Comparison> {
    const replies: Reply[] = [];
    const disagreements: Disagreement[] = [];
    let [undecided, done, next] = [0, 0, 0];

    const judge = async (query: Query): Promise<[Reply, "agreed" | "undecided" | Disagreement]> => {
        for (let attempt = 1; ; attempt++) {
            const [ours, one, other] = await Promise.all(
                [target, ...others].map((server) => reply(server, query)),
            );
            const field = difference(ours!, one!);
            if (field === undefined) return [ours!, "agreed"];
            const split = difference(one!, other!) !== undefined;
            if (attempt < tries) await sleep(1000 * attempt);
            else return [ours!, split ? "undecided" : { query, field, ours: ours!, theirs: one! }];
        }
    };
    const workers = Array.from({ length: 24 }, async () => {
        for (let index = next++; index < queries.length; index = next++) {
            const [ours, verdict] = await judge(queries[index]!);
            replies[index] = ours;
            if (verdict === "undecided") undecided++;
            else if (verdict !== "agreed") disagreements.push(verdict);
            if (++done % 2000 === 0) progress(done);
        }
    });
    await Promise.all(workers);
    return { asked: queries.length, undecided, disagreements, replies };
}
