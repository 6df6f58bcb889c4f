import { countingQueries } from "../../test/lab/control";
import { domains } from "../../test/lab/internet/domains";
import { random } from "../../test/lab/internet/random";
import { askOnce } from "../../test/load/once";
import { Site } from "./site";

export interface Sharing {
    readonly what: string;
    readonly asked: number;
    readonly upstream: number;
}

const rate = 1000;
const seconds = 60;

/** What four resolvers ask the Internet for, with a shared cache and without, beside what one would. */
export async function sharing(): Promise<Sharing[]> {
    const names = arrivals(rate * seconds);
    const sites: readonly (readonly [string, number, "redis" | "lmdb"])[] = [
        ["one resolver", 1, "lmdb"],
        ["four that share", 4, "redis"],
        ["four that do not", 4, "lmdb"],
    ];
    const results: Sharing[] = [];
    for (const [what, instances, engine] of sites) {
        const site = await Site.up("sharing", 5381, {
            resolvers: { services: 1, instances },
            cache: { engine },
        });
        try {
            const { upstream } = await countingQueries(() =>
                askOnce("127.0.0.1", names, { port: site.port, rate }),
            );
            console.log(`${what}: ${upstream} queries upstream for ${names.length}`);
            results.push({ what, asked: names.length, upstream });
        } finally {
            await site.remove();
        }
    }
    return results;
}

/** Names as people ask for them: of the domains, the n-th most popular one n times as rarely as the first (Zipf). */
function arrivals(count: number): string[] {
    const reachable = domains().filter((domain) => !domain.ipv6Only);
    const names = reachable.map(({ expectations }) => expectations.map(({ question }) => question.name));
    const cumulative: number[] = [];
    for (let rank = 1; rank <= names.length; rank++) cumulative.push((cumulative.at(-1) ?? 0) + 1 / rank);
    return Array.from({ length: count }, (_, index) => {
        const point = (random(2 ** 40, "zipf", index) / 2 ** 40) * cumulative.at(-1)!;
        const domain = names[firstAbove(cumulative, point)]!;
        return domain[random(domain.length, "name", index)]!;
    });
}

function firstAbove(sorted: readonly number[], point: number): number {
    let [low, high] = [0, sorted.length - 1];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (sorted[middle]! > point) high = middle;
        else low = middle + 1;
    }
    return low;
}
