import assert from "node:assert/strict";
import { cacheNamespace } from "../../config/cache-namespace";
import type { ResolverSettings } from "../../config/resolvers";
import { resolveSettings } from "../../config/settings";

const anchors = [
    ". IN DS 30545 13 2 27a91dee5b9297a9851e084290d9c09d81ed416fa2c89e7146af1a4b8aec5ab9",
    "corp.example. DS 1 13 2 27a91dee5b9297a9851e084290d9c09d81ed416fa2c89e7146af1a4b8aec5ab9",
] as const;
const namespace = (resolvers: ResolverSettings) => cacheNamespace(resolveSettings({ resolvers }).resolvers);

describe("the namespace of the shared cache", () => {
    it("is another for resolvers that trust or ask something else", () => {
        const all = [
            {},
            { trustAnchors: [anchors[0]] },
            { trustAnchors: anchors },
            { rootHints: { "ns.root": ["192.0.2.1"] } },
            { rootHints: { "ns.root": ["192.0.2.2"] } },
            { dnssec: { negativeTrustAnchors: ["broken.example"] } },
            { rebindingProtection: true },
            { forwards: [{ servers: ["192.0.2.1"] }] },
            { forwards: [{ servers: ["192.0.2.1"], validate: false }] },
            { forwards: [{ servers: ["192.0.2.1"], domains: ["corp.example"] }] },
        ].map(namespace);
        assert.equal(new Set(all).size, all.length);
    });

    it("is the same for settings that mean the same", () => {
        const one = namespace({
            trustAnchors: [anchors[0], anchors[1]],
            rootHints: { "a.root": ["192.0.2.1", "2001:db8::1"], "b.root": ["192.0.2.2"] },
            forwards: [
                {
                    servers: [{ address: "192.0.2.1", name: "dns.example" }],
                    domains: ["a.example", "b.example"],
                },
                { servers: ["192.0.2.2"], domains: ["c.example"] },
            ],
            cacheMiB: 50,
        });
        const other = namespace({
            trustAnchors: [anchors[1].replace(" DS", "  DS"), anchors[0]],
            rootHints: { "B.root.": ["192.0.2.2"], "a.root.": ["2001:db8:0::1", "192.0.2.1"] },
            forwards: [
                { servers: ["192.0.2.2"], domains: ["C.example."] },
                { servers: ["192.0.2.1"], domains: ["b.example", "a.example"] },
            ],
            services: 1,
        });
        assert.equal(one, other);
    });

    it("lies within what the user of Redis may touch", () => assert.match(namespace({}), /^cache:7-\w{16}$/));
});
