import assert from "node:assert/strict";
import fc from "fast-check";
import { resolveSettings } from "../../config/settings";
import { problemsOf } from "./problems";

const problems = (settings: unknown) => problemsOf(() => resolveSettings(settings));

describe("settings", () => {
    it("need nothing: every setting has a default", () => {
        const { serviceAddress, resolvers } = resolveSettings({});
        assert.deepEqual(serviceAddress, { addresses: ["127.0.0.1", "::1"], port: 5300 });
        assert.deepEqual([resolvers.services, resolvers.instances], [2, 2]);
    });

    const bad: [string, unknown, string][] = [
        [
            "a wrong type",
            { resolvers: { instances: "two" } },
            'resolvers.instances: must be a whole number from 1 to 16, but is "two"',
        ],
        [
            "out of range",
            { resolvers: { instances: 99 } },
            "resolvers.instances: must be from 1 to 16, but is 99",
        ],
        [
            "a list that would have everything",
            { dnsdist: { lists: [{ name: "all", action: "drop" }] } },
            "dnsdist.lists[0].domains: must name domains, a file of them, or clients: this list would have every query of everybody, but is not there",
        ],
        [
            "a list with addresses that it does not give",
            {
                dnsdist: {
                    lists: [{ name: "a", action: "drop", addresses: ["192.0.2.1"], domains: ["a.b"] }],
                },
            },
            'dnsdist.lists[0].addresses: must name at least one address with the action "address", and none with another, but is ["192.0.2.1"]',
        ],
        [
            "a group of clients that is not there",
            { dnsdist: { lists: [{ name: "a", action: "drop", clients: ["kids"] }] } },
            'dnsdist.lists[0].clients[0]: must be a group of dnsdist.clients, but is "kids"',
        ],
        [
            "a pool that would get everything",
            { dnsdist: { pools: [{ name: "a", servers: ["192.0.2.53"] }] } },
            "dnsdist.pools[0].domains: must stand here, or clients: else it gets every query, but is not there",
        ],
        [
            "a server that is none",
            {
                dnsdist: {
                    pools: [{ name: "a", servers: ["2001:db8::53", "ns.example"], domains: ["a"] }],
                },
            },
            'dnsdist.pools[0].servers[1]: must be a server, such as 192.0.2.53, 192.0.2.53:5300 or [2001:db8::53]:5300, but is "ns.example"',
        ],
        [
            "a web server where clients ask",
            { dnsdist: { webserver: { port: 5300 } } },
            "dnsdist.webserver.port: must not be that of serviceAddress at 127.0.0.1 as well, but is 5300",
        ],
        [
            "the whole Internet among those who may ask",
            { dnsdist: { acl: ["10.0.0.0/8", "fc00::/7", "2001:db8::/32", "0.0.0.0/1"] } },
            'dnsdist.acl[3]: must not be so large: set dnsdist.openResolver: true if the Internet shall ask, but is "0.0.0.0/1"',
        ],
        [
            "who is exempt and nobody",
            { dnsdist: { protection: { exempt: ["monitoring"] } } },
            'dnsdist.protection.exempt[0]: must be a group of dnsdist.clients, but is "monitoring"',
        ],
        [
            "a prefix that may ask less than one of its clients",
            { dnsdist: { protection: { queries: 2000, prefixQueries: 1000 } } },
            "dnsdist.protection.prefixQueries: must be at least protection.queries, 2000, but is 1000",
        ],
        [
            "encrypted DNS without a name",
            { dnsdist: { tls: {} } },
            "dnsdist.tls.name: must be a domain name, but is not there",
        ],
        [
            "two kinds of DNS at one port",
            { dnsdist: { tls: { name: "dns.example.net", doh: { port: 853 } } } },
            "dnsdist.tls.doh.port: must not be that of dnsdist.tls.dot at 127.0.0.1 as well, but is 853",
        ],
        [
            "DNS over QUIC with an image that has none",
            { dnsdist: { tls: { name: "dns.example.net", doq: { enabled: true } } } },
            "dnsdist.tls.doq.enabled: needs an image whose dnsdist speaks QUIC, in images.dnsdist (ours, Debian's, does not: see examples/quic), but is true",
        ],
        [
            "UDP of two kinds at one port",
            {
                serviceAddress: { port: 853 },
                dnsdist: {
                    tls: { name: "dns.example.net", dot: { enabled: false }, doq: { enabled: true } },
                },
                images: { dnsdist: "dnsdist:quic" },
            },
            "dnsdist.tls.doq.port: must not be that of serviceAddress at 127.0.0.1 as well, but is 853",
        ],
        [
            "a forward that would ask anybody",
            { resolvers: { forwards: [{ servers: [{ address: "192.0.2.1" }] }] } },
            "resolvers.forwards[0].servers[0].name: must stand here, or pins, and not both: it would be asked whoever it is, but is not there",
        ],
        [
            "authorities that Knot Resolver cannot ask",
            { resolvers: { forwards: [{ servers: ["192.0.2.1@5300"], to: "authorities" }] } },
            'resolvers.forwards[0].servers[0]: must be an address alone: Knot Resolver asks authorities without TLS, and at port 53, but is "192.0.2.1@5300"',
        ],
        [
            "a domain that is forwarded twice",
            {
                resolvers: {
                    forwards: [
                        { domains: ["corp.example"], servers: ["10.0.0.1"] },
                        { domains: ["CORP.example."], servers: ["10.0.0.2"] },
                    ],
                },
            },
            'resolvers.forwards[1].domains[0]: must not stand in two forwards, but is "CORP.example."',
        ],
        [
            "local data for nobody",
            { resolvers: { localData: { rpz: [{ name: "x", file: "x.rpz", tags: ["children"] }] } } },
            'resolvers.localData.rpz[0].tags[0]: must be a tag of one of resolvers.views, or it is for nobody, but is "children"',
        ],
        [
            "a view and a pool of one name",
            {
                resolvers: { views: [{ name: "corp", subnets: ["10.0.0.0/8"] }] },
                dnsdist: { pools: [{ name: "corp", servers: ["10.0.0.53"], domains: ["corp.example"] }] },
            },
            'resolvers.views[0].name: must not be the name of one of dnsdist.pools as well, but is "corp"',
        ],
        [
            "a root of one's own whose keys roll",
            {
                resolvers: {
                    trustAnchors: [`. IN DS 1 13 2 ${"ab".repeat(32)}`],
                    dnssec: { keyRollover: "rfc5011" },
                },
            },
            'resolvers.dnssec.keyRollover: must be image with a root of your own (resolvers.trustAnchors), but is "rfc5011"',
        ],
        [
            "bounds of the time to live that cross",
            { resolvers: { ttl: { minimum: 3600, maximum: 60 } } },
            "resolvers.ttl.minimum: must not be above ttl.maximum, 60, but is 3600",
        ],
        [
            "an announcement of what is not there",
            {
                anycast: {
                    asn: 65001,
                    neighbors: [{ address: "192.0.2.1", asn: 1 }],
                    addresses: ["192.0.2.53"],
                },
            },
            'anycast.addresses[0]: must be one of serviceAddress.addresses as well, but is "192.0.2.53"',
        ],
        [
            "nothing but loopback to announce",
            { anycast: { asn: 65001, neighbors: [{ address: "192.0.2.1", asn: 1 }] } },
            "anycast.addresses: must name an address, as serviceAddress.addresses has only those of loopback, but is not there",
        ],
        [
            "an IPv6 address that no neighbor hears of",
            {
                serviceAddress: { addresses: ["2001:db8::53"] },
                anycast: { asn: 65001, neighbors: [{ address: "192.0.2.1", asn: 64512 }] },
            },
            'anycast.neighbors: must have one that is reached by IPv6, to announce 2001:db8::53 to, but is ["192.0.2.1"]',
        ],
        [
            "a site that asks itself whether it is there",
            {
                serviceAddress: { addresses: ["192.0.2.53"] },
                anycast: {
                    asn: 65001,
                    neighbors: [{ address: "192.0.2.1", asn: 64512 }],
                    peers: ["192.0.2.53"],
                },
            },
            'anycast.peers[0]: must not be an address of this site, but is "192.0.2.53"',
        ],
        [
            "BFD over hops from nowhere",
            {
                serviceAddress: { addresses: ["192.0.2.53"] },
                anycast: {
                    asn: 65001,
                    neighbors: [{ address: "192.0.2.1", asn: 64512, bfd: true, hops: 2 }],
                },
            },
            "anycast.neighbors[0].source: must be set for BFD with a neighbor that is hops away, but is not there",
        ],
        [
            "a community that is none",
            {
                anycast: {
                    asn: 65001,
                    neighbors: [{ address: "192.0.2.1", asn: 64512 }],
                    communities: ["65536:1"],
                },
            },
            'anycast.communities[0]: must be a community, such as 65001:100 or 65001:1:100, but is "65536:1"',
        ],
        [
            "VRRP beside BGP",
            {
                serviceAddress: { addresses: ["127.0.0.1", "192.0.2.53"] },
                anycast: { asn: 65001, neighbors: [{ address: "192.0.2.1", asn: 64512 }] },
                vrrp: { id: 51, interface: "eth0" },
            },
            "vrrp.id: must not be set beside anycast, but is 51",
        ],
        [
            "no address by which the host itself is asked",
            { serviceAddress: { addresses: ["192.0.2.53"] }, vrrp: { id: 51, interface: "eth0" } },
            'vrrp.addresses: must leave one of serviceAddress.addresses at this host, such as 127.0.0.1, to ask it by, but is ["192.0.2.53"]',
        ],
        [
            "unicast to nobody",
            {
                serviceAddress: { addresses: ["127.0.0.1", "192.0.2.53"] },
                vrrp: { id: 51, interface: "eth0", unicast: true },
            },
            "vrrp.peers: must name the other hosts, or sites an address each, for unicast, but is []",
        ],
        [
            "an interface that is none",
            {
                serviceAddress: { addresses: ["127.0.0.1", "192.0.2.53"] },
                vrrp: { id: 51, interface: "eth 0" },
            },
            'vrrp.interface: must be the name of an interface, such as eth0, but is "eth 0"',
        ],
        ["an unknown group", { resolver: {} }, "resolver: there is no such setting"],
        [
            "an unknown key",
            { dnsdist: { packetCache: { size: 1 } } },
            "dnsdist.packetCache.size: there is no such setting",
        ],
        [
            "no address",
            { serviceAddress: { addresses: ["localhost"] } },
            'serviceAddress.addresses[0]: must be an IP address, such as 192.0.2.53 or 2001:db8::53, but is "localhost"',
        ],
        [
            "an address twice, spelled in two ways",
            { serviceAddress: { addresses: ["::1", "0:0:0:0:0:0:0:1"] } },
            'serviceAddress.addresses[1]: must not stand in the list twice, but is "0:0:0:0:0:0:0:1"',
        ],
        [
            "an address that nobody can answer from",
            { serviceAddress: { addresses: ["0.0.0.0"] } },
            'serviceAddress.addresses[0]: must be an address that a host can answer from: not unspecified, multicast or broadcast, but is "0.0.0.0"',
        ],
        [
            "a port that dnsdist may need",
            { serviceAddress: { port: 20053 } },
            "serviceAddress.port: must not be from 20000 to 31999, where dnsdist's own ports are, but is 20053",
        ],
        [
            "a cache that does not fit into the memory",
            { resolvers: { cacheMiB: 500 } },
            "resolvers.memoryMiB: must be at least 580: the cache (resolvers.cacheMiB: 500) and 80 beside it, but is 256",
        ],
        [
            "a network that does not hold the instances twice",
            { resolvers: { subnet: "10.53.0.0/29" } },
            'resolvers.subnet: must have room for 8 instances, twice 4: while they are replaced there are both, but is "10.53.0.0/29"',
        ],
        [
            "networks for resolvers that are in the host's",
            { resolvers: { network: "host", networks: ["corp"] } },
            'resolvers.networks: must be empty with resolvers.network: host, which reaches all of the host\'s networks, but is ["corp"]',
        ],
        [
            "a subnet for resolvers that are in the host's network",
            { resolvers: { network: "host", subnet: "10.53.0.0/24" } },
            'resolvers.subnet: must be left out with resolvers.network: host, where the instances have no network, but is "10.53.0.0/24"',
        ],
        [
            "a network of the other family",
            { resolvers: { subnet: "fd53::/64" } },
            'resolvers.subnet: must be an IPv4 subnet, such as 10.53.0.0/24, but is "fd53::/64"',
        ],
        [
            "no patience",
            { rollout: { patienceSeconds: 1 } },
            "rollout.patienceSeconds: must be from 15 to 1800, but is 1",
        ],
        [
            "an empty rotation",
            { cache: { passwordRotation: "" } },
            'cache.passwordRotation: must not be empty; leave it out instead, but is ""',
        ],
        [
            "a dnsdist too small for its resolvers",
            { resolvers: { services: 10, instances: 4 } },
            "dnsdist.memoryMiB: must be at least 577 for 200000 cached answers, 40 resolver instances and 2000 connections of each kind, but is 384",
        ],
        [
            "a bad name as key",
            { resolvers: { rootHints: { "a b": ["192.0.2.1"] } } },
            'resolvers.rootHints.a b: must be a domain name, but is "a b"',
        ],
        [
            "a key that is no record",
            { resolvers: { trustAnchors: ["20326"] } },
            'resolvers.trustAnchors[0]: must be a DS or DNSKEY record in presentation form, such as `. IN DS 20326 8 2 E06D...`, but is "20326"',
        ],
        [
            "a digest cut short",
            { resolvers: { trustAnchors: [". IN DS 20326 8 2 E06D"] } },
            'resolvers.trustAnchors[0]: must have a digest type of 1, 2 or 4, and a digest of 40, 64 or 96 digits after it, but is ". IN DS 20326 8 2 E06D"',
        ],
        [
            "another engine",
            { cache: { engine: "memcached" } },
            'cache.engine: must be one of redis, valkey, lmdb, but is "memcached"',
        ],
        [
            "a cache server that is no host",
            { cache: { external: { host: "redis://cache" } } },
            'cache.external.host: must be a name or an address, such as redis.example.net or 192.0.2.63, but is "redis://cache"',
        ],
        [
            "an authority that is none",
            { cache: { external: { host: "cache.example", tlsAuthority: "/etc/ca.pem" } } },
            'cache.external.tlsAuthority: must be a certificate in PEM, from -----BEGIN CERTIFICATE----- on, but is "/etc/ca.pem"',
        ],
        [
            "a cache that is shared and is not",
            { cache: { engine: "lmdb", external: { host: "cache.example" } } },
            'cache.external: must not be set when cache.engine is lmdb, with which nothing is shared, but is "cache.example"',
        ],
        [
            "three keys",
            { cache: { signingKeys: ["3", "2", "1"] } },
            'cache.signingKeys: must name one key, or two while you roll, but is ["3","2","1"]',
        ],
        [
            "a key that is both",
            { cache: { signingKeys: ["1", "1"] } },
            'cache.signingKeys[1]: must not stand in the list twice, but is "1"',
        ],
        [
            "null where there is a group",
            { dnsdist: null },
            "dnsdist: must be a group of settings, but is null",
        ],
    ];
    for (const [what, settings, problem] of bad) {
        it(`name the path, the rule and the value of ${what}`, () =>
            assert.deepEqual(problems(settings), [problem]));
    }

    it("name all problems at once", () => {
        const all = problems({ x: 1, cache: { maxMemoryMiB: 1 }, dnsdist: { acl: [], threads: 0 } });
        assert.deepEqual(
            all.map((problem) => problem.split(":")[0]),
            ["dnsdist.acl", "dnsdist.threads", "cache.maxMemoryMiB", "x"],
        );
    });

    it("never break on what is no configuration at all", () => {
        fc.assert(
            fc.property(fc.anything(), fc.anything(), (resolvers, serviceAddress) => {
                problems({ resolvers, serviceAddress });
            }),
        );
    });
});
