import assert from "node:assert/strict";
import { answering } from "../../config/answering";
import type { ResolverSettings } from "../../config/resolvers";
import { resolveSettings } from "../../config/settings";

const of = (resolvers: ResolverSettings, files = {}) =>
    answering(resolveSettings({ resolvers }).resolvers, files);

describe("what dnsdist knows of how resolvers answer", () => {
    it("is another version for what makes other answers, and for nothing else", () => {
        const all = [
            of({}),
            of({ rebindingProtection: true }),
            of({ dns64: {} }),
            of({ localData: { addresses: { "printer.example": ["10.0.0.9"] } } }),
            of({ views: [{ name: "children", subnets: ["10.2.0.0/16"] }] }),
            of({ forwards: [{ servers: ["192.0.2.1"] }] }),
            of({}, { "blocked-1.rpz": { source: "blocked.rpz", digest: "1" } }),
        ].map(({ version }) => version);
        assert.equal(new Set(all).size, all.length);
        assert.equal(of({ cacheMiB: 64, instances: 4, prefetch: { expiring: true } }).version, all[0]);
    });

    it("has the most specific subnets last, whatever view they are of", () => {
        const { viewers } = of({
            views: [
                { name: "one", subnets: ["10.2.3.0/24", "10.0.0.0/8"] },
                { name: "two", subnets: ["10.2.0.0/16"] },
            ],
        });
        assert.deepEqual(viewers, [
            { view: "one", subnets: ["10.0.0.0/8"] },
            { view: "two", subnets: ["10.2.0.0/16"] },
            { view: "one", subnets: ["10.2.3.0/24"] },
        ]);
    });
});
