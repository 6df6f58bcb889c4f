import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { containers, imageOf } from "../../test/integration/support/host";
import { docker } from "../../test/lab/docker";
import type { Site } from "../cache/site";

/** A way to ask dnsdist for what it has in its packet cache. */
export interface Contender {
    readonly what: string;
    readonly address: string;
    readonly port: number;
    /** The container that answers. */
    readonly id: string;
    /** Whether the service address's nftables table is there, which every packet on the host passes. */
    readonly steered: boolean;
}

const plainPort = 5370;

/** The deployed stack; its dnsdist asked directly; and one without any rules. */
export class Contenders {
    private constructor(
        readonly all: readonly Contender[],
        private readonly steer: string,
        private readonly table: string,
        private readonly directory: string,
    ) {}

    static async of(site: Site): Promise<Contenders> {
        const all = await containers(site.stack.name);
        const idOf = (component: RegExp) =>
            all.find(({ Labels }) => component.test(Labels["recursive-dns.component"] ?? ""))!.Id;
        const [frontend, steer] = [idOf(/dnsdist-frontend$/), idOf(/steer$/)];
        const own = `/run/site/frontends/${frontend.slice(0, 12)}.ports`;
        const direct = Number(await docker("exec", frontend, "cat", own));
        const table = (await docker("exec", steer, "printenv", "TABLE")).trim();
        const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-plain-"));
        const plain = await startPlain(site, directory, plainBinds(plainPort));
        return new Contenders(
            [
                { what: "the stack", address: "127.0.0.1", port: site.port, id: frontend, steered: true },
                {
                    what: "the same dnsdist, not steered",
                    address: "127.0.0.2",
                    port: direct,
                    id: frontend,
                    steered: false,
                },
                {
                    what: "dnsdist without rules",
                    address: "127.0.0.2",
                    port: plainPort,
                    id: plain,
                    steered: false,
                },
            ],
            steer,
            table,
            directory,
        );
    }

    /** Does something while the host steers as this contender needs it. */
    async as<T>({ steered }: Contender, work: () => Promise<T>): Promise<T> {
        if (steered) return work();
        // Paused, or it would put the table back within seconds.
        const saved = await docker("exec", this.steer, "nft", "list", "table", "inet", this.table);
        await docker("exec", this.steer, "nft", "delete", "table", "inet", this.table);
        await docker("pause", this.steer);
        try {
            return await work();
        } finally {
            await docker("unpause", this.steer);
            const restore = `nft list table inet ${this.table} >/dev/null 2>&1 || nft -f - <<'END'\n${saved}\nEND`;
            await docker("exec", this.steer, "sh", "-c", restore);
        }
    }

    async remove(): Promise<void> {
        await docker("rm", "--force", this.all[2]!.id);
        rmSync(this.directory, { recursive: true });
    }
}

/** Where one listens that has no rules; `more` is for both address families. */
export const plainBinds = (port: number, more: object = {}) =>
    ["0.0.0.0", "[::]"].map((address) => ({
        listen_address: `${address}:${port}`,
        reuseport: true,
        threads: 2,
        tcp: { max_in_flight_queries: 100 },
        ...more,
    }));

/**
 * The same program, threads and cache, one resolver, and nothing that looks at a query.
 *
 * @param directory is mounted as /plain, and is where its configuration is put
 */
export async function startPlain(site: Site, directory: string, binds: readonly object[]): Promise<string> {
    const resolver = (await site.resolver()).address;
    const configuration = {
        binds,
        backends: [{ address: `${resolver}:53`, protocol: "Do53", use_proxy_protocol: true }],
        packet_caches: [{ name: "answers", size: 200_000, shards: 16 }],
        pools: [{ name: "", packet_cache: "answers" }],
        security_polling: { polling_interval: 0, suffix: "" },
        tuning: { tcp: { worker_threads: 2 } },
    };
    writeFileSync(path.join(directory, "plain.yml"), JSON.stringify(configuration));
    chmodSync(directory, 0o755);
    const image = await imageOf(site.stack.name, /dnsdist-frontend$/);
    const started = await docker(
        ...["run", "--detach", "--user", "5302", "--cap-drop", "ALL", "--network", "host"],
        ...["--volume", `${directory}:/plain:ro`, "--entrypoint", "dnsdist", image],
        ...["--supervised", "-C", "/plain/plain.yml"],
    );
    return started.trim();
}
