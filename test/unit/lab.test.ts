import assert from "node:assert/strict";
import { type Reply, difference } from "../differential/compare";
import { queries } from "../differential/queries";
import { catalogue } from "../lab/internet/catalogue";
import { contextFiles } from "../lab/internet/internet";
import { showcaseDomains } from "../lab/internet/showcase";
import { mutated } from "../odd/mutate";

describe("the lab Internet", function () {
    this.timeout(20_000); // it is large
    const all = catalogue(true);

    it("is the same every time", () => assert.deepEqual(contextFiles(), contextFiles()));

    it("has ten thousand domains of their own names, signed in every way", () => {
        const origins = new Set(all.map(({ zone }) => zone.origin));
        assert.ok(origins.size > 10_000 && origins.size === all.length);
        const algorithms = new Set(all.map(({ zone }) => zone.signing?.algorithm));
        assert.equal(algorithms.size, 7, "six, and none");
        const iterations = new Set(all.map(({ zone }) => zone.signing?.nsec3?.iterations));
        assert.deepEqual([...iterations].sort(), [0, 1, 10, 5, 50, 500, undefined]);
    });

    it("has something of every type to ask for", () => {
        const types = new Set(
            all.flatMap(({ expectations }) => expectations.map(({ question }) => question.type)),
        );
        for (const type of ["A", "AAAA", "MX", "TXT", "HTTPS", "SVCB"] as const)
            assert.ok(types.has(type), type);
    });

    it("says one thing only of every question", () => {
        const said = new Map<string, string>();
        for (const { question, ...rest } of all.flatMap(({ expectations }) => expectations)) {
            const key = JSON.stringify(question);
            assert.equal(said.get(key) ?? JSON.stringify(rest), JSON.stringify(rest), key);
            said.set(key, JSON.stringify(rest));
        }
    });
});

describe("what is asked of resolvers", function () {
    this.timeout(20_000);
    it("is the same for the same seed, and else another", () => {
        const asked = (seed: number) => queries(showcaseDomains, catalogue(true), 200, seed);
        assert.equal(asked(1).length, 200);
        assert.deepEqual(asked(1), asked(1));
        assert.notDeepEqual(asked(1), asked(2));
        const real = [Buffer.from("0001010000010000000000000377777700000100", "hex")];
        assert.deepEqual(mutated(real, 1, 2), mutated(real, 1, 2));
        assert.ok(
            Array.from({ length: 50 }, (_, index) => mutated(real, 1, index)).some(
                (one) => !one.equals(real[0]!),
            ),
        );
    });

    it("is compared by what matters", () => {
        const reply: Reply = { rcode: "NOERROR", flags: "ad", answers: ["a A 192.0.2.1"] };
        assert.equal(difference(reply, { ...reply }), undefined);
        assert.equal(difference(reply, { ...reply, rcode: "SERVFAIL" }), "rcode");
        assert.equal(difference(reply, { ...reply, flags: "" }), "flags");
        assert.equal(difference(reply, { ...reply, answers: [] }), "answers");
    });
});
