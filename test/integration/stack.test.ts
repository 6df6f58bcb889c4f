import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { labResolvers } from "../lab/catalog";
import { newNames, showcase } from "../lab/internet/showcase";
import { startLab } from "../lab/lab";
import { type Server, ask, assertAnswers, leadingFrontend, ways } from "./support/dns";
import { checkInImage, goldenFiles } from "./support/golden";
import { events, imageOf, inside, inspections, logs, packetCacheHits, running, traces } from "./support/host";
import { TestStack, root } from "./support/stack";

const settings = {
    // Two addresses that the host has, and two that it must be given.
    serviceAddress: { addresses: ["127.0.0.1", "::1", "198.51.100.53", "2001:db8:5353::53"], port: 5391 },
    resolvers: { ...labResolvers, cacheMiB: 32 },
    // Every question by TCP is a connection of its own here.
    dnsdist: { protection: { connections: { newPerSecond: 100_000 } } },
};
const servers: Server[] = settings.serviceAddress.addresses.flatMap((address) =>
    (["udp", "tcp"] as const).map((transport) => ({
        address,
        port: settings.serviceAddress.port,
        transport,
    })),
);

describe("a stack on a real engine and a real Docker", () => {
    const stack = new TestStack("test-first");
    const other = new TestStack("test-second");
    let pristine: Awaited<ReturnType<typeof traces>>;
    let checkout: string;

    before(async () => {
        await startLab();
        checkout = uncommitted();
        pristine = await traces(stack.name, other.name);
        await stack.create(settings);
        await other.create({ resolvers: { instances: 1, ...labResolvers }, serviceAddress: { port: 5392 } });
    });

    after(async () => {
        await stack.destroy();
        await other.destroy();
    });

    it("comes up fresh", async () => {
        await stack.must(stack.up());
    });

    for (const expectation of showcase) {
        const { name, type, checkingDisabled } = expectation.question;
        it(`answers ${name} ${type}${checkingDisabled ? " with CD" : ""} by ${expectation.rcode}`, async () => {
            for (const server of servers) await assertAnswers(server, expectation);
        });
    }

    for (const variant of ["defaults", "changed"]) {
        it(`has what is rendered accepted by the real binaries: ${variant}`, async () => {
            const dnsdist = await imageOf(stack.name, /dnsdist-frontend$/);
            const generation = ["dnsdist.yml", "backend.yml", "backend.lua"].map(
                (file) => `${variant}/${file}`,
            );
            checkInImage(dnsdist, 5302, "/etc/dnsdist", generation, "frontend", "check");

            const converter = await imageOf(stack.name, /resolver-a-convert$/);
            const converted = ["sh", "-c", "convert || test $? = 10"]; // components/converted.ts
            const resolver = [`${variant}/config.yaml`, ...goldenFiles(`${variant}/beside`)];
            checkInImage(converter, 5301, "/etc/knot-resolver", resolver, ...converted);

            const redis = await imageOf(stack.name, /redis-server$/);
            const ping =
                "cache-server /etc/cache/cache.conf --dir /tmp --daemonize yes >/dev/null; sleep 0.5; healthy";
            checkInImage(
                redis,
                5303,
                "/etc/cache",
                [`${variant}/cache.conf`, "users.acl"],
                "sh",
                "-ec",
                ping,
            );
        });
    }

    it("has its nftables table accepted by nft", async () => {
        const image = await imageOf(stack.name, /steer$/);
        // In a network of its own, by the nft that does it in earnest.
        const golden = ["--volume", `${root}/test/golden:/golden:ro`, "--entrypoint", "sh"];
        const alone = ["run", "--rm", "--network", "none", "--cap-drop", "ALL", "--cap-add", "NET_ADMIN"];
        const load = "nft -f /golden/table.nft && nft -f /golden/table-older.nft";
        execFileSync("docker", [...alone, ...golden, image, "-ec", load]);
    });

    it("shows nothing when nothing has changed, before and after a refresh", async () => {
        await stack.must(stack.up("--expect-no-changes"));
        await stack.must(stack.refresh("--expect-no-changes"));
        await stack.must(stack.preview("--expect-no-changes"));
    });

    it("keeps its secrets out of state, environments and logs", async () => {
        const [frontend = ""] = await running(stack.name, /dnsdist-frontend$/);
        const [redis = ""] = await running(stack.name, /redis-server$/);
        const own = ["console.key", "web.password", "api.key"].map((file) =>
            inside(frontend, "cat", `/etc/dnsdist/${file}`),
        );
        const digest = /#(\w{64})/.exec(inside(redis, "cat", "/etc/cache/users.acl"))?.[1];
        const [resolver = ""] = await running(stack.name, /resolver-a-1$/);
        const shared = ["keys", "password"].map((file) =>
            inside(resolver, "cat", `/etc/shared-cache/${file}`).trim(),
        );
        const secrets = [...own, digest ?? "", ...shared];
        assert.ok(secrets.every((secret) => secret.length >= 32));
        for (const place of [stack.state(), await inspections(stack.name), await logs(stack.name)]) {
            assert.ok(place.length > 1000);
            assert.ok(secrets.every((secret) => !place.includes(secret)));
        }
    });

    it("runs no process as root but where it steers", async () => {
        const steering = await running(stack.name, /steer$/);
        for (const container of await running(stack.name, /./)) {
            if (steering.includes(container)) continue;
            const users = inside(container, "sh", "-c", "stat -c %u /proc/[0-9]* 2>/dev/null || true")
                .trim()
                .split("\n");
            assert.ok(users.length > 1 && users.every((user) => Number(user) > 5300), users.join());
        }
    });

    it("grows from 2 to 3 instances and shrinks back, and replaces none of the others", async () => {
        const two = await running(stack.name, /resolver-.-\d$/);
        stack.configure({ ...settings, resolvers: { ...settings.resolvers, instances: 3 } });
        await stack.must(stack.up());
        const three = await running(stack.name, /resolver-.-\d$/);
        assert.deepEqual([two.length, three.length], [4, 6]);
        assert.ok(two.every((container) => three.includes(container)));

        stack.configure(settings);
        await stack.must(stack.up());
        assert.deepEqual(await running(stack.name, /resolver-.-\d$/), two);
    });

    it("replaces resolvers for a changed setting: the old go only after the new are admitted", async () => {
        const since = Date.now() / 1000;
        const old = await running(stack.name, /resolver-.-\d$/);
        const frontend = await running(stack.name, /dnsdist-frontend$/);
        stack.configure({ ...settings, resolvers: { ...settings.resolvers, cacheMiB: 48 } });
        await stack.must(stack.up());

        const seen = events(stack.name, since);
        const gate = only(
            seen.filter(
                ({ action, component }) => /gate$/.test(component) && action === "health_status: healthy",
            ),
        );
        const healthy = seen.filter(
            ({ action, component }) =>
                /resolver-.-\d$/.test(component) && action === "health_status: healthy",
        );
        const killed = seen.filter(({ action, container }) => old.includes(container) && action === "kill");
        assert.deepEqual([healthy.length, killed.length], [4, 4]);
        assert.ok(
            healthy.every(({ time }) => time < gate.time),
            "the gate waits for the new",
        );
        assert.ok(
            killed.every(({ time }) => time > gate.time),
            "the old go after the gate",
        );
        assert.deepEqual(await running(stack.name, /dnsdist-frontend$/), frontend, "dnsdist stays");
        for (const server of servers) await assertAnswers(server, only(showcase.slice(0, 1)));
    });

    it("replaces dnsdist for a changed setting, with another generation on other ports, and the cache of the old", async () => {
        const names = newNames("kept", 100);
        const askEveryWay = async () => {
            for (const transport of ["udp", "tcp"] as const)
                for (const way of ways)
                    for (const name of names)
                        await ask({ ...only(servers.slice(0, 1)), transport }, { name, type: "A" }, way);
        };
        await askEveryWay();

        const [old = ""] = await running(stack.name, /dnsdist-frontend$/);
        const resolvers = await running(stack.name, /resolver-.-\d$/);
        stack.configure({
            ...settings,
            dnsdist: { ...settings.dnsdist, threads: 1 },
            resolvers: { ...settings.resolvers, cacheMiB: 48 },
        });
        await stack.must(stack.up());
        const current = only(await running(stack.name, /dnsdist-frontend$/));
        assert.notEqual(current, old);
        assert.deepEqual(await running(stack.name, /resolver-.-\d$/), resolvers, "the resolvers stay");
        for (const server of servers) assert.equal(await leadingFrontend(server), current.slice(0, 12));

        const hits = packetCacheHits(current);
        await askEveryWay();
        const ratio = (packetCacheHits(current) - hits) / (2 * ways.length * names.length);
        assert.ok(ratio >= 0.95, `hit ratio ${ratio}`);
    });

    it("shares the host with a second stack", async () => {
        await other.must(other.up());
        const second = { address: "127.0.0.1", port: 5392, transport: "udp" } as const;
        for (const server of [...servers, second]) await assertAnswers(server, only(showcase.slice(0, 1)));
    });

    it("refuses the address of another stack at preview", async () => {
        other.configure({ resolvers: { instances: 1, ...labResolvers }, serviceAddress: { port: 5391 } });
        const { code, output } = await other.preview();
        assert.notEqual(code, 0);
        assert.match(
            output,
            /serviceAddress: 127\.0\.0\.1 port 5391 belongs to the stack recursive-dns\/test-first/,
        );
    });

    it("names every problem of a bad configuration at preview, and nothing else", async () => {
        other.configure({
            resolver: {},
            resolvers: { instances: 0, cacheMiB: "big" },
            serviceAddress: { addresses: ["::1", "::1"] },
        });
        const { code, output } = await other.preview();
        assert.notEqual(code, 0);
        for (const line of [
            "the configuration has 4 problems; nothing was changed:",
            "resolver: there is no such setting",
            "resolvers.instances: must be from 1 to 16, but is 0",
            'resolvers.cacheMiB: must be a whole number from 16 to 16384, but is "big"',
            'serviceAddress.addresses[1]: must not stand in the list twice, but is "::1"',
        ]) {
            assert.ok(output.includes(line), `${line}\nis missing in\n${output}`);
        }
        assert.doesNotMatch(output, /\.ts:\d+/, "no stack trace");
    });

    it("leaves nothing behind when it is destroyed", async () => {
        await stack.must(stack.destroy());
        await other.must(other.destroy());
        assert.deepEqual(await traces(stack.name, other.name), pristine);
    });

    it("leaves the checkout as it was", () => assert.equal(uncommitted(), checkout));
});

const uncommitted = () => execFileSync("git", ["status", "--porcelain"], { cwd: root, encoding: "utf8" });

function only<T>(list: readonly T[]): T {
    const [first, ...rest] = list;
    assert.ok(first !== undefined && rest.length === 0, `expected one, got ${list.length}`);
    return first;
}
