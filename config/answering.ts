import ipaddr from "ipaddr.js";
import { cacheNamespace } from "./cache-namespace";
import { digestOf } from "./digest";
import type { KresdFiles } from "./kresd-files";
import type { ResolvedResolvers } from "./resolvers";

/** What dnsdist has to know of how the resolvers answer. */
export interface Answering {
    /** Another one: what it has in its packet caches is no longer what a resolver would say. */
    readonly version: string;

    /** The views, whose answers it keeps apart. */
    readonly views: readonly { readonly name: string; readonly cacheEntries: number }[];

    /** Their subnets, each with its view; what is more specific comes later. */
    readonly viewers: readonly { readonly view: string; readonly subnets: readonly string[] }[];
}

/** @param files what the resolvers read beside their configuration */
export function answering(settings: ResolvedResolvers, files: KresdFiles): Answering {
    const { views, localData, dns64, rebindingProtection, lua, extra } = settings;
    const contents = Object.keys(files).sort();
    const agreed = [
        cacheNamespace(settings),
        views,
        localData,
        dns64,
        rebindingProtection,
        lua,
        extra,
        contents,
    ];
    return {
        version: digestOf(JSON.stringify(agreed)),
        views: views.map(({ name, cacheEntries }) => ({ name, cacheEntries })),
        viewers: viewers(views),
    };
}

function viewers(views: ResolvedResolvers["views"]) {
    const length = (subnet: string) => ipaddr.parseCIDR(subnet)[1];
    const lengths = [...new Set(views.flatMap(({ subnets }) => subnets.map(length)))].sort((a, b) => a - b);
    return lengths.flatMap((wanted) =>
        views.flatMap(({ name, subnets }) => {
            const some = subnets.filter((subnet) => length(subnet) === wanted);
            return some.length > 0 ? [{ view: name, subnets: some }] : [];
        }),
    );
}
