import assert from "node:assert/strict";
import { docker } from "../lab/docker";
import { root } from "./support/stack";

const resolversImage = [
    "--file",
    `${root}/images/knot-resolver/Dockerfile`,
    "--build-arg",
    "KNOT_RESOLVER_VERSION=6.5.0",
];
const build = (target: string, ...options: string[]) =>
    docker("build", "--quiet", ...resolversImage, "--target", target, ...options, `${root}/images`);

describe("the module of the shared cache", () => {
    it("passes its unit tests and a fuzzer under AddressSanitizer, built without a warning", async () => {
        const fuzzed = ["--build-arg", `FUZZ_SECONDS=${process.env.RECURSIVE_DNS_LONG ? 300 : 20}`];
        await build("module-tests", ...fuzzed);
    });

    it("lets no kresd start whose cache it cannot share, and says why", async () => {
        const script = [
            "modules.load('shared_cache')",
            "shared_cache.config({ host = '192.0.2.1', namespace = 'cache:test', key_file = '/etc/hostname' })",
        ].join("\n");
        const start = [
            "sh",
            "-c",
            `cd /tmp && echo "${script}" >start.lua && exec kresd -n -c start.lua -c -`,
        ];
        const [program = "", ...parameters] = start;
        await assert.rejects(
            docker("run", "--rm", "--entrypoint", program, await build("resolver"), ...parameters),
            /this cache cannot be shared: the cache is not open/,
        );
    });
});
