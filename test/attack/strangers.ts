import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { docker } from "../lab/docker";
import { loadImage } from "../load/load-image";
import { type UdpReport, parseReport } from "../load/udp";

/**
 * What the kernel holds of packets between networks on this host, for each core. What comes in by a network card does not pass
 * here: with a kernel's thousand, an attacker's two thousand connections have packets of neighbours dropped that would have
 * come from elsewhere.
 */
const backlog = { file: "/proc/sys/net/core/netdev_max_backlog", least: 20_000 };

/** A machine of its own on a network of its own, from where a service on this host can be asked. */
export class Stranger {
    private static readonly running = new Set<Stranger>();
    private static backlogBefore = 0;

    private constructor(
        readonly name: string,
        readonly network: string,
        readonly address: string,
        readonly address6: string,
    ) {}

    /**
     * Starts one.
     *
     * @param number 1 to 250: its network is 10.99.NUMBER.0/24, and fd99:NUMBER::/64
     */
    static async start(label: string, number: number): Promise<Stranger> {
        const name = `recursive-dns-stranger-${label}`;
        await Stranger.forget(name);
        const subnets = [`10.99.${number}.0/24`, `fd99:${number}::/64`];
        await docker("network", "create", "--ipv6", ...subnets.flatMap((net) => ["--subnet", net]), name);
        const [address, address6] = [`10.99.${number}.66`, `fd99:${number}::66`];
        await docker(
            ...["run", "--detach", "--init", "--name", name, "--network", name],
            ...["--ip", address, "--ip6", address6, "--cap-add", "NET_RAW"],
            ...["--volume", `${path.join(__dirname, "attack")}:/usr/local/bin/attack:ro`],
            ...["--entrypoint", "sleep", await loadImage()],
            "infinity",
        );
        const stranger = new Stranger(name, name, address, address6);
        if (Stranger.running.size === 0) {
            Stranger.backlogBefore = Number(readFileSync(backlog.file, "utf8"));
            writeFileSync(backlog.file, String(Math.max(backlog.least, Stranger.backlogBefore)));
        }
        Stranger.running.add(stranger);
        return stranger;
    }

    /** Addresses of its network, from one last byte to another, as `attack` takes them. */
    addresses(first: number, last: number): string {
        const network = this.address.replace(/\d+$/, "");
        return `${network}${first}-${network}${last}`;
    }

    /** Runs `attack` there, and returns the numbers that it prints. */
    async attack(...parameters: (string | number)[]): Promise<number[]> {
        const said = await docker("exec", this.name, "attack", ...parameters.map(String));
        return said.split(" ").map(Number);
    }

    /** Asks one question again and again with dnsperf, as its options say. */
    async ask(question: string, ...options: (string | number)[]): Promise<UdpReport> {
        const file = "/tmp/question";
        await docker("exec", this.name, "sh", "-c", `echo "$0" >${file}`, question);
        return parseReport(
            await docker(
                "exec",
                this.name,
                "dnsperf",
                "-d",
                file,
                "-O",
                "latency-histogram",
                ...options.map(String),
            ),
        );
    }

    /** How many bytes have come to it, from IP up: as `attack` counts what it sends. */
    async received(): Promise<number> {
        const of = (what: string) =>
            docker("exec", this.name, "cat", `/sys/class/net/eth0/statistics/rx_${what}`).then(Number);
        const ethernet = 14;
        return (await of("bytes")) - ethernet * (await of("packets"));
    }

    async stop(): Promise<void> {
        await Stranger.forget(this.name);
        if (Stranger.running.delete(this) && Stranger.running.size === 0) {
            writeFileSync(backlog.file, String(Stranger.backlogBefore));
        }
    }

    private static async forget(name: string): Promise<void> {
        await docker("rm", "--force", name).catch(() => undefined);
        await docker("network", "rm", name).catch(() => undefined);
    }
}
