import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { cacheSocket } from "../../config/names";
import { RecursiveDns, type RecursiveDnsArgs } from "../../components";
import { passwordsByAddress } from "../../components/anycast";
import { keyLines } from "../../components/cache-access";

/** What the resources of a real engine would say. */
const answers = { exitCode: 10, result: "secret", base64: "c2VjcmV0" };

interface Made {
    readonly type: string;
    readonly name: string;
    readonly inputs: docker.ContainerArgs & {
        readonly envs?: string[];
        readonly labels: { label: string; value: string }[];
    };
}

/** Makes a site without an engine, and tells what it is made of. */
async function siteOf(args: RecursiveDnsArgs) {
    const made: Made[] = [];
    const options = new Map<string, pulumi.CustomResourceOptions>();
    const state = (inputs: object) => ({ ...answers, ...inputs });
    await pulumi.runtime.setMocks(
        {
            newResource: ({ type, name, inputs }) => {
                made.push({ type, name, inputs: inputs as Made["inputs"] });
                return { id: `id-of-${name}`, state: state(inputs as object) };
            },
            call: () => ({}),
        },
        "recursive-dns",
        "test",
    );
    const note: pulumi.ResourceTransformation = ({ name, opts }) => void options.set(name, opts);
    const site = new RecursiveDns("dns", args, { transformations: [note] });
    await new Promise((resolve) => site.endpoints.apply(resolve));
    await settled(() => made.length);
    return { made, options };
}

describe("a site", () => {
    let made: Made[];
    let options: Map<string, pulumi.CustomResourceOptions>;

    before(async () => {
        const settings = { resolvers: { services: 3, instances: 1 }, dnsdist: { standby: true } };
        ({ made, options } = await siteOf({ settings }));
    });

    const containers = () => made.filter(({ type }) => type === "docker:index/container:Container");
    const running = () => containers().filter(({ inputs }) => inputs.start !== false);
    const services = () => running().filter(({ inputs }) => inputs.mustRun !== false);

    it("is made of dnsdist and its standby, the resolvers, one Redis, the service address and the gate", () => {
        assert.deepEqual(
            services()
                .map(({ name }) => name)
                .sort(),
            [
                "dns-address-steer",
                "dns-dnsdist-frontend",
                "dns-dnsdist-standby",
                "dns-redis-server",
                "dns-resolver-a-1",
                "dns-resolver-b-1",
                "dns-resolver-c-1",
                "dns-rollout-gate",
            ],
        );
    });

    it("runs every container without privileges, bounded, on a read-only root", () => {
        assert.ok(running().length >= 10);
        for (const { name, inputs } of running()) {
            assert.deepEqual((inputs.capabilities as { drops: string[] }).drops, ["ALL"], name);
            assert.deepEqual(inputs.securityOpts, ["no-new-privileges:true"], name);
            assert.equal(inputs.readOnly, true, name);
            assert.ok(Number(inputs.memory) > 0 && inputs.memory === inputs.memorySwap, name);
            assert.deepEqual(
                (inputs.ulimits as { name: string }[]).map((limit) => limit.name),
                ["nproc"],
                name,
            );
            assert.ok(inputs.logOpts && Number(inputs.destroyGraceSeconds) > 0, name);
            assert.ok(name === "dns-address-steer" || !(inputs.user as string).startsWith("0"), name);
        }
    });

    it("gives one capability to one container", () => {
        const able = containers().filter(
            ({ inputs }) => (inputs.capabilities as { adds?: string[] } | undefined)?.adds,
        );
        assert.deepEqual(
            able.map(({ name, inputs }) => [name, (inputs.capabilities as { adds: string[] }).adds]),
            [["dns-address-steer", ["CAP_NET_ADMIN"]]],
        );
    });

    it("creates before it deletes, but for Redis, whose volume cannot have two writers", () => {
        const first = containers().filter(({ name }) => options.get(name)?.deleteBeforeReplace !== false);
        assert.deepEqual(
            first.map(({ name }) => name),
            ["dns-redis-server"],
        );
    });

    it("waits for the health of whatever serves", () => {
        for (const { name, inputs } of services())
            assert.ok(inputs.wait && inputs.healthcheck && inputs.waitTimeout, name);
    });

    it("holds every identity that shall serve in the gate's inputs", () => {
        const gate = services().find(({ name }) => name === "dns-rollout-gate");
        const environment = gate?.inputs.envs?.join("\n") ?? "";
        for (const name of [
            "dns-resolver-a-1",
            "dns-resolver-b-1",
            "dns-resolver-c-1",
            "dns-dnsdist-frontend",
            "dns-dnsdist-standby",
            "dns-address-steer",
        ]) {
            assert.ok(environment.includes(`id-of-${name}`.slice(0, 12)), name);
        }
        assert.equal(gate?.inputs.rm, true);
        assert.equal(gate?.inputs.restart, "no");
    });

    it("keeps Redis out of the inputs of the resolvers, or its every change would replace them", () => {
        for (const { inputs } of services().filter(({ name }) => /resolver/.test(name))) {
            assert.doesNotMatch(JSON.stringify(inputs), /redis-server/);
        }
    });

    it("puts no secret into environments, labels or commands", () => {
        for (const { name, inputs } of containers()) {
            assert.doesNotMatch(
                JSON.stringify([inputs.envs, inputs.labels, inputs.command]),
                /secret|c2VjcmV0/,
                name,
            );
        }
    });

    it("labels everything it makes in Docker with the stack's name", () => {
        const labelled = made.filter(({ type }) => /:(Container|Network|Volume)$/.test(type));
        assert.ok(labelled.length > 15);
        for (const { name, inputs } of labelled) {
            assert.ok(
                inputs.labels.some(
                    ({ label, value }) => label === "recursive-dns.stack" && value === "recursive-dns/test",
                ),
                name,
            );
        }
    });
});

