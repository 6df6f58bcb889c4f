import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { announcedAddresses, checkFile } from "../../config/announcement";
import { answering } from "../../config/answering";
import { birdConf } from "../../config/bird-conf";
import { keepalivedConf } from "../../config/keepalived-conf";
import { dividedAddresses } from "../../config/vrrp";
import { backendLua, backendYaml, dnsdistYaml } from "../../config/dnsdist-yaml";
import { type SharedCacheAddress, kresdYaml } from "../../config/kresd-yaml";
import { kresdFiles } from "../../config/kresd-files";
import { rulesOf } from "../../config/rules";
import { redisAcl, redisConf } from "../../config/redis-conf";
import { cacheSocket } from "../../config/names";
import { resolveSettings } from "../../config/settings";
import { assertGolden } from "./golden";

const given = (file: string) => path.relative(process.cwd(), path.join(__dirname, "files", file));
const defaults = resolveSettings({});
const quic = resolveSettings({
    dnsdist: {
        tls: { name: "dns.example.net", doq: { enabled: true }, doh3: { enabled: true, port: 8443 } },
    },
    images: { dnsdist: "dnsdist:quic" },
});
const changed = resolveSettings({
    serviceAddress: { addresses: ["198.51.100.53", "2001:db8::53"], port: 53 },
    dnsdist: {
        acl: ["0.0.0.0/0", "::/0"],
        openResolver: true,
        protection: {
            exempt: ["kids"],
            queries: 100,
            any: "allow",
            nonRecursive: "refuse",
            connections: { perClient: 20, idleSeconds: 5 },
        },
        tls: {
            name: "dns.example.net",
            minimumVersion: "1.3",
            ticketKeySeconds: 3600,
            doh: { path: "/ask", behindProxy: { proxies: ["10.0.0.0/24"], port: 8053 } },
        },
        threads: 4,
        outageCache: { seconds: 60, ttl: 5 },
        packetCache: { entries: 5000 },
        policy: "roundrobin",
        proxyProtocol: false,
        clients: { kids: { subnets: ["10.1.0.0/16", "2001:db8:1::/48"] } },
        lists: [
            { name: "schoolwork", action: "allow", domains: ["school.example"], clients: ["kids"] },
            {
                name: "games",
                action: "nxdomain",
                domains: ["Games.example", "play.example."],
                clients: ["kids"],
            },
            {
                name: "malware",
                action: "address",
                addresses: ["192.0.2.1", "2001:db8::1"],
                domains: ["evil.example"],
            },
        ],
        pools: [{ name: "corp", servers: ["10.0.0.53", "[2001:db8::53]:5300"], domains: ["corp.example"] }],
        webserver: { address: "10.0.0.1", port: 8083, acl: ["10.0.0.0/8"] },
        extra: {
            query_rules: [{ name: "any", selector: { type: "QType", qtype: "ANY" }, action: { type: "TC" } }],
        },
    },
    resolvers: {
        cacheMiB: 32,
        ipv6: true,
        rootHints: { "ns.root": ["198.18.0.10", "2001:db8::10"] },
        trustAnchors: [
            ". IN DS 30545 13 2 27a91dee5b9297a9851e084290d9c09d81ed416fa2c89e7146af1a4b8aec5ab9",
            "corp.example. DS 1 13 2 27a91dee5b9297a9851e084290d9c09d81ed416fa2c89e7146af1a4b8aec5ab9",
        ],
        dnssec: { negativeTrustAnchors: ["broken.example"], logFailures: true },
        forwards: [
            {
                servers: [
                    { address: "192.0.2.1", name: "dns.example.net", authority: given("authority.pem") },
                    { address: "2001:db8::1@8853", pins: ["d6qzRu9zOECb90Uez27xWltNsj0e1Md7GkYYkVoZWmM="] },
                ],
            },
            { domains: ["corp.example"], servers: ["10.0.0.53"], to: "authorities", validate: false },
        ],
        views: [
            { name: "children", subnets: ["10.2.0.0/16", "2001:db8:2::/48"], tags: ["children"] },
            { name: "old-machines", subnets: ["10.2.3.0/24"], dns64: false },
        ],
        localData: {
            addresses: { "printer.home.example": ["10.0.0.9", "2001:db8::9"] },
            records: "mail.home.example. MX 10 mx.home.example.\n",
            rules: [
                { domains: ["ads.example"], answer: "nxdomain" },
                {
                    domains: ["games.example"],
                    answer: "address",
                    addresses: ["192.0.2.1"],
                    tags: ["children"],
                },
            ],
            rpz: [{ name: "blocked", file: given("blocked.rpz"), tags: ["children"], log: true }],
            ttl: 60,
        },
        dns64: { prefix: "2001:db8:64::/96", exclude: ["2001:db8:dead::/48"] },
        rebindingProtection: true,
        ttl: { minimum: 10, maximum: 3600 },
        prefetch: { expiring: true, prediction: {} },
        lua: {
            load: ["edns_keepalive"],
            modules: { greet: given("greet.lua") },
            scripts: [given("last.lua")],
        },
        limits: { queries: 500, defer: true },
        nsid: { clients: ["10.9.0.0/16", "2001:db8:9::/48"] },
        extra: { options: { "violators-workarounds": true } },
    },
    cache: { engine: "valkey", maxMemoryMiB: 64, eviction: "volatile-ttl" },
});

const shared: Record<string, SharedCacheAddress> = {
    defaults: {
        host: cacheSocket.path,
        database: 0,
        user: "resolver",
        password: true,
        tls: false,
    },
    changed: { host: "192.0.2.63", port: 6380, database: 3, user: "default", password: false, tls: true },
};

