import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digArguments, parse } from "../../scripts/actions.mjs";
import { troubled } from "../../scripts/explain.mjs";
import { connections } from "../../scripts/hosts.mjs";
import { leftovers, superfluous } from "../../scripts/leftovers.mjs";
import { debianMirror, parseDeb822, parseList } from "../../scripts/setup/apt-sources.mjs";
import { understand } from "../../scripts/setup/docker.mjs";
import { usable } from "../../scripts/setup/engine.mjs";
import { outdated } from "../../scripts/setup/packages.mjs";
import { fileName, withEncryption } from "../../scripts/setup/stack-files.mjs";
import { elapsed } from "../../scripts/setup/steps.mjs";
import { contentHash } from "../../scripts/setup/toolchain.mjs";

describe("scripts: apt's sources", () => {
    const deb822 = [
        "Types: deb deb-src",
        "# URIs: http://old.invalid/debian",
        "URIs: http://mirror.invalid/debian",
        "Suites: bookworm",
        " bookworm-updates",
        "Components: main contrib",
        "",
        "Types: deb",
        "URIs: http://security.invalid/debian-security",
        "Suites: bookworm-security",
        "Components: main",
        "",
        "Enabled: no",
        "Types: deb",
        "URIs: http://off.invalid/debian",
        "Suites: bookworm",
        "Components: main",
    ].join("\n");

    it("reads stanzas, with comments, continued fields and disabled ones", () => {
        assert.deepEqual(parseDeb822(deb822), [
            {
                uri: "http://mirror.invalid/debian",
                suites: ["bookworm", "bookworm-updates"],
                components: ["main", "contrib"],
            },
            {
                uri: "http://security.invalid/debian-security",
                suites: ["bookworm-security"],
                components: ["main"],
            },
        ]);
    });

    it("reads lines, with options and comments", () => {
        const text = [
            "# deb http://old.invalid/debian bookworm main",
            "deb [arch=amd64 signed-by=/a b] http://mirror.invalid/debian bookworm main contrib # ours",
            "deb-src http://mirror.invalid/debian bookworm main",
        ].join("\n");
        assert.deepEqual(parseList(text), [
            { uri: "http://mirror.invalid/debian", suites: ["bookworm"], components: ["main", "contrib"] },
        ]);
    });

    it("finds the mirror of the host's own release, and no other archive", () => {
        const vendor = parseList("deb https://vendor.invalid/apt tool-bookworm main");
        assert.equal(
            debianMirror([...vendor, ...parseDeb822(deb822)], "bookworm"),
            "http://mirror.invalid/debian",
        );
        assert.equal(debianMirror(vendor, "bookworm"), undefined);
        assert.equal(debianMirror(parseDeb822(deb822), ""), undefined);
    });
});

describe("scripts: stack files", () => {
    const committed = "config:\n  a:b: 1\n";

    it("keep the salt of the copy", () => {
        const once = withEncryption(committed, `config: {}\nencryptionsalt: v1:x:y\n`);
        assert.equal(once, `encryptionsalt: v1:x:y\n${committed}`);
        assert.equal(withEncryption(committed, once), once);
    });

    it("take the repository's own encryption over the copy's", () => {
        const own = `encryptionsalt: v1:own\n${committed}`;
        assert.equal(withEncryption(own, "encryptionsalt: v1:x:y\n"), own);
    });

    it("drop configuration that the repository no longer has", () => {
        assert.equal(withEncryption(committed, "config:\n  old:key: 1\n"), committed);
    });

    it("are named by the last part of a stack's name", () => {
        assert.equal(fileName("acme/recursive-dns/prod"), "Pulumi.prod.yaml");
    });
});

describe("scripts: what is installed", () => {
    const lock = (version: string, optional = false) => ({
        packages: { "": {}, "node_modules/a": { version, optional } },
    });

    it("is outdated when a version differs or a package is missing", () => {
        assert.deepEqual(outdated(lock("1.0.0"), lock("1.0.0")), []);
        assert.deepEqual(outdated(lock("1.0.1"), lock("1.0.0")), ["node_modules/a"]);
        assert.deepEqual(outdated(lock("1.0.0"), {}), ["node_modules/a"]);
        assert.deepEqual(outdated(lock("1.0.0", true), {}), []);
    });

    it("has a hash that follows contents and paths alone", () => {
        const directory = mkdtempSync(join(tmpdir(), "hash-"));
        try {
            mkdirSync(join(directory, "sub"));
            writeFileSync(join(directory, "sub", "b"), "two");
            const before = contentHash(directory);
            writeFileSync(join(directory, "check.mjs"), "no part of a build");
            writeFileSync(join(directory, "sub", "b"), "two");
            assert.equal(contentHash(directory), before);
            writeFileSync(join(directory, "sub", "b"), "three");
            assert.notEqual(contentHash(directory), before);
        } finally {
            rmSync(directory, { recursive: true });
        }
    });

    it("includes a Pulumi that is new enough", () => {
        const versions = ["v3.256.0", "3.200.0", "v3.199.9", "v4.0.0", ""];
        assert.deepEqual(versions.map(usable), [true, true, false, false, false]);
    });

    it("tells the ways apart in which Docker does not answer", () => {
        assert.equal(understand(0, ""), "answers");
        assert.equal(understand(127, ""), "no client");
        assert.equal(
            understand(1, "permission denied while trying to connect to the Docker daemon"),
            "denied",
        );
        assert.equal(understand(1, "Cannot connect to the Docker daemon. Is it running?"), "silent");
    });
});

