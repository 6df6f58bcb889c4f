import { inside, running } from "../../test/integration/support/host";
import { Insider, counters, settled } from "../../test/integration/support/shared-cache";
import { parts } from "../../test/integration/support/parts";
import { docker } from "../../test/lab/docker";
import { wildcards } from "../../test/lab/internet/showcase";
import { askOnce } from "../../test/load/once";
import { anonymousMiB } from "../cgroup";
import { repeated } from "../measure";
import { Site } from "./site";

export interface WarmUp {
    readonly entries: number;
    readonly seconds: readonly number[];
    /** Of Redis' memory. */
    readonly bytesAnEntry: number;
    /** What the resolver holds then, in MiB: of its cache, and beside it. */
    readonly cacheMiB: number;
    readonly besideMiB: number;
}

const cacheMiB = 600;

/** How long a resolver that is new takes to know what the others know. */
export async function warmUps(): Promise<WarmUp[]> {
    const results: WarmUp[] = [];
    for (const entries of [100_000, 1_000_000]) {
        const site = await Site.up("warm", 5381, {
            resolvers: { services: 1, instances: 1, cacheMiB, memoryMiB: cacheMiB + 200 },
            cache: { maxMemoryMiB: 1024 },
        });
        try {
            const bytesAnEntry = await fill(site, entries);
            const resolver = await site.resolver();
            const seconds = await repeated(5, async () => {
                await site.restart(resolver);
                const { warmed, warm_ms } = counters(resolver.id);
                if (warmed < entries) throw new Error(`${warmed} of ${entries} entries`);
                return warm_ms / 1000;
            });
            console.log(
                `${entries} entries: ${seconds.join(", ")} s; ${bytesAnEntry.toFixed(0)} bytes each in Redis`,
            );
            const used = Number(inside(resolver.id, "control", "cache.stats().usage_percent")) / 100;
            const pid = Number(await docker("inspect", "--format", "{{.State.Pid}}", resolver.id));
            const besideMiB = anonymousMiB(pid);
            results.push({ entries, seconds, bytesAnEntry, cacheMiB: cacheMiB * used, besideMiB });
        } finally {
            await site.remove();
        }
    }
    return results;
}

/** Gives Redis copies of a real answer under many names, each signed as a resolver would. */
async function fill(site: Site, entries: number): Promise<number> {
    const { address } = await site.resolver();
    await askOnce(address, [`w0.${wildcards.unsigned.suffix}`]);
    await settled(site.stack.name);
    const insider = await Insider.of(site.stack.name, site.settings);
    const [redis = ""] = await running(site.stack.name, parts.redis);
    const pid = Number(await docker("inspect", "--format", "{{.State.Pid}}", redis));
    try {
        const all = await insider.entries();
        const [name, sealed] = all.find(([each]) => each.toString("latin1").endsWith("w0\0\0E\u0001\0"))!;
        const before = anonymousMiB(pid);
        for (let index = 1; index <= entries;) {
            const pipeline = insider.redis.pipeline();
            for (const end = index + 5000; index < end && index <= entries; index++) {
                const copy = Buffer.from(name.toString("latin1").replace("w0\0", `w${index}\0`), "latin1");
                const key = Buffer.concat([Buffer.from(`${insider.namespace}:`), copy]);
                pipeline.set(key, insider.signed(copy, sealed.subarray(16)), "EX", 3600);
            }
            await pipeline.exec();
        }
        return ((anonymousMiB(pid) - before) * 2 ** 20) / entries;
    } finally {
        insider.redis.disconnect();
    }
}
