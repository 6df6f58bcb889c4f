import { type Reference, startReference } from "../../test/differential/reference";
import { imageOf } from "../../test/integration/support/host";
import { parts } from "../../test/integration/support/parts";
import { askOnce } from "../../test/load/once";
import { pause } from "../measure";
import { newNames } from "../../test/lab/internet/showcase";
import { Site, cost, known } from "./site";
import { type Condition, SlowRedis } from "./slow-redis";

/** A resolver with a Redis behind it, in one round: milliseconds, and microseconds of CPU time an answer. */
export interface Outcome {
    readonly who: "ours" | "Unbound";
    readonly condition: Condition;
    readonly kind: "hit" | "miss";
    readonly averageMilliseconds: number;
    readonly longestMilliseconds: number;
    readonly microseconds: number;
    /** The share of questions that were answered in time. */
    readonly answered: number;
}

const rounds = 3;
const conditions: readonly Condition[] = ["healthy", "slow", "frozen", "down"];
const paces = { hit: 5000, miss: 500 };
const secondsEach = 4;

/** Ours beside Unbound with its cachedb module, each with a Redis of its own that is well, slow, frozen and gone. */
export async function besideOthers(): Promise<Outcome[]> {
    const site = await Site.up("image", 5381, { resolvers: { services: 1, instances: 1 } });
    const image = await imageOf(site.stack.name, parts.redis);
    const redis = { ours: await SlowRedis.start(image, 6391), Unbound: await SlowRedis.start(image, 6392) };
    await site.remove();
    let ours: Site | undefined;
    let unbound: Reference | undefined;
    try {
        const { host, port } = redis.ours;
        ours = await Site.up("ours", 5381, {
            resolvers: { services: 1, instances: 1 },
            cache: { external: { host, port } },
        });
        unbound = await startReference("unbound", {
            CACHEDB_HOST: redis.Unbound.host,
            CACHEDB_PORT: String(redis.Unbound.port),
        });
        const contenders = {
            ours: await ours.resolver(),
            Unbound: { id: unbound.container, address: unbound.address },
        };
        const results: Outcome[] = [];
        for (let round = 1; round <= rounds; round++) {
            for (const who of ["ours", "Unbound"] as const) {
                const { id, address } = contenders[who];
                for (const condition of conditions) {
                    await redis[who].be("healthy");
                    await pause(5); // both come back to it by themselves
                    await askOnce(address, known);
                    await redis[who].be(condition);
                    for (const kind of ["hit", "miss"] as const) {
                        const outcome = await cost(id, address, names(kind), paces[kind]);
                        results.push({ who, condition, kind, ...outcome });
                        console.log(
                            `round ${round}, ${who}, Redis ${condition}, ${kind}: ${outcome.averageMilliseconds.toFixed(2)} ms, ` +
                                `${outcome.microseconds.toFixed(1)} us, ${(outcome.answered * 100).toFixed(1)} % answered`,
                        );
                    }
                }
            }
        }
        return results;
    } finally {
        await unbound?.remove();
        await ours?.remove();
        await redis.ours.remove();
        await redis.Unbound.remove();
    }
}

function names(kind: "hit" | "miss"): string[] {
    const count = paces[kind] * secondsEach;
    return kind === "miss"
        ? newNames(Date.now(), count)
        : Array.from({ length: count }, (_, index) => known[index % known.length]!);
}
