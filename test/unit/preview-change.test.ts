import assert from "node:assert/strict";
import { changeSummary, failureSummary, plainWords } from "../../scripts/setup/change-summary.mjs";
import { harmless } from "../../scripts/setup/throw-away.mjs";

/** A step on a resource of a component, as `pulumi preview --json` gives it. */
function step(op: string, component: string, type: string, name: string) {
    const parents = component === "RecursiveDns" ? "" : "recursive-dns:index:RecursiveDns$";
    const types = `${parents}recursive-dns:index:${component}$docker:index/${type.toLowerCase()}:${type}`;
    return { op, urn: `urn:pulumi:some-stack::recursive-dns::${types}::${name}` };
}

const stack = (op: string) => ({
    op,
    urn: "urn:pulumi:some-stack::recursive-dns::pulumi:pulumi:Stack::recursive-dns-some-stack",
});

const newCacheSize = {
    changeSummary: { same: 25, replace: 5 },
    steps: [
        stack("same"),
        step("replace", "ResolverService", "Volume", "dns-resolver-a-configuration"),
        step("replace", "ResolverService", "Container", "dns-resolver-a-convert"),
        step("replace", "ResolverService", "Container", "dns-resolver-a-1"),
        step("replace", "ResolverService", "Container", "dns-resolver-a-2"),
        step("same", "Dnsdist", "Container", "dns-dnsdist-frontend"),
        step("replace", "Rollout", "Container", "dns-rollout-gate"),
    ],
};

describe("preview of a change: plain words", () => {
    it("say what is replaced and how, and what stands behind it", () => {
        assert.deepEqual(plainWords(newCacheSize), [
            "**resolvers** replaced (2: dns-resolver-a-1, dns-resolver-a-2): the new ones answer before the old ones go",
            "**rollout** replaced (1: dns-rollout-gate): it runs again: nothing old goes before the new serves",
            "behind the scenes replaced: dns-resolver-a-configuration, dns-resolver-a-convert",
        ]);
    });

    it("tell what comes from what goes", () => {
        const steps = [
            step("delete", "RedisCache", "Volume", "dns-redis-redis"),
            step("create", "RedisCache", "Volume", "dns-redis-valkey"),
            step("replace", "RedisCache", "Container", "dns-redis-server"),
            step("create", "ResolverService", "Container", "dns-resolver-a-3"),
            step("delete", "ResolverService", "Container", "dns-resolver-b-2"),
            step("update", "Dnsdist", "Container", "dns-dnsdist-frontend"),
        ];
        assert.deepEqual(plainWords({ steps }), [
            "**resolvers** added (1: dns-resolver-a-3)",
            "**resolvers** removed (1: dns-resolver-b-2): each after its last outstanding answer",
            "**dnsdist** changed in place (1: dns-dnsdist-frontend)",
            "**Redis** replaced (1: dns-redis-server): in place; the resolvers answer from their own caches meanwhile",
            "**Redis' data** added (1: dns-redis-valkey)",
            "**Redis' data** removed (1: dns-redis-redis): what the shared cache held is lost, but for what the resolvers have in theirs",
        ]);
    });

    it("tell rules that change in place from another generation", () => {
        const steps = [
            {
                ...step("replace", "Rollout", "Container", "dns-rollout-gate-files"),
                diffReasons: ["uploads"],
            },
            step("replace", "Rollout", "Container", "dns-rollout-gate"),
        ];
        assert.deepEqual(plainWords({ steps }), [
            "**dnsdist's rules or certificate** changed in place (1: dns-rollout-gate-files): no container that answers is replaced for them",
            "**rollout** replaced (1: dns-rollout-gate): it runs again: nothing old goes before the new serves",
        ]);
        const image = { ...steps[0]!, diffReasons: ["image"] };
        assert.deepEqual(plainWords({ steps: [image] }), [
            "behind the scenes replaced: dns-rollout-gate-files",
        ]);
    });

    it("leave out components, which are nothing on the host", () => {
        const urn =
            "urn:pulumi:some-stack::recursive-dns::recursive-dns:index:RecursiveDns$recursive-dns:index:Rollout::dns";
        assert.deepEqual(plainWords({ steps: [stack("create"), { op: "create", urn }] }), []);
    });

    it("name what they know nothing of", () => {
        assert.deepEqual(plainWords({ steps: [step("replace", "RecursiveDns", "Network", "dns-pool")] }), [
            "behind the scenes replaced: dns-pool",
        ]);
    });
});

describe("preview of a change: summary", () => {
    it("counts, explains and hides the diff in a fold", () => {
        const text = changeSummary("0123456789, stack dev", newCacheSize, "~ image: 1 => 2\n");
        assert.match(text, /^Compared with 0123456789, stack dev:$/m);
        assert.match(text, /^\| 0 \| 0 \| 5 \| 0 \| 25 \|$/m);
        assert.match(text, /^- \*\*resolvers\*\* replaced \(2:/m);
        assert.match(
            text,
            /<details><summary>The whole diff<\/summary>\n\n```diff\n~ image: 1 => 2\n```\n\n<\/details>/,
        );
    });

    it("says so when nothing changes", () => {
        const nothing = { changeSummary: { same: 30 }, steps: [stack("same")] };
        assert.match(changeSummary("0123456789", nothing, ""), /^Nothing changes\.$/m);
    });

    it("keeps a diff that holds fences within its own, and within what a comment may hold", () => {
        const text = failureSummary("0123456789", `\`\`\`\`\n${"x".repeat(70_000)}`);
        assert.match(text, /^`````diff\n````\nx+\n\.\.\. \(cut here; the log has all of it\)\n`````$/m);
        assert.ok(text.length < 65_536);
    });
});

describe("preview of a change: stack files", () => {
    it("lose the encryption of the stack that they belong to", () => {
        const text = "encryptionsalt: v1:a:b\nconfig:\n  recursive-dns:dnsdist:\n    threads: 1\n";
        assert.equal(harmless(text, "x"), "config:\n  recursive-dns:dnsdist:\n    threads: 1\n");
    });

    it("are refused when they lead to another engine or hold secrets", () => {
        const elsewhere = ["docker:host: ssh://a.invalid", '"docker:host": x', "recursive-dns:sites: {}"];
        for (const line of [...elsewhere, "a:b: { secure: v1:x:y }"]) {
            assert.throws(
                () => harmless(`config:\n  ${line}\n`, "Pulumi.x.yaml"),
                /Pulumi\.x\.yaml (says|has)/,
            );
        }
        assert.ok(harmless("config: {} # docker: any\n# docker:host: as an example\n", "Pulumi.x.yaml"));
    });
});
