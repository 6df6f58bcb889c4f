import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as path from "node:path";
import { backendLua, backendYaml, dnsdistYaml } from "../../config/dnsdist-yaml";
import { type SharedCacheAddress, kresdYaml } from "../../config/kresd-yaml";
import { rulesOf } from "../../config/rules";
import { redisAcl, redisConf } from "../../config/redis-conf";
import { resolveSettings } from "../../config/settings";
import { assertGolden } from "./golden";

const defaults = resolveSettings({});
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
    },
    cache: { engine: "valkey", maxMemoryMiB: 64, eviction: "volatile-ttl" },
});

const shared: Record<string, SharedCacheAddress> = {
    defaults: {
        host: "cache.recursive-dns.internal",
        port: 6379,
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
            const { files } = rulesOf(dnsdist, serviceAddress.addresses);
            for (const [file, content] of Object.entries(files)) {
                assert.ok(typeof content === "string");
                assertGolden(`${name}/rules/${file}`, content);
            }
        });
        it(`of Knot Resolver, ${name}`, () =>
            assertGolden(`${name}/config.yaml`, kresdYaml(resolvers, "resolver-a", shared[name])));
        it(`of Redis, ${name}`, () => assertGolden(`${name}/cache.conf`, redisConf(cache)));
    }
    it("of who may do what in Redis", () => assertGolden("users.acl", redisAcl("ab".repeat(32))));
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
                    "doh 198.51.100.53 443,doh 2001:db8::53 443,proxied 198.51.100.53 8053,web 127.0.0.1 8083",
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
