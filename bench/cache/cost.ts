import { askOnce } from "../../test/load/once";
import { repeated } from "../measure";
import { newNames } from "../../test/lab/internet/showcase";
import { Site, cost, known } from "./site";

/** What one round says of a resolver that shares and of one that does not: CPU time for an answer, in microseconds. */
export interface CostRound {
    readonly hit: { readonly shared: number; readonly alone: number };
    readonly miss: { readonly shared: number; readonly alone: number };
    /** As `miss`, but 500 a second, so that the CPU is mostly idle and wakes up for each. */
    readonly calmMiss: { readonly shared: number; readonly alone: number };
}

const rounds = 7;
const hits = Array.from({ length: 200 }, () => known).flat();

/** A resolver with a peer, and one that keeps to itself, side by side. */
export async function costs(): Promise<CostRound[]> {
    const resolvers = { services: 1, cacheMiB: 256, memoryMiB: 512 };
    const shared = await Site.up("shared", 5381, { resolvers: { ...resolvers, instances: 2 } });
    const alone = await Site.up("alone", 5382, {
        resolvers: { ...resolvers, instances: 1 },
        cache: { engine: "lmdb" },
    });
    try {
        const one = await shared.resolver();
        const other = await alone.resolver();
        for (const { address } of [one, other]) await askOnce(address, known);
        return await repeated(rounds, async (round) => {
            // Who comes first alternates: the machine may not be the same a few seconds later.
            const order = [
                ["shared", one],
                ["alone", other],
            ] as const;
            const result = {
                hit: { shared: 0, alone: 0 },
                miss: { shared: 0, alone: 0 },
                calmMiss: { shared: 0, alone: 0 },
            };
            for (const kind of ["hit", "miss", "calmMiss"] as const) {
                for (const [which, { id, address }] of round % 2 ? order : ([order[1], order[0]] as const)) {
                    const names =
                        kind === "hit" ? hits : newNames(Date.now(), kind === "miss" ? 30_000 : 2500);
                    result[kind][which] = (
                        await cost(id, address, names, kind === "calmMiss" ? 500 : undefined)
                    ).microseconds;
                }
            }
            console.log(
                `round ${round}: a hit ${result.hit.shared.toFixed(1)} us, alone ${result.hit.alone.toFixed(1)}; ` +
                    `a miss ${result.miss.shared.toFixed(1)} us, alone ${result.miss.alone.toFixed(1)}; ` +
                    `a calm miss ${result.calmMiss.shared.toFixed(1)} us, alone ${result.calmMiss.alone.toFixed(1)}`,
            );
            return result;
        });
    } finally {
        await shared.remove();
        await alone.remove();
    }
}
