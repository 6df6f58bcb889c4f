import { execFileSync } from "node:child_process";
import { containers } from "../test/integration/support/host";

/** A running container, and its first process as the host numbers it. */
export interface Running {
    readonly component: string;
    readonly id: string;
    readonly pid: number;
}

/** The running containers of a stack, by their components' names. They must run on this very machine. */
export async function runningContainers(stack: string): Promise<Running[]> {
    const all = (await containers(stack)).filter(({ State }) => State === "running");
    return all
        .map(({ Id, Labels }) => ({
            component: Labels["recursive-dns.component"] ?? Id,
            id: Id,
            pid: Number(docker("inspect", "--format", "{{.State.Pid}}", Id)),
        }))
        .sort((a, b) => a.component.localeCompare(b.component));
}

export function docker(...args: string[]): string {
    return execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}