describe("scripts: what a person types and reads", () => {
    it("takes dev when no stack is named", () => {
        assert.deepEqual(parse([]), { stack: "dev", rest: [] });
        assert.deepEqual(parse(["--diff"]), { stack: "dev", rest: ["--diff"] });
        assert.deepEqual(parse(["prod", "--diff"]), { stack: "prod", rest: ["--diff"] });
    });

    it("writes endpoints as dig takes them", () => {
        assert.equal(digArguments("127.0.0.1:5300"), "@127.0.0.1 -p 5300");
        assert.equal(digArguments("[::1]:5300"), "@::1 -p 5300");
        assert.equal(digArguments("192.0.2.53:53"), "@192.0.2.53");
    });

    it("writes times", () => {
        assert.equal(elapsed(4_400), "4 s");
        assert.equal(elapsed(80_000), "1 min 20 s");
    });
});

describe("scripts: why an update failed", () => {
    it("asks the containers that should serve and do not", () => {
        for (const status of [
            "Restarting (1) 3 seconds ago",
            "Up 9 seconds (health: starting)",
            "Up 2 minutes (unhealthy)",
            "Exited (137) 1 second ago",
        ]) {
            assert.ok(troubled(status), status);
        }
        for (const status of [
            "Up 2 minutes (healthy)",
            "Created",
            "Exited (0) 5 minutes ago",
            "Up 3 seconds",
        ]) {
            assert.ok(!troubled(status), status);
        }
    });
});

describe("scripts: what an interrupted update has left behind", () => {
    it("is what Docker has and the state does not", () => {
        const state = {
            deployment: {
                resources: [
                    { type: "docker:index/container:Container", id: "aa11" },
                    { type: "pulumi:pulumi:Stack" },
                ],
            },
        };
        assert.deepEqual(leftovers(state, "aa11 dns-redis-server-1\nbb22 dns-resolver-a-1-2\n"), [
            ["bb22", "dns-resolver-a-1-2"],
        ]);
        assert.deepEqual(leftovers({ deployment: {} }, ""), []);
    });

    it("is, of updates that have failed, what neither serves nor is the newest", () => {
        const admitted = "backend aaaaaaaaaaaa\nfrontend ffffffffffff\nend 2\n";
        const containers = [
            "333333333333x c-3 dns-resolver-a-1",
            "222222222222x c-2 dns-resolver-a-1",
            "aaaaaaaaaaaax c-1 dns-resolver-a-1",
            "ffffffffffffx f-1 dns-dnsdist-frontend",
            "eeeeeeeeeeeex e-2 dns-dnsdist-frontend-files",
            "ddddddddddddx e-1 dns-dnsdist-frontend-files",
            "",
        ].join("\n");
        assert.deepEqual(
            superfluous(admitted, containers).map(([, name]) => name),
            ["c-2"],
        );
        assert.deepEqual(superfluous("", containers), [], "nothing, where it is not known what serves");
    });
});

describe("scripts: the Docker hosts of a stack", () => {
    const provider = (name: string, inputs: object) => ({
        type: "pulumi:providers:docker",
        urn: `urn:pulumi:x::recursive-dns::pulumi:providers:docker::${name}`,
        inputs,
    });
    const state = (...resources: object[]) => ({ deployment: { resources } });

    it("are those of its sites, as its state knows them", () => {
        const options = '["-i","key"]';
        const found = connections(
            state(
                {
                    type: "docker:index/container:Container",
                    urn: "urn:pulumi:x::y::z::dns-ams-address-steer",
                },
                provider("ams", { host: "tcp://192.0.2.11:2376", certPath: "keys" }),
                provider("fra", { host: "ssh://root@192.0.2.12", sshOpts: options }),
            ),
        );
        assert.deepEqual(found, [
            { site: "ams", host: "tcp://192.0.2.11:2376", certPath: "keys" },
            { site: "fra", host: "ssh://root@192.0.2.12", sshOpts: options },
        ]);
    });

    it("are the one of the setting docker:host, or of the environment", () => {
        assert.deepEqual(connections(state(provider("default_5_2_0", { host: "ssh://root@192.0.2.11" }))), [
            { site: "dns", host: "ssh://root@192.0.2.11" },
        ]);
        assert.deepEqual(connections(state()), [{ site: "dns" }]);
    });
});
