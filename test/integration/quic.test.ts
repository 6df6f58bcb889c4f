import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { labResolvers } from "../lab/catalog";
import { startLab } from "../lab/lab";
import { loadImage } from "../load/load-image";
import { inside } from "./support/host";
import { refusedUpdate, serving } from "./support/parts";
import { TestStack } from "./support/stack";
import { underLoad } from "./support/under-load";

/** An image that has been made by examples/quic, which takes half an hour and dnsdist's source. */
const image = process.env.RECURSIVE_DNS_QUIC_IMAGE;
const port = 5379;
const tls = {
    name: "dns.example.net",
    dot: { enabled: false },
    doh: { enabled: false },
    doq: { enabled: true, port: 5378 },
    doh3: { enabled: true, port: 5377 },
};
const settings = (dnsdist: string, threads = 2) => ({
    serviceAddress: { addresses: ["127.0.0.1", "::1"], port },
    resolvers: { ...labResolvers, services: 1, instances: 1, cacheMiB: 32 },
    dnsdist: { threads, tls },
    images: { dnsdist },
});

describe("DNS over QUIC", () => {
    const stack = new TestStack("test-quic");
    before(async () => {
        await startLab();
        await stack.create({ ...settings(""), dnsdist: {}, images: {} });
        await stack.must(stack.up());
    });
    after(() => stack.destroy());

    it("is refused for an image that does not speak it, before anything is changed", async () => {
        const before = await serving(stack.name);
        const ours = execFileSync(
            "docker",
            ["inspect", "--format", "{{.Config.Image}}", before.frontend[0]!],
            {
                encoding: "utf8",
            },
        ).trim();
        const said = await refusedUpdate(stack, settings(ours));
        assert.match(said, /dnsdist\.tls: dnsdist refuses it: .*has no dns-over-quic/);
    });

    if (!image) return;

    /** What a client of QUIC is told. */
    function overQuic(address: string): string {
        const { stdout, stderr } = spawnSync(
            "docker",
            [
                ...["run", "--rm", "--network", "host", "--entrypoint", "kdig", image!],
                ...["+quic", "+short", `@${address}`, "-p", String(tls.doq.port), "www.example.com"],
            ],
            { encoding: "utf8" },
        );
        return `${stdout}${stderr}`.trim();
    }

    it("is spoken by an image that can, also by another generation of dnsdist, at no cost to others", async () => {
        stack.configure(settings(image));
        await stack.must(stack.up());
        for (const address of ["127.0.0.1", "::1"]) assert.equal(overQuic(address), "192.0.2.80");
        await underLoad({ port }, async () => {
            stack.configure(settings(image, 1));
            await stack.must(stack.up());
        });
        for (const address of ["127.0.0.1", "::1"]) assert.equal(overQuic(address), "192.0.2.80");
    });

    it("and so is HTTP/3", async () => {
        const [frontend = ""] = (await serving(stack.name)).frontend;
        assert.match(inside(frontend, "dnsdist", "--version"), /dns-over-http3/);
        // The query: www.example.com A.
        const query = "AAABAAABAAAAAAAAA3d3dwdleGFtcGxlA2NvbQAAAQAB";
        const url = `https://dns.example.net:${tls.doh3.port}/dns-query?dns=${query}`;
        const asked = [
            "--http3-only",
            "--insecure",
            "--silent",
            "--resolve",
            `dns.example.net:${tls.doh3.port}:127.0.0.1`,
            url,
        ];
        const load = await loadImage();
        const client = ["run", "--rm", "--network", "host", "--entrypoint", "curl", load];
        const answer = execFileSync("docker", [...client, ...asked]);
        assert.ok(answer.includes(Buffer.from([192, 0, 2, 80])), answer.toString("hex"));
    });
});
