import assert from "node:assert/strict";
import { type Packet, RECURSION_DESIRED, type RecordType as DnsType, decode, encode } from "dns-packet";
import { Attacks, seconds, unsignedDomain } from "../attack/attacks";
import { Stranger } from "../attack/strangers";
import type { ProtectionSettings } from "../../config/protection";
import { labResolvers } from "../lab/catalog";
import { countingQueries } from "../lab/control";
import { startLab } from "../lab/lab";
import { type UdpReport, startUdpLoad } from "../load/udp";
import { type Answer, type Server, exchange, outcome } from "./support/dns";
import { logs, onConsole } from "./support/host";
import { tellOnFailure } from "./support/on-failure";
import { assertReplaced, serving } from "./support/parts";
import { TestStack } from "./support/stack";

const address = "198.51.100.85";
const address6 = "2001:db8::85";
const [port, dot, doh] = [5384, 5383, 5382];
const service: Server = { address, port, transport: "udp" };

/** Low enough to be passed by far on this machine, beside everything else that it does. */
const limits: ProtectionSettings = {
    queries: 400,
    prefixQueries: 2000,
    kibibytes: 64,
    blockSeconds: 3,
    attackedNames: 10,
    connections: { perClient: 50, newPerSecond: 1000 },
};

describe("somebody who asks too much", () => {
    const stack = new TestStack("test-protection");
    const settings = (changes: ProtectionSettings = {}) => ({
        serviceAddress: { addresses: [address, address6], port },
        resolvers: { ...labResolvers, services: 2, instances: 1, cacheMiB: 32 },
        dnsdist: {
            clients: { strangers: { subnets: ["10.99.1.0/24"] } },
            protection: { ...limits, ...changes },
            tls: { name: "dns.example.net", dot: { port: dot }, doh: { port: doh } },
        },
    });
    let flooder: Stranger;
    let neighbour: Stranger;
    let victim: Stranger;
    let attacks: Attacks;

    before(async () => {
        await startLab();
        [flooder, neighbour, victim] = await Promise.all([
            Stranger.start("flooder", 1),
            Stranger.start("neighbour", 2),
            Stranger.start("victim", 3),
        ]);
        attacks = new Attacks(flooder, { address, address6, port, dot, doh });
        await stack.create(settings());
        await stack.must(stack.up());
    });
    after(async () => {
        await stack.destroy();
        await Promise.all([flooder, neighbour, victim].map((stranger) => stranger.stop()));
    });
    tellOnFailure(stack.name);

    /** Does something while a neighbour asks, and holds it to costing the neighbour nothing. */
    async function beside<T>(attack: () => Promise<T>): Promise<{ found: T; neighbours: UdpReport }> {
        const load = await startUdpLoad({
            ...{ address, port, network: neighbour.network },
            ...{ rate: 200, least: 200 * (seconds + 2) },
        });
        const found = await attack();
        const neighbours = await load.stop();
        assert.ok(neighbours.sent >= 200 * seconds, `${neighbours.sent} sent`);
        assert.equal(neighbours.lost + neighbours.wrong, 0, told(neighbours));
        return { found, neighbours };
    }

    async function counter(name: string): Promise<number> {
        const [frontend = ""] = (await serving(stack.name)).frontend;
        return Number(onConsole(frontend, `return getStatisticsCounters()['${name}']`));
    }

    async function counting<T>(names: readonly string[], what: () => Promise<T>) {
        const all = async () => (await Promise.all(names.map(counter))).reduce((sum, each) => sum + each);
        const before = await all();
        const found = await what();
        return { found, counted: (await all()) - before };
    }

    for (const [family, to] of Object.entries({ IPv4: address, IPv6: address6 })) {
        it(`is held off while neighbours are answered: by a flood over ${family}`, async function () {
            const { found, neighbours } = await beside(() =>
                counting(["rule-truncated", "dyn-blocked"], () => attacks.flood(to)),
            );
            const { found: sent, counted } = found;
            assert.ok(sent > 5000 * seconds && counted > 0.8 * sent, `${counted} of ${sent}`);
            this.test!.title += ` (${counted} of ${sent}; ${told(neighbours)})`;
        });
    }

    it("is held off while neighbours are answered: by random names below a domain, from many addresses", async function () {
        const domain = unsignedDomain();
        const known = await outcome(service, domain, "SOA");
        const { found, neighbours } = await beside(() =>
            countingQueries(async () => {
                const running = attacks.randomNames(domain);
                await new Promise((resolve) => setTimeout(resolve, (seconds - 2) * 1000));
                assert.equal(await outcome(service, domain, "SOA"), known, "what the cache has");
                return running;
            }),
        );
        const sent = found.outcome;
        assert.ok(sent > 1000 * seconds, `${sent} sent`);
        // Two seconds until it is noticed; and the neighbours' own new names.
        assert.ok(found.upstream < 0.6 * sent, `${found.upstream} of ${sent} went on`);
        assert.match(await logs(stack.name), /random names below/);
        this.test!.title += ` (${found.upstream} of ${sent} went on; ${told(neighbours)})`;
    });

    it("gets no more connections than are allowed", async function () {
        const { found: left, neighbours } = await beside(() => attacks.connections());
        assert.ok(left <= 50, `${left} left`);
        this.test!.title += ` (${left} of 2000; ${told(neighbours)})`;
    });

    for (const [protocol, to] of Object.entries({ TLS: dot, "HTTP/2": doh })) {
        it(`gets no more slow handshakes than are allowed, for ${protocol}`, async function () {
            const { found: left, neighbours } = await beside(() => attacks.handshakes(to));
            assert.ok(left <= 50, `${left} left`);
            this.test!.title += ` (${left} of 2000; ${told(neighbours)})`;
        });
    }

    it("is of little use in the name of somebody else", async function () {
        await outcome(service, "big.example.com", "TXT");
        const { found, neighbours } = await beside(() => attacks.reflection(victim));
        assert.ok(found.factor < 1.5, `a factor of ${found.factor}`);
        this.test!.title += ` (${found.factor.toFixed(2)} times its ${found.sent} queries; ${told(neighbours)})`;
    });

    it("gets no more large answers than are allowed, over TCP as well", async function () {
        const { found, neighbours } = await beside(() =>
            counting(["dyn-blocked"], () => attacks.largeAnswers()),
        );
        assert.ok(found.counted > 0.4 * found.found.sent, `${found.counted} of ${found.found.sent}`);
        this.test!.title += ` (${found.counted} of ${found.found.sent} held off; ${told(neighbours)})`;
    });

    it("is warned of in the log before, and told of after", async () => {
        const text = await logs(stack.name);
        assert.match(text, /Inserting dynamic rule.*warning_rule="1"/);
        assert.match(text, /Inserting dynamic rule.*client\.address="10\.99\.1\.66\/32".*warning_rule="0"/);
    });

    it("may be exempt, which changes in place", async function () {
        const before = await serving(stack.name);
        stack.configure(settings({ exempt: ["strangers"] }));
        await stack.must(stack.up());
        assertReplaced(before, await serving(stack.name), []);
        const { found, counted } = await counting(["rule-truncated", "dyn-blocked"], () =>
            attacks.questions(1500),
        );
        assert.equal(counted, 0);
        this.test!.title += ` (${told(found)})`;
    });

    /** What comes back for a message of our own making; the transport is UDP unless it is said. */
    const answerTo = async (packet: Packet, transport: Server["transport"] = "udp", patience?: number) =>
        decode(
            await exchange({ ...service, transport }, encode({ id: 1, type: "query", ...packet }), patience),
        ) as Answer;
    const question = (type: DnsType) => ({ questions: [{ name: "www.example.com", type }] });

    it("is told to come by TCP for queries of type ANY", async () => {
        const any = { ...question("ANY" as DnsType), flags: RECURSION_DESIRED };
        assert.ok((await answerTo(any)).flag_tc);
        assert.ok(!(await answerTo(any, "tcp")).flag_tc);
    });

    it("hears nothing when no recursion is desired, and of operations that are not for a resolver", async () => {
        await assert.rejects(answerTo({ ...question("A"), flags: 0 }, "udp", 1500), /no answer/);
        const notify = { ...question("SOA"), flags: RECURSION_DESIRED | (4 << 11) };
        assert.equal((await answerTo(notify)).rcode, "NOTIMP");
    });
});

const told = ({ sent, lost, wrong, p99Seconds }: UdpReport) =>
    `neighbours: ${lost} lost, ${wrong} wrong of ${sent}, p99 ${(p99Seconds * 1000).toFixed(1)} ms`;
