import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { DecodedPacket } from "dns-packet";
import { labNetwork } from "../lab/catalog";
import { docker } from "../lab/docker";
import { domains } from "../lab/internet/domains";
import { moments, record } from "../report/rows";
import { clientsOf } from "./resolvers/clients";
import { filteringOf } from "./resolvers/filtering";
import { forwardingOf } from "./resolvers/forwarding";
import { ResolverStack, port, service } from "./resolvers/resolver-stack";
import { captured } from "./support/capture";
import { type Server, ask, ednsOptions, outcome } from "./support/dns";
import { inside, inspections, onConsole, resolvers } from "./support/host";
import { tellOnFailure } from "./support/on-failure";
import { assertReplaced, serving } from "./support/parts";
import { until } from "./support/shared-cache";
import { rate, summary, underLoad } from "./support/under-load";

const long = Boolean(process.env.RECURSIVE_DNS_LONG);

describe("resolver settings", () => {
    const changing = new ResolverStack();
    const { stack, change, file, frontend } = changing;

    before(() => changing.start());
    after(() => changing.remove());
    tellOnFailure(stack.name);

    it("say why an answer is bogus, through dnsdist (RFC 8914)", async () => {
        for (const [name, code] of [
            ["www.bogus.org", 6], // DNSSEC bogus
            ["www.expired-signatures.com", 7],
            ["www.future-signatures.com", 8],
            ["www.missing-signature.com", 10],
        ] as const) {
            const answer = await ask(service, { name, type: "A" });
            assert.equal(answer.rcode, "SERVFAIL", name);
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

    filteringOf(changing, long);

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
        const addresses = async () => {
            const said = onConsole(await frontend(), "showServers()").match(/127\.\d+\.\d+\.\d+:1053/g) ?? [];
            return [...new Set(said)].sort();
        };
        const all = await resolvers(stack.name);
        const first = await addresses();
        assert.equal(first.length, all.length);
        await docker("restart", "--time", "0", all[0]!.id);
        await until(stack.name, ({ connected }) => connected === 1);
        assert.deepEqual(await addresses(), first);
    });

    // What follows takes minutes: an update for each.
    if (!long) return;

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

    clientsOf(changing);
    forwardingOf(changing);

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

const extendedErrors = (answer: DecodedPacket) => ednsOptions(answer, 15).map((data) => data.readUInt16BE(0));
