import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { docker, dockerInspect, ensureImage } from "../lab/docker";

const run = promisify(execFile);

/** The two networks that it stands between: where the Docker hosts are, and where this machine is a client. */
export const fabric = {
    name: "recursive-dns-test-fabric",
    subnet: "198.18.2",
    subnet6: "fd53:198:2::",
    masquerade: true, // the hosts build images
} as const;
export const access = {
    name: "recursive-dns-test-access",
    subnet: "198.18.3",
    subnet6: "fd53:198:3::",
    masquerade: false, // or they would see clients by another address
} as const;

export const routerAsn = 64512;
/** Where Docker hosts find it. */
export const routerAddresses = [`${fabric.subnet}.2`, `${fabric.subnet6}2`] as const;

/** A neighbor of the router: a Docker host. */
export interface Neighbor {
    readonly asn: number;
    readonly addresses: readonly [ipv4: string, ipv6: string];
    readonly password?: string;
}

/** A router by BIRD, which leads this machine to what the Docker hosts announce, by equal ways to all that do. */
export class Router {
    private readonly name = "recursive-dns-test-router";

    constructor(
        private readonly announced: readonly string[],
        private readonly neighbors: readonly Neighbor[],
    ) {}

    /** Makes the two networks, in place of what an interrupted run has left behind; the hosts may then join. */
    async prepare(): Promise<void> {
        await this.remove();
        for (const { name, subnet, subnet6, masquerade } of [fabric, access]) {
            await docker(
                ...["network", "create", "--ipv6", "--subnet", `${subnet}.0/24`, "--gateway", `${subnet}.1`],
                ...["--subnet", `${subnet6}/64`, "--gateway", `${subnet6}1`],
                ...["--opt", `com.docker.network.bridge.enable_ip_masquerade=${masquerade}`, name],
            );
        }
    }

    async start(): Promise<void> {
        const image = await ensureImage("router", join(__dirname, "router"));
        const sysctls = [
            ...[
                "net.ipv4.ip_forward=1",
                "net.ipv6.conf.all.disable_ipv6=0",
                "net.ipv6.conf.all.forwarding=1",
            ],
            // By address and port, so that one client's questions go all ways.
            ...["net.ipv4.fib_multipath_hash_policy=1", "net.ipv6.fib_multipath_hash_policy=1"],
        ].flatMap((setting) => ["--sysctl", setting]);
        await docker(
            ...["run", "--detach", "--init", "--name", this.name, "--cap-add", "NET_ADMIN", ...sysctls],
            // Real routers do not share their CPUs with what they route to: kept waiting for 0.3 s, this one loses all sites.
            ...["--cpu-shares", "65536"],
            ...["--network", fabric.name, "--ip", routerAddresses[0], "--ip6", routerAddresses[1]],
            ...["--env", `BIRD_CONF=${birdConf(this.neighbors)}`, image],
            ...["sh", "-c", 'echo "$BIRD_CONF" >/etc/bird.conf; exec bird -f -c /etc/bird.conf'],
        );
        await docker(
            ...["network", "connect", "--ip", `${access.subnet}.2`, "--ip6", `${access.subnet6}2`],
            ...[access.name, this.name],
        );
        for (const address of this.announced)
            await run("ip", ["route", "replace", address, "via", wayTo(address)]);
    }

    /** How a Docker host finds the clients: a command for its shell. */
    static readonly wayBack = [
        `ip route replace ${access.subnet}.0/24 via ${routerAddresses[0]}`,
        `ip -6 route replace ${access.subnet6}/64 via ${routerAddresses[1]}`,
    ].join("; ");

    waysTo = (address: string) => waysTo(this.name, address);

    birdc = (...command: string[]) => docker("exec", this.name, "birdc", ...command);

    async remove(): Promise<void> {
        for (const address of this.announced)
            await run("ip", ["route", "del", address, "via", wayTo(address)]).catch(() => undefined);
        if (await dockerInspect("container", this.name)) await docker("rm", "--force", this.name);
        for (const { name } of [fabric, access])
            if (await dockerInspect("network", name)) await docker("network", "rm", name);
    }
}

/** Where a router, by the name of its container, leads to when an address is asked. */
export async function waysTo(router: string, address: string): Promise<string[]> {
    const family = address.includes(":") ? "-6" : "-4";
    const shown = await docker("exec", router, "ip", family, "route", "show", address);
    return [...shown.matchAll(/via ([0-9a-f.:]+)/g)].map(([, way = ""]) => way).sort();
}

const wayTo = (address: string) => (address.includes(":") ? `${access.subnet6}2` : `${access.subnet}.2`);

function birdConf(neighbors: readonly Neighbor[]): string {
    const sessions = neighbors.flatMap(({ asn, addresses, password }, host) =>
        addresses.map((address, index) => {
            const secret = password === undefined ? "" : ` authentication md5; password "${password}";`;
            const channel = `ipv${index === 0 ? 4 : 6} { import all; export none; };`;
            return `protocol bgp host${host + 1}_${index === 0 ? 4 : 6} from host { neighbor ${address} as ${asn};${secret} ${channel} }`;
        }),
    );
    const kernel = ["ipv4", "ipv6"].map(
        (family) =>
            `protocol kernel { scan time 1; merge paths on limit 16; ${family} { import none; export where source = RTS_BGP; }; }`,
    );
    return [
        "log stderr all;",
        `router id ${routerAddresses[0]};`,
        "protocol device { scan time 1; }",
        "protocol direct { ipv4; ipv6; }",
        ...kernel,
        'protocol bfd { interface "*" { min rx interval 100 ms; min tx interval 100 ms; multiplier 3; }; }',
        `template bgp host { local as ${routerAsn}; bfd on; hold time 9; passive; error wait time 1, 4; error forget time 10; graceful restart off; }`,
        ...sessions,
    ].join("\n");
}
