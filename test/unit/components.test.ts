import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { RecursiveDns } from "../../components";

/** What the resources of a real engine would say. */
const answers = { exitCode: 0, containerLogs: "converted\n", result: "secret", base64: "c2VjcmV0" };

interface Made {
    readonly type: string;
    readonly name: string;
    readonly inputs: docker.ContainerArgs & {
        readonly envs?: string[];
        readonly labels: { label: string; value: string }[];
    };
}

describe("a site", () => {
    const made: Made[] = [];
    const options = new Map<string, pulumi.CustomResourceOptions>();

    before(async () => {
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
        const settings = { resolvers: { services: 3, instances: 1 }, dnsdist: { standby: true } };
        const site = new RecursiveDns("dns", { settings }, { transformations: [note] });
        await new Promise((resolve) => site.endpoints.apply(resolve));
        await settled(() => made.length);
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

/** Resolves once a number has stopped growing. */
async function settled(count: () => number): Promise<void> {
    for (let before = -1; before !== count();) {
        before = count();
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
}
