import { existsSync, readFileSync } from "node:fs";
import type { ResolvedSettings } from "./settings";

/** What this host's kernel remembers of connections: resolvers in Docker networks need an entry for every question that they ask. */
export interface Conntrack {
    readonly max: number;
    /** How long an entry lasts after a question and its answer, in seconds. */
    readonly udpSeconds: number;
}

const directory = "/proc/sys/net/netfilter";

/** Undefined where the kernel tracks nothing, yet. */
export function conntrack(): Conntrack | undefined {
    const value = (name: string) => Number(readFileSync(`${directory}/${name}`, "utf8"));
    if (!existsSync(`${directory}/nf_conntrack_max`)) return undefined;
    return { max: value("nf_conntrack_max"), udpSeconds: value("nf_conntrack_udp_timeout") };
}

/** New questions a second that each instance should be able to ask of the Internet: far more than a busy one does. */
const perInstance = 1000;

/**
 * What to know of a host that will drop packets under load; undefined of one that will not.
 * @see docs/resolvers.md
 */
export function conntrackWarning(
    { resolvers: { services, instances } }: Pick<ResolvedSettings, "resolvers">,
    { max, udpSeconds }: Conntrack,
): string | undefined {
    const wanted = perInstance * services * instances;
    const possible = Math.floor(max / udpSeconds);
    if (possible >= wanted) return undefined;
    return (
        `this host's kernel remembers ${max} connections for ${udpSeconds} s each, so ${services * instances} resolver instances ` +
        `can ask the Internet ${possible} questions a second together, and what is more is dropped: ` +
        `set net.netfilter.nf_conntrack_max to ${wanted * udpSeconds} (sysctl)`
    );
}
