import Docker from "dockerode";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { docker as command } from "../../lab/docker";

const docker = new Docker();

/** Containers of a stack of this project, as Docker lists them. */
export function containers(stack: string) {
    return docker.listContainers({
        all: true,
        filters: { label: [`recursive-dns.stack=recursive-dns/${stack}`] },
    });
}

/** Ids of the running containers whose component's name matches. */
export async function running(stack: string, component: RegExp): Promise<string[]> {
    const all = await containers(stack);
    return all
        .filter(
            ({ State, Labels }) =>
                State === "running" && component.test(Labels["recursive-dns.component"] ?? ""),
        )
        .map(({ Id }) => Id)
        .sort();
}

/** A resolver, where only the host and dnsdist reach it. */
export interface Resolver {
    readonly id: string;
    readonly address: string;
}

/** The resolvers of a stack, in the order of their names. */
export async function resolvers(stack: string): Promise<Resolver[]> {
    const all = (await containers(stack)).filter(({ Labels }) =>
        /resolver-.-\d+$/.test(Labels["recursive-dns.component"] ?? ""),
    );
    return all
        .sort((one, other) => (one.Names[0]! < other.Names[0]! ? -1 : 1))
        .map(({ Id, NetworkSettings }) => ({ id: Id, address: addressIn(NetworkSettings, "-pool-") }));
}

/** A container's address in the network whose name has this in it. */
function addressIn(
    { Networks }: { readonly Networks: Record<string, { IPAddress: string }> },
    network: string,
): string {
    return Object.entries(Networks).find(([name]) => name.includes(network))?.[1].IPAddress ?? "";
}

/** The image that a container runs, or has run. */
export async function imageOf(stack: string, component: RegExp): Promise<string> {
    const found = (await containers(stack)).find(({ Labels }) =>
        component.test(Labels["recursive-dns.component"] ?? ""),
    );
    if (!found) throw new Error(`no container of ${stack} matches ${String(component)}`);
    return found.ImageID;
}

/** Everything that Docker knows of a stack's containers. */
export async function inspections(stack: string): Promise<string> {
    const all = await containers(stack);
    return JSON.stringify(await Promise.all(all.map(({ Id }) => docker.getContainer(Id).inspect())));
}

/** The running containers that Docker had to start again by itself, after a crash or for want of memory. */
export async function restarted(stack: string): Promise<string[]> {
    const all = await Promise.all((await running(stack, /./)).map((id) => docker.getContainer(id).inspect()));
    return all.filter(({ RestartCount }) => RestartCount > 0).map(({ Name }) => Name);
}

/** What a container has logged. */
export async function logs(stack: string): Promise<string> {
    const all = await containers(stack);
    const texts = all.map(({ Id }) => docker.getContainer(Id).logs({ stdout: true, stderr: true }));
    return (await Promise.all(texts)).join("\n");
}

/** What a command prints inside a container, as the container's own user. If it fails, the error has what it says. */
export function inside(container: string, ...command: string[]): string {
    return execFileSync("docker", ["exec", container, ...command], { encoding: "utf8", stdio: "pipe" });
}

/** What a frontend says to a command on its console. */
export const onConsole = (frontend: string, lua: string): string =>
    inside(frontend, "dnsdist", "-c", "-C", "/run/dnsdist/console.yml", "-e", lua);

/** How many queries a frontend has answered from its packet cache, by its console. */
export function packetCacheHits(frontend: string): number {
    const report = onConsole(frontend, 'getPool(""):getCache():printStats()');
    return Number(/Hits: (\d+)/.exec(report)?.[1]);
}