describe("a site that announces its address", () => {
    const neighbors = [{ address: "192.0.2.1", asn: 64512 }];
    const settings = {
        serviceAddress: { addresses: ["127.0.0.1", "198.51.100.53"] },
        anycast: { asn: 65001, neighbors },
    };

    it("has an announcer with two capabilities, and a gate that brings it all that is set", async () => {
        const { made, options } = await siteOf({ settings });
        const found = (name: string) => made.find((each) => each.name === name)!;
        const announcer = found("dns-anycast-announcer").inputs;
        assert.deepEqual((announcer.capabilities as { adds: string[] }).adds, [
            "CAP_NET_BIND_SERVICE",
            "CAP_NET_RAW",
        ]);
        assert.deepEqual(announcer.securityOpts, ["no-new-privileges:true"]);
        assert.equal(announcer.memory, 32);
        assert.doesNotMatch(
            JSON.stringify(announcer),
            /198\.51\.100\.53|64512/,
            "or a setting would replace it",
        );
        const gate = found("dns-anycast-gate");
        assert.equal(gate.inputs.rm, true);
        assert.ok(options.get("dns-anycast")?.dependsOn, "it comes after the rollout, and goes before it");
    });

    it("keeps passwords secret, and refuses one without repeating it", async () => {
        const { made } = await siteOf({ settings, anycastPasswords: { "192.0.2.1": "between us" } });
        const files = made.find(({ name }) => name === "dns-anycast-gate-files")!;
        assert.ok(pulumi.runtime.isRpcSecret(files.inputs.uploads), "the files are a secret");
        for (const { name, inputs } of made.filter(({ name }) => !/-files$/.test(name)))
            assert.doesNotMatch(JSON.stringify(inputs), /between us/, name);
        assert.throws(
            () => passwordsByAddress({ "192.0.2.1": 'a "quoted" one' }),
            ({ message }: Error) =>
                /^anycastPasswords\["192\.0\.2\.1"\]: must be/.test(message) && !/quoted/.test(message),
        );
    });
});

describe("a site that holds its address in turn with another", () => {
    it("leaves the address to VRRP, and asks by one that stays", async () => {
        const addresses = ["127.0.0.1", "192.0.2.53"];
        const { made } = await siteOf({
            settings: { serviceAddress: { addresses }, vrrp: { id: 51, interface: "eth0" } },
        });
        const environment = (name: string) =>
            made.find((each) => each.name === name)!.inputs.envs as readonly string[];
        assert.ok(environment("dns-address-steer").includes("VIRTUAL=192.0.2.53"));
        assert.ok(environment("dns-rollout-gate").includes("ADDRESSES=127.0.0.1"));
        const { inputs } = made.find(({ name }) => name === "dns-vrrp-announcer")!;
        assert.deepEqual((inputs.capabilities as { adds: string[] }).adds, [
            "CAP_NET_ADMIN",
            "CAP_NET_RAW",
            "CAP_NET_BROADCAST",
        ]);
    });
});

