import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { docker } from "../../test/lab/docker";
import { labNetwork } from "../../test/lab/catalog";
import type { Contender } from "./contender";
import { type Settings, variables } from "./settings";

const pool = { name: "compare-restart", prefix: "198.18.81" };
const hosts = ["11", "12", "21", "22"];
const dnsdist = "compare-restart-dnsdist";
const resolver = (host: string) => `compare-restart-resolver-${host}`;

/**
 * Restarts in place, as roles of configuration management do: new files are written and checked, then what reads them is
 * restarted; for another image, the container is made anew in the place of the old one.
 *
 * Chosen in its favour: the same files as for Compose; dnsdist on the host's network, as without containers; resolvers
 * one by one (`serial: 1`), each waited for until it answers, and 3 s more for dnsdist to see that; their caches are kept
 * on disk over a restart. There is no Redis: no query depends on it.
 */
export class Restart implements Contender {
    readonly name = "restart";
    readonly port = 5381;
    private directory = "";
    private settings?: Settings;

    async start(settings: Settings): Promise<void> {
        this.directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-compare-"));
        this.configure(settings);
        await docker("network", "create", "--subnet", `${pool.prefix}.0/24`, pool.name);
        for (const host of hosts) await this.runResolver(host);
        await this.runDnsdist();
    }

    async change(settings: Settings): Promise<void> {
        const before = this.settings ?? settings;
        this.configure(settings);
        const other = (kind: "resolver" | "dnsdist") => settings.images[kind] !== before.images[kind];
        if (other("resolver") || settings.cacheMiB !== before.cacheMiB) {
            for (const host of hosts) {
                await (other("resolver") ? this.runResolver(host) : restart(resolver(host), 53));
                await sleep(3000);
            }
        }
        if (other("dnsdist")) {
            await this.runDnsdist();
        } else if (settings.packetCache !== before.packetCache) {
            await docker("exec", dnsdist, "dnsdist", "--check-config", "-C", "/etc/dnsdist/dnsdist.yml");
            await restart(dnsdist, this.port);
        }
    }

    async remove(): Promise<void> {
        // One at a time: Docker 20.10 can lock up when containers of one network end at the same moment.
        for (const name of [dnsdist, ...hosts.map(resolver)]) await docker("rm", "--force", name).catch(gone);
        await docker("network", "rm", pool.name).catch(gone);
        rmSync(this.directory, { recursive: true });
    }

    private get variables(): Record<string, string> {
        if (!this.settings) throw new Error("nothing is configured yet");
        return variables(this.settings, this.port, pool.prefix);
    }

    /** Writes the files that compose.yaml holds, for these settings. */
    private configure(settings: Settings): void {
        this.settings = settings;
        const { configs } = parse(readFileSync(path.join(__dirname, "compose.yaml"), "utf8"), {
            merge: true,
        }) as { configs: Record<"resolver" | "dnsdist", { content: string }> };
        const files = { resolver: "config.lua", dnsdist: "dnsdist.yml" } as const;
        for (const kind of ["resolver", "dnsdist"] as const) {
            const text = configs[kind].content.replace(
                /\$\{(\w+)\}/g,
                (_, name: string) => this.variables[name] ?? "",
            );
            mkdirSync(path.join(this.directory, kind), { recursive: true });
            writeFileSync(path.join(this.directory, kind, files[kind]), text);
        }
    }

    private async runResolver(host: string): Promise<void> {
        const address = ["--network", pool.name, "--ip", `${pool.prefix}.${host}`];
        const command = ["-n", "-c", "/etc/knot-resolver/config.lua"];
        await this.make(
            resolver(host),
            "resolver",
            "5301",
            "/etc/knot-resolver",
            ["kresd", ...command],
            address,
        );
        await docker("network", "connect", labNetwork.name, resolver(host));
        await docker("start", resolver(host));
        await untilAnswering(resolver(host), 53);
    }

    private async runDnsdist(): Promise<void> {
        const command = ["--supervised", "--disable-syslog", "-C", "/etc/dnsdist/dnsdist.yml"];
        const network = ["--network", "host"];
        await this.make(dnsdist, "dnsdist", "5302", "/etc/dnsdist", ["dnsdist", ...command], network);
        await docker("start", dnsdist);
        await untilAnswering(dnsdist, this.port);
    }

    /** Makes a container in the place of the one of this name, if there is one. */
    private async make(
        name: string,
        kind: "resolver" | "dnsdist",
        user: string,
        target: string,
        [program = "", ...parameters]: readonly string[],
        network: readonly string[],
    ): Promise<void> {
        await docker("stop", name).then(() => docker("rm", name), gone);
        const image = this.variables[`${kind.toUpperCase()}_IMAGE`] ?? "";
        await docker(
            ...[
                "create",
                "--name",
                name,
                "--restart",
                "unless-stopped",
                "--init",
                "--user",
                user,
                ...network,
            ],
            ...[
                "--cap-drop",
                "ALL",
                "--memory",
                "512m",
                "--volume",
                `${path.join(this.directory, kind)}:${target}:ro`,
            ],
            ...["--entrypoint", program, image, ...parameters],
        );
    }
}

async function restart(name: string, port: number): Promise<void> {
    await docker("restart", name);
    await untilAnswering(name, port);
}

async function untilAnswering(name: string, port: number): Promise<void> {
    const question = ["kdig", "+time=1", "+retry=0", "@127.0.0.1", "-p", String(port), "localhost"];
    const deadline = Date.now() + 30_000;
    while (!(await docker("exec", name, ...question).then(Boolean, () => false))) {
        if (Date.now() > deadline) throw new Error(`${name} does not answer after 30 s`);
        await sleep(200);
    }
}

/** What is to be removed may not be there. */
function gone(error: unknown): void {
    if (!/no such|not found/i.test(String(error))) throw error;
}
