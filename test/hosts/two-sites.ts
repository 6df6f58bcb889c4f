import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { NeighborSettings } from "../../config/anycast";
import { TestStack, root } from "../integration/support/stack";
import { eventually } from "../integration/support/eventually";
import { labResolvers } from "../lab/catalog";
import { ensureLabImage, startLab } from "../lab/lab";
import { DockerHost } from "./docker-host";
import { sshKeys, sshOptions, tlsKeys } from "./keys";
import { Router, access, fabric, routerAddresses, routerAsn } from "./router";

const run = promisify(execFile);
const password = "between routers";

export const port = 5391;
export const anycast4 = "198.51.100.91";
export const anycast6 = "2001:db8::91";
/** Those that the hosts hold in turn, of the network that both are in. */
export const virtual4 = `${fabric.subnet}.91`;
export const virtual6 = `${fabric.subnet6}91`;

/** What differs from what the sites have otherwise. */
export interface Changed {
    readonly password?: string;
    readonly cacheMiB?: number;
    readonly threads?: number;
    readonly med?: number;
    readonly neighbors?: readonly NeighborSettings[];
    /** Another image of the announcer, which is at both hosts. */
    readonly announcer?: string;
    /** More addresses. */
    readonly more?: readonly string[];
}

/** What the hosts are to routers. */
const first = { number: 11, asn: 65001, addresses: addressesOf(11) };
const second = { number: 12, asn: 65002, addresses: addressesOf(12) };
export const hosts = [first, second];

function addressesOf(number: number): readonly [ipv4: string, ipv6: string] {
    return [`${fabric.subnet}.${number}`, `${fabric.subnet6}${number}`];
}

const join = ({ number, addresses: [, ipv6] }: typeof first) => ({ network: fabric.name, number, ipv6 });

/** A stack of two sites, A by TLS and B by ssh, behind one router; clients are behind that. */
export class TwoSites {
    readonly a = new DockerHost("recursive-dns-test-a", fabric.subnet, join(first));
    readonly b = new DockerHost("recursive-dns-test-b", fabric.subnet, join(second));
    readonly router = new Router(
        [anycast4, anycast6],
        hosts.map((host) => ({ ...host, password })),
    );
    readonly stack = new TestStack("test-anycast");
    /** As A has built them. */
    private readonly images: Record<string, string> = {};

    /** @param rate UDP queries a second */
    constructor(private readonly rate: number) {}

    /** Where clients ask, who ask once more when a connection is cut. */
    get announced() {
        return { port, udp: anycast4, tcp: anycast6, retries: 1, rate: this.rate };
    }
    get held() {
        return { port, udp: virtual4, tcp: virtual6, retries: 1, rate: this.rate };
    }

    private siteA = ({ announcer }: Changed = {}) => ({
        images: announcer === undefined ? {} : { anycast: announcer },
        docker: { host: `tcp://${this.a.address}:2376`, certificates: `${this.a.directory}/client` },
        address: this.a.address,
    });
    private siteB = ({ announcer }: Changed = {}) => ({
        images: { ...this.images, ...(announcer === undefined ? {} : { anycast: announcer }) },
        docker: { host: `ssh://root@${this.b.address}`, sshOptions: sshOptions(this.b.directory) },
        address: this.b.address,
    });

    /** Sites that announce an address by BGP: both, or those named. */
    byBgp(changed: Changed = {}, ...names: readonly ("a" | "b")[]) {
        const neighbors = routerAddresses.map((address) => ({ address, asn: routerAsn, bfd: true }));
        const sites = {
            a: { ...this.siteA(changed), anycast: { asn: first.asn } },
            b: { ...this.siteB(changed), anycast: { asn: second.asn } },
        };
        return {
            ...this.common(changed, [anycast4, anycast6, ...(changed.more ?? [])]),
            sites: names.length > 0 ? Object.fromEntries(names.map((name) => [name, sites[name]])) : sites,
            anycast: { asn: 65000, neighbors: changed.neighbors ?? neighbors, med: changed.med ?? 1 },
            anycastPasswords: Object.fromEntries(
                routerAddresses.map((address) => [address, changed.password ?? password]),
            ),
        };
    }

    /** Sites that hold an address in turn by VRRP. */
    byVrrp(vrrp: object = {}) {
        return {
            ...this.common({}, [virtual4, virtual6]),
            sites: { a: { ...this.siteA(), vrrp: { priority: 150 } }, b: this.siteB() },
            vrrp: { id: 91, interface: "eth0", ...vrrp },
        };
    }

