import type { Settings } from "../../components";
import { TestStack } from "../../test/integration/support/stack";
import { type Resolver, resolvers } from "../../test/integration/support/host";
import { counters } from "../../test/integration/support/shared-cache";
import { docker } from "../../test/lab/docker";
import { labResolvers } from "../../test/lab/catalog";
import { newNames } from "../../test/lab/internet/showcase";
import { askOnce } from "../../test/load/once";
import { cpuSeconds } from "../cgroup";
import { pause } from "../measure";

type Parts = Pick<Settings, "cache" | "resolvers" | "dnsdist">;

/** A stack in the lab Internet with what this bench varies. */
export class Site {
    private constructor(
        readonly stack: TestStack,
        readonly port: number,
        readonly settings: Settings,
    ) {}

    static async up(name: string, port: number, parts: Parts): Promise<Site> {
        const settings = {
            ...parts,
            serviceAddress: { addresses: ["127.0.0.1"], port },
            resolvers: { ...labResolvers, ...parts.resolvers },
        };
        const site = new Site(new TestStack(`bench-${name}`), port, settings);
        await site.stack.create(settings);
        await site.stack.must(site.stack.up());
        return site;
    }

    remove = () => this.stack.destroy();

    async resolver(): Promise<Resolver> {
        return (await resolvers(this.stack.name))[0]!;
    }

    /** Makes a resolver forget all that is not shared, and waits until it is as warm as it gets. */
    async restart({ id }: Resolver): Promise<void> {
        await docker("restart", "--time", "0", id);
        for (let tries = 0; tries < 120; tries++) {
            await pause(0.5);
            try {
                if (counters(id).warm === 1) return;
            } catch {
                // kresd is not there yet
            }
        }
        throw new Error("a resolver does not come back");
    }
}

/** Names that are asked before anything is measured. */
export const known = newNames("hit", 1000);

/** The CPU time that a container needs for each of some questions, in microseconds, and how long answers took. */
export async function cost(container: string, address: string, names: readonly string[], rate?: number) {
    const pid = Number(await docker("inspect", "--format", "{{.State.Pid}}", container));
    const before = cpuSeconds(pid);
    const { answered, averageMilliseconds, longestMilliseconds } = await askOnce(address, names, { rate });
    const microseconds = ((cpuSeconds(pid) - before) / names.length) * 1e6;
    return { microseconds, answered: answered / names.length, averageMilliseconds, longestMilliseconds };
}
