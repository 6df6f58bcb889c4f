import assert from "node:assert/strict";
import { X509Certificate, createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type DecodedPacket, RECURSION_DESIRED, decode, encode } from "dns-packet";
import type { ResolverSettings } from "../../config/resolvers";
import { type Reference, startReference } from "../differential/reference";
import { labNetwork, labResolvers } from "../lab/catalog";
import { brokenDomains } from "../lab/internet/broken";
import type { RecordType } from "../lab/internet/expectation";
import { domains } from "../lab/internet/domains";
import { startLab } from "../lab/lab";
import { docker } from "../lab/docker";
import { moments, record } from "../report/rows";
import { captured } from "./support/capture";
import { type Server, ask, outcome, untilSaid } from "./support/dns";
import { inside, inspections, onConsole, resolvers } from "./support/host";
import { tellOnFailure } from "./support/on-failure";
import { assertReplaced, refusedUpdate, serving } from "./support/parts";
import { until } from "./support/shared-cache";
import { TestStack } from "./support/stack";
import { rate, summary, underLoad } from "./support/under-load";

const long = Boolean(process.env.RECURSIVE_DNS_LONG);
const port = 5381;
const service: Server = { address: "127.0.0.1", port, transport: "udp" };
const child: Server = { ...service, from: "127.0.0.66" };
/** As `dig +nsid` does. */
const asking = { flags: RECURSION_DESIRED, size: 1232, options: [{ code: 3, data: Buffer.alloc(0) }] };
const oldMachine: Server = { ...service, from: "127.0.0.67" };