    private common({ threads = 2, cacheMiB = 32 }: Changed, addresses: readonly string[]) {
        return {
            serviceAddress: { addresses, port },
            dnsdist: {
                acl: [
                    ...[`${fabric.subnet}.0/24`, `${access.subnet}.0/24`],
                    ...[`${fabric.subnet6}/64`, `${access.subnet6}/64`],
                ],
                threads,
                clients: {
                    load: {
                        subnets: [
                            ...[`${access.subnet}.0/24`, `${access.subnet6}/64`],
                            ...[`${fabric.subnet}.1/32`, `${fabric.subnet6}1/128`],
                        ],
                    },
                },
                protection: { exempt: ["load"] },
            },
            resolvers: { ...labResolvers, services: 2, instances: 1, cacheMiB },
        };
    }

    /** Makes the hosts, the router, and the stack with the one site. */
    async start(): Promise<void> {
        const { a, b, router } = this;
        await router.prepare();
        await Promise.all([
            a.start((directory) => tlsKeys(directory, a.address)),
            b.start((directory) => sshKeys(directory, b.address)),
        ]);
        const images = ["debian:forky-slim", await ensureLabImage()];
        await Promise.all(
            [a, b].map(async (host) => {
                await host.shell(Router.wayBack);
                await host.load(...images);
            }),
        );
        for (const host of [a, b]) await host.instead(startLab);
        await router.start();
        await this.stack.create(this.byBgp({}, "a"));
    }

    async remove(): Promise<void> {
        await this.stack.destroy();
        await Promise.all([this.a.remove(), this.b.remove()]);
        await this.router.remove();
    }

    /** Waits until the router leads to these hosts, by IPv4 and IPv6. */
    async led(...to: readonly DockerHost[]): Promise<void> {
        const [ways4, ways6] = ([0, 1] as const).map((family) =>
            to.map((host) => this.addressesOf(host)[family]),
        );
        await eventually(() => this.router.waysTo(anycast4), ways4, 60);
        await eventually(() => this.router.waysTo(anycast6), ways6, 60);
    }

    /** Waits until both say that they announce, and have live resolvers. */
    async live(): Promise<void> {
        for (const host of [this.a, this.b]) {
            const [steer = ""] = await this.component(host, "address-steer");
            const said = () => host.docker("exec", steer, "cat", "/run/site/steering/announcement");
            await eventually(async () => (await said()).replace(/^\d+ /, ""), "announced live", 60);
        }
    }

    /** Where routers find a host, by IPv4 and IPv6. */
    addressesOf = (host: DockerHost) => (host === this.a ? first : second).addresses;

    /** Waits until this host holds the addresses, and no other does. */
    async holds(holder: DockerHost): Promise<void> {
        for (const address of [virtual4, virtual6])
            await eventually(() => this.holders(address), [holder], 60);
    }

    /** The hosts that have an address. */
    async holders(address: string): Promise<DockerHost[]> {
        const shown = [this.a, this.b].map((host) => host.shell(`ip -o addr show to ${address}`));
        const [onA, onB] = await Promise.all(shown);
        return [...(onA ? [this.a] : []), ...(onB ? [this.b] : [])];
    }

    /** Gives B the images that A has built, as one does where there is no registry. */
    async share(): Promise<void> {
        const { a, b } = this;
        const built = await a.docker(
            "images",
            "--format",
            "{{.Repository}}:{{.Tag}}",
            "--filter",
            "dangling=false",
        );
        for (const [, reference = "", name = ""] of built.matchAll(
            /^(recursive-dns\/([a-z-]+):[0-9a-f]{16})$/gm,
        ))
            this.images[name === "service-address" ? "serviceAddress" : name] = reference;
        assert.equal(Object.keys(this.images).length, 6);
        const file = `${a.directory}/built.tar`;
        await a.docker("save", "--output", file, ...Object.values(this.images));
        await b.docker("load", "--input", file);
    }

    /** The running containers of a part of a site. */
    async component(host: DockerHost, name: string): Promise<string[]> {
        const label = `label=recursive-dns.component=dns-${host === this.a ? "a" : "b"}-${name}`;
        return (await host.docker("ps", "--quiet", "--filter", label)).split("\n");
    }

    /** Makes, on a host, another image of what runs there that does the same. */
    async variant(host: DockerHost, name: string, image: string): Promise<void> {
        const [container = ""] = await this.component(host, name);
        const origin = await host.docker("inspect", "--format", "{{.Config.Image}}", container);
        await host.shell(
            `printf 'FROM %s\\nLABEL recursive-dns.variant=yes\\n' ${origin} | docker build --quiet --tag ${image} -`,
        );
    }

    /** Has what a site announces withdrawn, or announced again, as people do. */
    drain(verb: "drain" | "undrain", site: "a" | "b") {
        return run(process.execPath, ["scripts/drain.mjs", verb, site, this.stack.name], {
            cwd: root,
            env: this.stack.environment,
        });
    }
}
