/** What may be done to a lab that runs, and asked of it. */

import { docker, dockerInspect } from "./docker";
import type { Fault } from "./internet/addresses";
import type { Level } from "./internet/internet";

export const container = "recursive-dns-lab";

/** `cut`: nothing reaches the servers; `silent`: they run, but one of them does not answer (yet). */
export type LabState = "stopped" | "cut" | "silent" | "answering";

/** Asks the servers themselves: Docker's own health check looks rarely. */
export async function labState(): Promise<LabState> {
    const state = (await inspectContainer())?.State;
    if (!state?.Running) {
        return "stopped";
    }
    const [cut, answering] = await Promise.all(
        [["test", "-e", "/run/lab/cut"], ["/lab/check.sh"]].map((command) =>
            docker("exec", container, ...command).then(
                () => true,
                () => false,
            ),
        ),
    );
    return cut ? "cut" : answering ? "answering" : "silent";
}

/** Cuts the Internet: packets to the lab's servers are lost without a word. */
export const cutLab = () => inside("touch /run/lab/cut");

/** Mends a cut Internet, and servers that were broken. */
export const mendLab = () => inside("rm -f /run/lab/cut; cp /lab/internet/faulty /run/lab/faulty");

/** Makes servers behave badly, whatever they serve, until they are mended. */
export const breakServers = (addresses: readonly string[], fault: Fault) =>
    inside("printf '%s\\n' \"$@\" >>/run/lab/faulty", ...addresses.map((address) => `${address} ${fault}`));

/** Changes what does not work in the lab. */
async function inside(change: string, ...parameters: string[]): Promise<void> {
    if (!(await inspectContainer())?.State.Running)
        throw new Error("The lab is not running: start it first.");
    const apply = `${change}; /lab/faults.py table | nft -f -`;
    await docker("exec", container, "sh", "-ec", apply, "sh", ...parameters);
}

/** How many queries each kind of server has been asked since the lab started. */
export async function queriesAsked(): Promise<Record<Level["name"], number>> {
    const asKnot = ["exec", "--user", "knot", container]; // whose sockets they are
    const counts = (["root", "tld", "leaf"] as const).map(async (level) => {
        const socket = `/run/lab/${level}/knot.sock`;
        const stats = await docker(...asKnot, "knotc", "--socket", socket, "stats", "mod-stats");
        const numbers = [...stats.matchAll(/request-protocol\[\w+\] = (\d+)/g)].map(([, count]) =>
            Number(count),
        );
        return [level, numbers.reduce((sum, count) => sum + count, 0)] as const;
    });
    return Object.fromEntries(await Promise.all(counts)) as Record<Level["name"], number>;
}

/** How many queries all servers are asked while something is done, and what comes of it. */
export async function countingQueries<T>(what: () => Promise<T>): Promise<{ outcome: T; upstream: number }> {
    const asked = async () => Object.values(await queriesAsked()).reduce((sum, count) => sum + count, 0);
    const before = await asked();
    const outcome = await what();
    return { outcome, upstream: (await asked()) - before };
}

interface ContainerInspection {
    Config: { Image: string };
    State: { Running: boolean };
}

export function inspectContainer(): Promise<ContainerInspection | undefined> {
    return dockerInspect("container", container);
}
