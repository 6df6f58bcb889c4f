import { startReference } from "../../test/differential/reference";
import { askOnce } from "../../test/load/once";
import { Site, known } from "../cache/site";
import { type Speed, takingTurns } from "../dnsdist/speed";

const rounds = 7;
const questions = Array.from({ length: 300 }, () => known).flat();

/** A resolver of this program and bare kresd, each round in turn: answers from the cache, without dnsdist. */
export async function besideBareKresd(): Promise<Speed[][]> {
    const site = await Site.up("resolvers", 5381, { resolvers: { services: 1, instances: 1 } });
    const bare = await startReference("kresd");
    try {
        const own = await site.resolver();
        const contenders = [
            { what: "ours", address: own.address, port: 53, id: own.id },
            { what: "bare kresd", address: bare.address, port: 53, id: bare.container },
        ];
        for (const { address } of contenders) await askOnce(address, known);
        return await takingTurns(rounds, contenders, () => questions);
    } finally {
        await bare.remove();
        await site.remove();
    }
}