describe("resolver settings", () => {
    const stack = new TestStack("test-resolvers");
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-resolvers-"));
    const file = (name: string, text: string) => {
        const where = path.join(directory, name);
        writeFileSync(where, text);
        return where;
    };
    const settings = (changes: ResolverSettings = {}) => ({
        serviceAddress: { addresses: ["127.0.0.1", "::1"], port },
        resolvers: { ...labResolvers, services: 1, instances: 2, cacheMiB: 32, ...changes },
        rollout: { patienceSeconds: 30 },
    });
    const rpz = (...rules: string[]) =>
        file("blocked.rpz", ["$TTL 300", "@ SOA a. b. 1 1h 1h 1h 1h", ...rules, ""].join("\n"));

    before(async () => {
        await startLab();
        await stack.create(settings());
        await stack.must(stack.up());
    });
    after(async () => {
        await stack.destroy();
        rmSync(directory, { recursive: true });
    });
    tellOnFailure(stack.name);

    async function change(changes: ResolverSettings): Promise<void> {
        stack.configure(settings(changes));
        await stack.must(stack.up());
    }

    const refused = (changes: ResolverSettings) => refusedUpdate(stack, settings(changes));

    it("say why an answer is bogus, through dnsdist (RFC 8914)", async () => {
        for (const [name, code] of [
            ["www.bogus.org", 6], // DNSSEC bogus
            ["www.expired-signatures.com", 7],
            ["www.future-signatures.com", 8],
            ["www.missing-signature.com", 10],
        ] as const) {
            const answer = await ask(service, { name, type: "A" });
            assert.equal((answer as DecodedPacket & { rcode: string }).rcode, "SERVFAIL", name);
            assert.deepEqual(extendedErrors(answer), [code], name);
        }
    });

    it("ask servers for no more of a name than they need, and for nobody in particular", async () => {
        const name = "deep.down.below.wild.example.net";
        const queries = await captured(labNetwork.name, "dst port 53", () =>
            Promise.all(["127.0.0.66", "127.0.0.67"].map((from) => outcome({ ...service, from }, name))),
        );
        const asked = queries.flatMap((line) => /\? (\S+)\. /.exec(line)?.[1]?.toLowerCase() ?? []);
        assert.ok(asked.includes(name), queries.join("\n"));
        assert.ok(!queries.some((line) => line.includes("ECS")), queries.join("\n"));
        // The servers of the root and of net (.10, .11, .20, .21) see no more than the domain.
        const above = queries.filter((line) => /> 198\.18\.0\.[12][01]\.53:/.test(line));
        for (const line of above) assert.ok(!line.toLowerCase().includes("wild"), line);
    });

    it("answer what they know themselves, and for some clients otherwise", async () => {
        await change({
            views: [
                { name: "children", subnets: ["127.0.0.64/28"], tags: ["children"] },
                { name: "old-machines", subnets: ["127.0.0.67/32"], dns64: false },
            ],
            localData: {
                addresses: { "printer.home.example": ["10.0.0.9"] },
                records: "home.example. MX 10 mx.home.example.",
                rules: [
                    { domains: ["www.example.com"], answer: "nxdomain", tags: ["children"] },
                    { domains: ["games.example"], answer: "address", addresses: ["192.0.2.9"] },
                ],
                rpz: [
                    { name: "blocked", file: rpz("www.example.net CNAME .", "*.wild.example.net CNAME .") },
                    {
                        name: "children",
                        file: file(
                            "children.rpz",
                            "$TTL 300\n@ SOA a. b. 1 1h 1h 1h 1h\nalias.example.com CNAME .\n",
                        ),
                        tags: ["children"],
                    },
                ],
            },
            dns64: {},
        });
        assert.equal(await outcome(service, "printer.home.example"), "NOERROR 10.0.0.9");
        assert.equal(
            await outcome(service, "9.0.0.10.in-addr.arpa", "PTR" as RecordType),
            "NOERROR printer.home.example",
        );
        assert.equal(await outcome(service, "home.example", "MX"), "NOERROR 10 mx.home.example");
        assert.equal(await outcome(service, "any.games.example"), "NOERROR 192.0.2.9");
        assert.equal(await outcome(service, "any.games.example", "TXT"), "NOERROR");
        assert.equal(await outcome(service, "www.example.net"), "NXDOMAIN");
        assert.equal(await outcome(service, "x.wild.example.net"), "NXDOMAIN");
        // Each client twice: what one is told, dnsdist keeps from the others.
        for (let round = 1; round <= 2; round++) {
            assert.equal(await outcome(service, "www.example.com"), "NOERROR 192.0.2.80");
            assert.equal(await outcome(child, "www.example.com"), "NXDOMAIN");
            assert.equal(await outcome(oldMachine, "www.example.com"), "NOERROR 192.0.2.80");
            assert.match(await outcome(service, "alias.example.com"), /^NOERROR/);
            assert.equal(await outcome(child, "alias.example.com"), "NXDOMAIN");
            const translated = "NOERROR 64:ff9b::c000:252";
            assert.equal(await outcome(service, "a.wild.example.com", "AAAA"), translated);
            assert.equal(await outcome(oldMachine, "a.wild.example.com", "AAAA"), "NOERROR");
        }
    });

    it("are replaced when a response policy zone changes, and nothing of the one before is kept", async function () {
        const local = (...rules: string[]) => ({
            localData: { rpz: [{ name: "blocked", file: rpz(...rules) }] },
        });
        await change(local("www.half-lame.net CNAME ."));
        assert.equal(await outcome(service, "www.half-lame.net"), "NXDOMAIN");
        assert.equal(await outcome(service, "intact.bogus.org"), "NOERROR 192.0.2.85");
        const before = await serving(stack.name);
        const { marks, mark } = moments();
        const report = await underLoad({ port }, async () => {
            mark("begun");
            await change(local("intact.bogus.org CNAME ."));
            mark("done");
        });
        assertReplaced(before, await serving(stack.name), ["resolvers"]);
        // Though both are in the packet cache, for minutes.
        await untilSaid(service, "intact.bogus.org", /^NXDOMAIN/);
        assert.match(await outcome(service, "www.half-lame.net"), /^NOERROR 1/);
        const name = "another response policy zone";
        record({ group: "planned", name, rate, report, marks, replaced: "resolvers" });
        this.test!.title += ` (${summary(report)})`;
    });

    it("are not replaced for what cannot be read", async () => {
        const broken = { localData: { rpz: [{ name: "blocked", file: rpz("www.example.net CNAME") }] } };
        assert.match(await refused(broken), /error parsing zone file `\/etc\/knot-resolver\/blocked-/);
        const script = { lua: { scripts: [file("own.lua", "x = = 1\n")] } };
        assert.match(await refused(script), /own-\w+\.lua:1: unexpected symbol near '='/);
        const nowhere = { localData: { rpz: [{ name: "x", file: path.join(directory, "nowhere.rpz") }] } };
        assert.match(
            await refused(nowhere),
            /resolvers\.localData\.rpz\[0\]\.file: .*nowhere\.rpz: must be a file/,
        );
        const failing = { lua: { scripts: [file("failing.lua", "error('of our own making')\n")] } };
        await refused(failing);
        assert.equal(await outcome(service, "intact.bogus.org"), "NXDOMAIN", "as before");
    });

    it("are in the network of the host itself, if that is wished", async function () {
        const before = await serving(stack.name);
        const { marks, mark } = moments();
        const report = await underLoad({ port }, async () => {
            mark("begun");
            await change({ network: "host", networks: [], ipv6: true });
            mark("done");
        });
        assertReplaced(before, await serving(stack.name), ["resolvers"]);
        const name = "the resolvers in the host's own network";
        record({ group: "planned", name, rate, report, marks, replaced: "resolvers" });
        this.test!.title += ` (${summary(report)})`;

        // Nobody translates the addresses of what they ask, and IPv6 is theirs.
        const { zone } = domains().find(({ ipv6Only }) => ipv6Only)!;
        const asked = await captured(labNetwork.name, "dst port 53", async () => {
            for (const each of ["on-host.wild.example.net", `www.${zone.origin}`])
                assert.match(await outcome(service, each), /^NOERROR/);
        });
        const by = new Set(asked.flatMap((line) => / IP6? .*?(\S+)\.\d+ > /.exec(line)?.[1] ?? []));
        assert.deepEqual([...by].sort(), [labNetwork.gateway, labNetwork.gateway6].sort(), asked.join("\n"));
        // Each at an address of its own, which it still has when it comes back.
        const addresses = () => {
            const said = onConsole(frontend, "showServers()").match(/127\.\d+\.\d+\.\d+:1053/g) ?? [];
            return [...new Set(said)].sort();
        };
        const [frontend = ""] = (await serving(stack.name)).frontend;
        const all = await resolvers(stack.name);
        const first = addresses();
        assert.equal(first.length, all.length);
        await docker("restart", "--time", "0", all[0]!.id);
        await until(stack.name, ({ connected }) => connected === 1);
        assert.deepEqual(addresses(), first);
    });

    // What follows takes minutes: an update for each.
    if (!long) return;

    it("have room for many names in a response policy zone, without a gap", async function () {
        const count = 1_000_000;
        const many = Array.from({ length: count }, (_, index) => `n${index}.blocked.example CNAME .`);
        const memory = async () => {
            const [resolver] = await resolvers(stack.name);
            return docker("stats", "--no-stream", "--format", "{{.MemUsage}}", resolver!.id);
        };
        const before = await memory();
        let seconds = NaN;
        const report = await underLoad({ port }, async () => {
            const begun = Date.now();
            await change({ localData: { rpz: [{ name: "blocked", file: rpz(many.join("\n")) }] } });
            seconds = (Date.now() - begun) / 1000;
        });
        assert.equal(await outcome(service, `n${count - 1}.blocked.example`), "NXDOMAIN");
        this.test!.title += ` (${count} in ${seconds} s, memory ${before} to ${await memory()}; ${summary(report)})`;
    });

    it("take signatures for good where they are told to, ask again for what expires, load others' code", async () => {
        await change({
            dnssec: { negativeTrustAnchors: ["bogus.org"], logFailures: true },
            ttl: { maximum: 60 },
            prefetch: { expiring: true, prediction: {} },
            cpus: ["0"],
            lua: {
                load: ["edns_keepalive"],
                modules: { greet: file("greet.lua", "return { hello = function() return 'hello' end }\n") },
                scripts: [file("own.lua", "own = 'of our own'\n")],
            },
        });
        assert.equal(await outcome(service, "www.bogus.org"), "NOERROR 192.0.2.66");
        const { answers = [] } = await ask(service, { name: "www.example.com", type: "A" });
        assert.ok((answers[0] as { ttl: number }).ttl <= 60);
        const [resolver] = await resolvers(stack.name);
        const direct: Server = { address: resolver!.address, port: 53, transport: "udp" };
        const name = "expiring.wild.example.net";
        await outcome(direct, name);
        await sleep(56_500); // which leaves less than five seconds of sixty
        const asked = await captured(labNetwork.name, "dst port 53", () => outcome(direct, name));
        assert.ok(
            asked.some((line) => line.toLowerCase().includes(`? ${name}. `)),
            asked.join("\n"),
        );
        assert.match(inside(resolver!.id, "control", "type(predict)"), /table/);
        assert.match(inside(resolver!.id, "control", "greet.hello() .. ' ' .. own"), /hello of our own/);
        assert.match(await inspections(stack.name), /"CpusetCpus":"0"/);
    });

    it("tell some clients alone which of them has answered", async () => {
        await change({ nsid: { clients: ["127.0.0.66/32"] } });
        const who = async (server: Server) => {
            const { additionals = [] } = await ask(server, { name: "www.example.com", type: "A" }, asking);
            const [opt] = additionals as { options?: { code: number; data: Buffer }[] }[];
            return opt?.options?.find(({ code }) => code === 3)?.data.toString() ?? "";
        };
        const ids = (await resolvers(stack.name)).map(({ id }) => `resolver-a/${id.slice(0, 12)}`);
        for (let round = 1; round <= 2; round++) {
            const told = await who(child);
            assert.ok(
                ids.some((id) => told.endsWith(id)),
                told,
            );
            assert.equal(await who(service), "");
        }
    });

    it("limit clients by their own addresses, if they shall, and are not taken for dead", async () => {
        await change({ limits: { queries: 20, burst: 5 } });
        const many = (server: Server) =>
            Promise.all(
                Array.from({ length: 60 }, (_, index) =>
                    ask(server, { name: `l${index}-${server.from}.wild.example.net`, type: "A" }),
                ),
            );
        const truncated = (await many(child)).filter(({ flag_tc }) => flag_tc).length;
        assert.ok(truncated >= 20, `${truncated} of 60 were truncated`);
        const other = await ask(oldMachine, { name: "other.wild.example.net", type: "A" });
        assert.ok(!other.flag_tc);
        const [frontend = ""] = (await serving(stack.name)).frontend;
        const servers = onConsole(frontend, "showServers()");
        assert.ok(!/ down /i.test(servers), servers);
    });

    it("have clients wait that take too much of them, if they shall, and are not taken for dead", async function () {
        await change({ limits: { defer: true } });
        const [resolver] = await resolvers(stack.name);
        assert.match(
            inside(resolver!.id, "cat", "/etc/knot-resolver/worker.lua"),
            /'\/run\/knot-resolver\/defer'/,
        );
        // Upstream loses a query now and then: docs/resolvers.md
        const report = await underLoad({ port }, () => sleep(5000), { lost: 30 });
        const [frontend = ""] = (await serving(stack.name)).frontend;
        assert.doesNotMatch(onConsole(frontend, "showServers()"), / down /i);
        this.test!.title += ` (${summary(report)})`;
    });

    it("leave addresses of private networks out of answers, if they shall", async () => {
        const [name = ""] = domains()
            .flatMap(({ expectations }) => expectations)
            .filter(({ answers: [first] }) => first?.type === "A" && first.data.startsWith("10."))
            .map(({ question }) => question.name);
        assert.match(await outcome(service, name), /^NOERROR 10\./);
        await change({ rebindingProtection: true });
        await untilSaid(service, name, /^(REFUSED|SERVFAIL)/);
    });

    describe("that ask another resolver, by TLS", () => {
        let unbound: Reference;
        let authority = "";
        before(async () => {
            unbound = await startReference("unbound", { TLS_NAME: "dns.example.net" });
            authority = await docker("exec", unbound.container, "cat", "/run/tls.pem");
        });
        after(() => unbound.remove());

        it("know it by its name or its key, and validate what it says", async () => {
            const named = {
                address: unbound.address,
                name: "dns.example.net",
                authority: file("ca.pem", authority),
            };
            await change({ forwards: [{ servers: [named] }] });
            const secured = await captured(labNetwork.name, `src host ${unbound.address}`, async () => {
                const answer = await ask(service, { name: "www.example.com", type: "A" });
                assert.ok(answer.flag_ad);
                assert.equal(await outcome(service, "www.bogus.org"), "SERVFAIL");
            });
            assert.ok(
                secured.some((line) => line.includes(".853 >")),
                secured.join("\n"),
            );
            assert.ok(!secured.some((line) => line.includes(".53 > 198.18.0.1")), secured.join("\n"));
            const key = new X509Certificate(authority).publicKey.export({ type: "spki", format: "der" });
            const pins = [createHash("sha256").update(key).digest("base64")];
            await change({ forwards: [{ servers: [{ address: unbound.address, pins }] }] });
            assert.equal(await outcome(service, "www.example.net"), "NOERROR 192.0.2.81");
        });

        it("do not ask somebody else in its place", async () => {
            const servers = [
                { address: unbound.address, name: "dns.example.org", authority: file("ca.pem", authority) },
            ];
            await change({ forwards: [{ servers }] });
            assert.equal(await outcome(service, "new.wild.example.net"), "SERVFAIL");
        });
    });

    it("ask other authorities for some domains", async () => {
        // Nobody vouches for its keys; who asks its servers without looking at that gets an answer.
        const forwards = [
            {
                domains: ["wrong-ds.com"],
                servers: serversOf("wrong-ds.com"),
                to: "authorities" as const,
                validate: false,
            },
        ];
        await change({ forwards });
        assert.match(await outcome(service, "www.wrong-ds.com"), /^NOERROR/);
        assert.equal(await outcome(service, "www.expired-signatures.com"), "SERVFAIL");
    });

    it("answer out of order, on one connection through dnsdist", async () => {
        const order = await pipelined(["www.slow.net", "www.example.com"]);
        assert.deepEqual(order, ["www.example.com", "www.slow.net"]);
    });

    it("follow the root's keys by themselves, if they shall, and keep what they have seen", async () => {
        const internet = { networks: [], rootHints: undefined, trustAnchors: undefined };
        await change({ ...internet, dnssec: { keyRollover: "rfc5011" } });
        const [resolver] = await resolvers(stack.name);
        const keys = () => inside(resolver!.id, "cat", "/var/lib/knot-resolver/root.key");
        assert.match(keys(), /DS|DNSKEY/);
        assert.match(inside(resolver!.id, "control", "trust_anchors.summary()"), /20326|38696/);
        assert.doesNotThrow(() => inside(resolver!.id, "touch", "/var/lib/knot-resolver/written"));
    });
});

const serversOf = (domain: string) =>
    brokenDomains
        .filter(({ zone }) => zone.origin === domain)
        .flatMap(({ zone }) => zone.servers.flatMap(({ addresses }) => addresses))
        .filter((address) => !address.includes(":"));

function extendedErrors({ additionals = [] }: DecodedPacket): number[] {
    const [opt] = additionals as { options?: { code: number; data: Buffer }[] }[];
    return (opt?.options ?? []).filter(({ code }) => code === 15).map(({ data }) => data.readUInt16BE(0));
}

/** Asks several names at once by one connection, and tells in which order the answers come. */
function pipelined(names: readonly string[]): Promise<string[]> {
    return new Promise((resolve, reject) => {
        const socket = net.connect(port, "::1");
        const order: string[] = [];
        let received = Buffer.alloc(0);
        socket.once("error", reject);
        socket.setTimeout(5000, () => reject(new Error(`only ${order.join()} were answered`)));
        socket.on("data", (data) => {
            received = Buffer.concat([received, data]);
            while (received.length >= 2 && received.length >= received.readUInt16BE(0) + 2) {
                const length = received.readUInt16BE(0);
                order.push(decode(received.subarray(2, length + 2)).questions?.[0]?.name ?? "");
                received = received.subarray(length + 2);
            }
            if (order.length < names.length) return;
            socket.destroy();
            resolve(order);
        });
        for (const [id, name] of names.entries()) {
            const query = encode({
                type: "query",
                id,
                flags: RECURSION_DESIRED,
                questions: [{ name, type: "A" }],
            });
            const length = Buffer.alloc(2);
            length.writeUInt16BE(query.length);
            socket.write(Buffer.concat([length, query]));
        }
    });
}