/** All that these stacks could leave behind on the host. Other stacks on it may do as they like meanwhile. */
export async function traces(...stacks: string[]) {
    const owned = (labels: Record<string, string> | null = {}) =>
        stacks.some((stack) => labels?.["recursive-dns.stack"] === `recursive-dns/${stack}`);
    const [all, { Volumes: volumes }, networks] = await Promise.all([
        docker.listContainers({ all: true }),
        docker.listVolumes(),
        docker.listNetworks(),
    ]);
    const { Volumes: unused } = await docker.listVolumes({ filters: { dangling: ["true"] } });
    const tables =
        execFileSync("nft", ["list", "tables"], { encoding: "utf8" }).match(/recursive_dns_\w+/g) ?? [];
    const prefixes = stacks.map((stack) => `recursive_dns_${stack.replace(/\W/g, "_")}_`);
    return {
        containers: all.filter(({ Labels }) => owned(Labels)).map(({ Names }) => Names[0]),
        volumes: volumes.filter(({ Labels }) => owned(Labels)).map(({ Name }) => Name),
        unusedVolumes: unused.map(({ Name }) => Name).sort(),
        networks: networks.filter(({ Labels }) => owned(Labels)).map(({ Name }) => Name),
        tables: tables.filter((table) => prefixes.some((prefix) => table.startsWith(prefix))),
        addresses: execFileSync("ip", ["-o", "addr", "show", "dev", "lo"], { encoding: "utf8" }).match(
            /inet6? \S+/g,
        ),
    };
}

/** An event of one container: when it came to be, was healthy, and went. */
export interface ContainerEvent {
    readonly time: number;
    readonly action: string;
    readonly component: string;
    readonly container: string;
}

/** Ends as soon as Docker does something with one of a stack's containers that is waited for. */
export async function eventually(stack: string, match: (event: ContainerEvent) => boolean): Promise<void> {
    const label = [`recursive-dns.stack=recursive-dns/${stack}`];
    const stream = await docker.getEvents({ filters: { label, type: ["container"] } });
    const lines = createInterface({ input: stream });
    try {
        for await (const line of lines) if (match(parseEvent(line))) return;
        throw new Error("Docker has ended its report of events");
    } finally {
        lines.close();
        (stream as Readable).destroy();
    }
}

/** Ends a container's main process as a crash would, and not by Docker, which would leave it at that. */
export function crash(container: string, program: string): void {
    process.kill(processId(container, program), "SIGKILL");
}

/** Uses up a container's memory, with its main process as the one that the kernel ends for it. */
export async function exhaustMemory(container: string, program: string): Promise<void> {
    writeFileSync(`/proc/${processId(container, program)}/oom_score_adj`, "1000");
    const hog = "my @hog; push @hog, 'x' x 10_000_000 for 1 .. 1_000; sleep 1";
    await command("exec", container, "perl", "-e", hog).catch(() => undefined); // it ends with the container
}

/** The process of a program in a container, by its number on this machine. */
function processId(container: string, program: string): number {
    const table = execFileSync("docker", ["top", container, "-eo", "pid,comm"], { encoding: "utf8" });
    const [, id] = new RegExp(`^ *(\\d+) +${program}$`, "m").exec(table) ?? [];
    if (!id) throw new Error(`there is no ${program} in ${container}:\n${table}`);
    return Number(id);
}

/** What Docker did with a stack's containers from one moment (seconds since the epoch) until now, in order. */
export function events(stack: string, since: number): ContainerEvent[] {
    const label = `label=recursive-dns.stack=recursive-dns/${stack}`;
    const until = String(Date.now() / 1000);
    const parameters = [
        "events",
        "--since",
        String(since),
        "--until",
        until,
        "--filter",
        label,
        "--filter",
        "type=container",
    ];
    return execFileSync("docker", [...parameters, "--format", "{{json .}}"], {
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
    })
        .split("\n")
        .filter(Boolean)
        .map(parseEvent);
}

function parseEvent(line: string): ContainerEvent {
    const { Action, timeNano, Actor } = JSON.parse(line) as {
        Action: string;
        timeNano: number;
        Actor: { ID: string; Attributes: Record<string, string> };
    };
    return {
        time: timeNano,
        action: Action,
        component: Actor.Attributes["recursive-dns.component"] ?? "",
        container: Actor.ID,
    };
}
