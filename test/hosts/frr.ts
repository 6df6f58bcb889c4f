import { join } from "node:path";
import { docker, dockerInspect, ensureImage } from "../lab/docker";
import { fabric, routerAsn, waysTo } from "./router";
import { hosts } from "./two-sites";

/** A router by FRR in the network of the Docker hosts. Nobody asks through it. */
export class Frr {
    private readonly name = "recursive-dns-test-frr";
    readonly addresses = [`${fabric.subnet}.3`, `${fabric.subnet6}3`] as const;

    /** @param announced the addresses that it takes in */
    constructor(private readonly announced: readonly [ipv4: string, ipv6: string]) {}

    async start(): Promise<void> {
        const image = await ensureImage("frr", join(__dirname, "frr"));
        await this.remove();
        await docker(
            ...["run", "--detach", "--init", "--name", this.name, "--cpu-shares", "65536"],
            ...["NET_ADMIN", "SYS_ADMIN", "NET_RAW"].flatMap((capability) => ["--cap-add", capability]),
            ...["--sysctl", "net.ipv4.ip_forward=1", "--sysctl", "net.ipv6.conf.all.disable_ipv6=0"],
            ...["--sysctl", "net.ipv6.conf.all.forwarding=1"],
            ...["--network", fabric.name, "--ip", this.addresses[0], "--ip6", this.addresses[1]],
            ...["--env", `FRR_CONF=${this.conf()}`, image],
            ...[
                "sh",
                "-c",
                'echo "$FRR_CONF" >/etc/frr/frr.conf; /usr/lib/frr/frrinit.sh start; exec sleep infinity',
            ],
        );
    }

    async remove(): Promise<void> {
        if (await dockerInspect("container", this.name)) await docker("rm", "--force", this.name);
    }

    vtysh = (command: string) => docker("exec", this.name, "vtysh", "-c", command);

    waysTo = (address: string) => waysTo(this.name, address);

    private conf(): string {
        const neighbors = hosts.flatMap(({ asn, addresses }) =>
            addresses.map((address) => ({ asn, address, ipv6: address.includes(":") })),
        );
        const family = (ipv6: boolean) => [
            ` address-family ipv${ipv6 ? 6 : 4} unicast`,
            "  maximum-paths 16",
            ...neighbors
                .filter((neighbor) => neighbor.ipv6 === ipv6)
                .flatMap(({ address }) => [
                    `  neighbor ${address} activate`,
                    `  neighbor ${address} prefix-list service${ipv6 ? 6 : 4} in`,
                ]),
            " exit-address-family",
        ];
        return [
            "frr defaults traditional",
            "bfd",
            " profile fast",
            "  receive-interval 100",
            "  transmit-interval 100",
            " exit",
            "exit",
            `router bgp ${routerAsn}`,
            ` bgp router-id ${this.addresses[0]}`,
            " no bgp ebgp-requires-policy",
            " no bgp default ipv4-unicast",
            " bgp bestpath as-path multipath-relax",
            ...neighbors.flatMap(({ asn, address }) => [
                ` neighbor ${address} remote-as ${asn}`,
                ` neighbor ${address} bfd profile fast`,
                ` neighbor ${address} timers 3 9`,
                ` neighbor ${address} timers connect 1`,
            ]),
            ...family(false),
            ...family(true),
            "exit",
            `ip prefix-list service4 permit ${this.announced[0]}/32`,
            `ipv6 prefix-list service6 permit ${this.announced[1]}/128`,
            "",
        ].join("\n");
    }
}