describe("resolvers in the host's own network", () => {
    it("have no other, and are told of none", async () => {
        const { made } = await siteOf({ settings: { resolvers: { network: "host" } } });
        assert.ok(!made.some(({ name }) => name === "dns-pool"));
        const instances = made.filter(({ name }) => /^dns-resolver-.-\d$/.test(name));
        assert.equal(instances.length, 4);
        for (const { inputs } of instances) {
            assert.equal(inputs.networkMode, "host");
            assert.equal(inputs.networksAdvanced, undefined);
            assert.doesNotMatch(JSON.stringify(inputs.envs), /POOL_NETWORK/);
        }
    });
});

describe("the cache of a site", () => {
    const named = (made: readonly Made[], pattern: RegExp) => made.filter(({ name }) => pattern.test(name));
    const filesOf = (made: readonly Made[]) => {
        const inputs = named(made, /resolver-a-1-files$/).map((files) => JSON.stringify(files.inputs));
        return [...inputs.join().matchAll(/"(\/etc\/shared-cache\/[^"]+)"/g)].map(([, file]) => file).sort();
    };

    it("is a Redis that only resolvers can reach, and whose keys only they have", async () => {
        const { made } = await siteOf({});
        const [redis] = named(made, /^dns-redis-server$/);
        assert.equal(redis!.inputs.networkMode, "none");
        const mounts = ({ inputs }: Made) => (inputs.volumes ?? []) as { containerPath?: string }[];
        const withSocket = made.filter((each) =>
            mounts(each).some(({ containerPath }) => containerPath === cacheSocket.directory),
        );
        assert.deepEqual(withSocket.map(({ name }) => name).sort(), [
            "dns-redis-server",
            "dns-resolver-a-1",
            "dns-resolver-a-2",
            "dns-resolver-b-1",
            "dns-resolver-b-2",
        ]);
        assert.deepEqual(filesOf(made), ["/etc/shared-cache/keys", "/etc/shared-cache/password"]);
        assert.equal(named(made, /signing-key/).length, 1);
    });

    it("is somebody else's Redis, whose password is a secret", async () => {
        const external = { host: "redis.example.net", tlsAuthority: certificate };
        const { made } = await siteOf({ settings: { cache: { external } }, cachePassword: "theirs" });
        assert.deepEqual(named(made, /redis/), []);
        assert.deepEqual(filesOf(made), [
            "/etc/shared-cache/authority.pem",
            "/etc/shared-cache/keys",
            "/etc/shared-cache/password",
        ]);
        const [files] = named(made, /resolver-a-1-files$/);
        assert.ok(pulumi.runtime.isRpcSecret(files!.inputs.uploads), "the files are a secret");
        for (const { name, inputs } of made.filter(({ name }) => !/-files$/.test(name)))
            assert.doesNotMatch(JSON.stringify(inputs), /theirs/, name);
    });

    it("is each resolver's own if that is wished", async () => {
        const { made } = await siteOf({ settings: { cache: { engine: "lmdb" } } });
        assert.deepEqual(named(made, /redis|cache/), []);
        assert.deepEqual(filesOf(made), []);
    });

    it("has a second key while one is rolled, and keeps its volume if that is wished", async () => {
        const { made, options } = await siteOf({
            settings: { cache: { signingKeys: ["2", "1"], retain: true } },
        });
        assert.deepEqual(
            named(made, /signing-key/)
                .map(({ name }) => name)
                .sort(),
            ["dns-cache-signing-key-1", "dns-cache-signing-key-2"],
        );
        assert.equal(options.get("dns-redis-data")?.retainOnDelete, true);
        assert.equal(named(made, /redis-data/)[0]!.inputs.name, "recursive-dns-test-dns-redis-data");
    });
});

describe("a key that is given", () => {
    it("is taken alone or beside the one before, and refused without being repeated", () => {
        const [one, other] = ["a".repeat(32), "b".repeat(64)];
        assert.equal(keyLines(one), `${one}\n`);
        assert.equal(keyLines(`${one}\n${other}\n`), `${one}\n${other}\n`);
        for (const bad of ["", "short", `${one} ${other}`, [one, one, other].join("\n")]) {
            assert.throws(
                () => keyLines(bad),
                ({ message }: Error) =>
                    message.startsWith("cacheKey: must be a key") && !(bad && message.includes(bad)),
            );
        }
    });
});

const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

/** Resolves once a number has stopped growing. */
async function settled(count: () => number): Promise<void> {
    for (let before = -1; before !== count();) {
        before = count();
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}
