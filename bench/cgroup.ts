import { readFileSync } from "node:fs";

/** CPU time, in seconds, of all processes that ever ran in the control group of a process. */
export function cpuSeconds(pid: number): number {
    const { directory, version } = group(pid, "cpuacct");
    return version === 1
        ? Number(readFileSync(`${directory}/cpuacct.usage`, "utf8")) / 1e9
        : field(`${directory}/cpu.stat`, "usage_usec") / 1e6;
}

/**
 * Anonymous memory, in MiB, of the control group of a process: heaps and stacks. Files are not in it, and so neither
 * is what lies on a tmpfs, such as a resolver's cache.
 */
export function anonymousMiB(pid: number): number {
    const { directory, version } = group(pid, "memory");
    return field(`${directory}/memory.stat`, version === 1 ? "total_rss" : "anon") / 2 ** 20;
}

/** Where the kernel keeps the accounts: version 1 has a hierarchy for each controller, version 2 a single one. */
function group(pid: number, controller: string): { directory: string; version: 1 | 2 } {
    const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").split("\n");
    const find = (wanted: string) =>
        lines.map((line) => line.split(":")).find(([, names = ""]) => names.split(",").includes(wanted));
    const own = find(controller);
    if (own) return { directory: `/sys/fs/cgroup/${own[1]}${own[2]}`, version: 1 };
    return { directory: `/sys/fs/cgroup${find("")?.[2] ?? ""}`, version: 2 };
}

function field(file: string, name: string): number {
    const value = new RegExp(`^${name} (\\d+)$`, "m").exec(readFileSync(file, "utf8"))?.[1];
    if (value === undefined) throw new Error(`there is no ${name} in ${file}`);
    return Number(value);
}
