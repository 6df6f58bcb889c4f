import { readFileSync, readdirSync } from "node:fs";
import { cpuSeconds } from "./cgroup";
import { runningContainers } from "./containers";
import { pause } from "./measure";

/** CPU used over some time, in per cent of a core. */
export interface Usage {
    /** Each container of the stack, by component. Its health checks are processes in it. */
    readonly containers: Readonly<Record<string, number>>;

    /**
     * Docker itself: the daemons, the shims and what these start, such as runc for every health check. A check's own
     * process ends as a child of its shim, so it counts here and in its container: this is an upper bound.
     */
    readonly docker: number;

    /** Everything on this machine. */
    readonly machine: number;
}

/** Watches a stack, or what the machine does without it, for some time. */
export async function usage(stack: string, seconds: number): Promise<Usage> {
    const before = await accounts(stack);
    await pause(seconds);
    const after = await accounts(stack);
    for (const [component, pid] of after.pids) {
        // Its account has begun anew, and it was busy starting.
        if (before.pids.get(component) !== pid)
            throw new Error(`${component} restarted: the stack was not idle`);
    }
    const percent = (used: number) => (100 * used) / (after.time - before.time);
    return {
        containers: Object.fromEntries(
            [...grown(before.containers, after.containers)].map(([name, used]) => [name, percent(used)]),
        ),
        docker: percent(sum(grown(before.docker, after.docker).values())),
        machine: percent(after.machine - before.machine),
    };
}

export function sum(values: Iterable<number>): number {
    return [...values].reduce((total, value) => total + value, 0);
}

/** CPU seconds up to now. */
async function accounts(stack: string) {
    const running = await runningContainers(stack);
    return {
        time: performance.now() / 1000,
        pids: new Map(running.map(({ component, pid }) => [component, pid])),
        containers: new Map(running.map(({ component, pid }) => [component, cpuSeconds(pid)])),
        docker: daemons(),
        machine: machine(),
    };
}

/** What each has used in between; who was not there at both times is left out. */
function grown<Key>(before: ReadonlyMap<Key, number>, after: ReadonlyMap<Key, number>): Map<Key, number> {
    const both = [...after].filter(([key]) => before.has(key));
    return new Map(both.map(([key, value]) => [key, value - (before.get(key) ?? value)]));
}

/** The kernel shows CPU time to programs in hundredths of a second on every Linux. */
const ticksPerSecond = 100;

/** CPU seconds of Docker's processes and of their children that have ended, by process id. */
function daemons(): Map<number, number> {
    const found = readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => [Number(pid), statistics(pid)] as const)
        .filter(([, { name }]) => /^(dockerd|containerd)/.test(name));
    return new Map(found.map(([pid, { cpu }]) => [pid, cpu]));
}

function statistics(pid: string): { name: string; cpu: number } {
    let text;
    try {
        text = readFileSync(`/proc/${pid}/stat`, "utf8");
    } catch {
        return { name: "", cpu: 0 }; // it has just ended
    }
    // "PID (NAME) STATE ...": the name may hold anything. User and system time follow, then those of ended children.
    const [, name = "", rest = ""] = /\((.*)\) (.*)/s.exec(text) ?? [];
    return { name, cpu: sum(rest.split(" ").slice(11, 15).map(Number)) / ticksPerSecond };
}

/** CPU seconds of the whole machine that were not idle and did not wait for disks. */
function machine(): number {
    const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0] =
        /^cpu +(.*)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1]?.split(" ").map(Number) ?? [];
    return (user + nice + system + interrupts + softInterrupts) / ticksPerSecond;
}
