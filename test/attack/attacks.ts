import { domains } from "../lab/internet/domains";
import { type UdpReport, startUdpLoad } from "../load/udp";
import type { Stranger } from "./strangers";

/** A service that is attacked: its addresses and ports. */
export interface Victim {
    readonly address: string;
    readonly address6: string;
    readonly port: number;
    readonly dot: number;
    readonly doh: number;
}

/** The first of dnsdist's own ports, which the host lets nobody reach from outside. */
const droppedPort = 20_000;

/** Every attack lasts so long. */
export const seconds = 6;

/** A domain whose every name is asked upstream: nobody can tell from signatures which names it has not. */
export const unsignedDomain = (): string =>
    domains().find(({ zone: { signing }, ipv6Only }) => !signing && !ipv6Only)!.zone.origin;

/** What a stranger can do to a service; each ends by itself. */
export class Attacks {
    constructor(
        private readonly stranger: Stranger,
        private readonly victim: Victim,
    ) {}

    /** Queries of one client. Returns how many. */
    async flood(address: string): Promise<number> {
        const asked = ["flood", address, this.victim.port, "www.example.com", "A", 10_000, seconds];
        const [sent = 0] = await this.stranger.attack(...asked);
        return sent;
    }

    /** No attack: queries of one client who waits for the answers. */
    async questions(rate: number): Promise<UdpReport> {
        const { address, port } = this.victim;
        const asked = { address, port, network: this.stranger.network, rate, least: rate * seconds };
        return (await startUdpLoad(asked)).stop();
    }

    /** As many packets as in a flood, to a port where the host drops them: what is left is what sending them costs. */
    async nowhere(rate = 10_000): Promise<number> {
        const { address } = this.victim;
        const from = `${this.stranger.address}-${this.stranger.address}`;
        const asked = ["spoof", address, droppedPort, from, "example.com", "A", rate, seconds];
        const [sent = 0] = await this.stranger.attack(...asked);
        return sent;
    }

    /** Names below a domain, each another one, from many addresses. Returns how many. */
    async randomNames(domain: string): Promise<number> {
        const { address, port } = this.victim;
        const sources = this.stranger.addresses(10, 200);
        const asked = ["spoof", address, port, sources, `*.${domain}`, "A", 1500, seconds];
        const [sent = 0] = await this.stranger.attack(...asked);
        return sent;
    }

    /** Connections on which nothing is asked. Returns how many are left of 2000. */
    async connections(): Promise<number> {
        const { address, port } = this.victim;
        const [left = NaN] = await this.stranger.attack("connections", address, port, 2000, seconds);
        return left;
    }

    /** Handshakes of TLS, a byte a second. Returns how many connections are left of 2000. */
    async handshakes(port: number): Promise<number> {
        const { address6 } = this.victim;
        const slow = ["connections", address6, port, 2000, seconds, seconds];
        const [left = NaN] = await this.stranger.attack(...slow);
        return left;
    }

    /** Queries in the name of somebody else, whose answers are large. */
    async reflection(other: Stranger): Promise<{ sent: number; factor: number }> {
        const { address, port } = this.victim;
        const before = await other.received();
        const source = `${other.address}-${other.address}`;
        const asked = ["spoof", address, port, source, "example.com", "DNSKEY", 3000, seconds];
        const [sent = 0, bytes = NaN] = await this.stranger.attack(...asked);
        return { sent, factor: ((await other.received()) - before) / bytes };
    }

    /** Answers of more than 4 kB over TCP, again and again. */
    largeAnswers(): Promise<UdpReport> {
        const { address, port } = this.victim;
        const how = ["-s", address, "-p", port, "-m", "tcp", "-c", 10, "-Q", 350, "-l", seconds];
        return this.stranger.ask("big.example.com TXT", ...how);
    }
}