describe("rendered files", () => {
    for (const [name, { dnsdist, resolvers, cache, serviceAddress }] of Object.entries({
        defaults,
        changed,
    })) {
        it(`of dnsdist, ${name}`, () => assertGolden(`${name}/dnsdist.yml`, dnsdistYaml(dnsdist)));
        it(`of a backend of dnsdist, at the start and at run time, ${name}`, () => {
            assertGolden(`${name}/backend.yml`, backendYaml(dnsdist));
            assertGolden(`${name}/backend.lua`, backendLua(dnsdist));
        });
        it(`of dnsdist's rules, ${name}`, () => {
            const asked = answering(resolvers, kresdFiles(resolvers));
            const { files } = rulesOf(dnsdist, serviceAddress.addresses, asked);
            for (const [file, content] of Object.entries(files)) {
                assert.ok(typeof content === "string");
                assertGolden(`${name}/rules/${file}`, content);
            }
        });
        it(`of Knot Resolver, ${name}, and the files that it reads`, () => {
            const files = kresdFiles(resolvers);
            assertGolden(`${name}/config.yaml`, kresdYaml(resolvers, "resolver-a", files, shared[name]));
            for (const [file, { source }] of Object.entries(files))
                assertGolden(`${name}/beside/${file}`, readFileSync(source, "utf8"));
        });
        it(`of Redis, ${name}`, () => assertGolden(`${name}/cache.conf`, redisConf(cache)));
    }
    it("of dnsdist, with QUIC", () => assertGolden("quic/dnsdist.yml", dnsdistYaml(quic.dnsdist)));
    it("of who may do what in Redis", () => assertGolden("users.acl", redisAcl("ab".repeat(32))));
});

describe("the files of the announcer", () => {
    const site = (anycast: object) => {
        const { serviceAddress, ...settings } = resolveSettings({
            serviceAddress: { addresses: ["127.0.0.1", "198.51.100.53", "2001:DB8::53"], port: 53 },
            anycast,
        });
        const addresses = announcedAddresses(settings.anycast!, serviceAddress.addresses);
        return { anycast: settings.anycast!, addresses };
    };

    it("say the least that there is to say", () => {
        const neighbors = [
            { address: "192.0.2.1", asn: 64512 },
            { address: "2001:db8:1::1", asn: 64512 },
        ];
        const { anycast, addresses } = site({ asn: 65001, neighbors });
        assertGolden("anycast/least/bird.conf", birdConf(anycast, addresses, {}));
        assertGolden("anycast/least/check", checkFile(anycast, addresses, 53, 600, anycast.neighbors));
    });

    it("say everything that can be set", () => {
        const { anycast, addresses } = site({
            asn: 4200000001,
            routerId: "192.0.2.53",
            neighbors: [
                { address: "192.0.2.1", asn: 64512, bfd: true, holdSeconds: 30 },
                { address: "2001:DB8:1:0::1", asn: 4200000001, bfd: true, hops: 3, source: "2001:db8:1::2" },
            ],
            check: { failSeconds: 1, riseSeconds: 30, whenStale: "stay", name: "www.example.com." },
            peers: ["192.0.2.54"],
            communities: ["65001:100", "4200000001:1:100"],
            prepend: 2,
            med: 50,
            drainSeconds: 10,
        });
        const passwords = { "192.0.2.1": "a password" };
        assertGolden("anycast/all/bird.conf", birdConf(anycast, addresses, passwords));
        assertGolden("anycast/all/check", checkFile(anycast, addresses, 53, 600, anycast.neighbors));
    });
});

describe("the files of the announcer by VRRP", () => {
    const site = (vrrp: object, addresses: string[]) => {
        const { serviceAddress, ...settings } = resolveSettings({ serviceAddress: { addresses }, vrrp });
        return { vrrp: settings.vrrp!, ...dividedAddresses(settings.vrrp!, serviceAddress.addresses) };
    };

    it("say the least that there is to say", () => {
        const { vrrp, virtual, fixed } = site({ id: 51, interface: "eth0" }, ["127.0.0.1", "192.0.2.53"]);
        assertGolden("vrrp/least/keepalived.conf", keepalivedConf(vrrp, virtual));
        assertGolden("vrrp/least/check", checkFile(vrrp, fixed, 53, 600));
    });

    it("say everything that can be set", () => {
        const given = {
            id: 255,
            interface: "eth0",
            addresses: ["192.0.2.53", "2001:db8::53"],
            priority: 150,
            unicast: true,
            peers: ["192.0.2.12"],
            advertSeconds: 0.25,
        };
        const { vrrp, virtual, fixed } = site(given, ["192.0.2.53", "2001:DB8::53", "192.0.2.11"]);
        assertGolden("vrrp/all/keepalived.conf", keepalivedConf(vrrp, virtual));
        assertGolden("vrrp/all/check", checkFile(vrrp, fixed, 53, 600));
    });
});

describe("the nftables table", () => {
    const table = (...parameters: string[]) =>
        execFileSync("bash", [path.join(__dirname, "../../images/service-address/table"), ...parameters], {
            encoding: "utf8",
        });

    it("steers to one frontend", () =>
        assertGolden(
            "table.nft",
            table(
                "recursive_dns_x",
                [
                    "service 198.51.100.53 53,service 2001:db8::53 53,dot 198.51.100.53 853,dot 2001:db8::53 853",
                    "doh 198.51.100.53 443,doh 2001:db8::53 443,doq 198.51.100.53 853,doh3 2001:db8::53 443,proxied 198.51.100.53 8053,web 127.0.0.1 8083",
                ].join(","),
                "10.0.0.0/24 2001:db8:1::/64",
                "20000",
            ),
        ));
    it("lets answers of an older frontend out", () =>
        assertGolden(
            "table-older.nft",
            table("recursive_dns_x", "service 127.0.0.1 5300", "", "20008", "20000"),
        ));
});
