import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import dgram from "node:dgram";
import http from "node:http";
import net from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { TestStack } from "./support/stack";

describe("a preview on a host that cannot do it", () => {
    const stack = new TestStack("test-preflight");
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-preflight-"));
    const socket = path.join(directory, "docker.sock");

    before(() => stack.create({}));
    beforeEach(() => {
        stack.variables = {};
        stack.wrapper = [];
        stack.configure({ serviceAddress: { port: 5393 } });
    });
    after(async () => {
        stack.variables = {};
        stack.wrapper = [];
        await stack.destroy();
        rmSync(directory, { recursive: true });
    });

    /** Fails with this message, and no stack trace beside it. */
    async function refuses(message: RegExp): Promise<void> {
        const { code, output } = await stack.preview();
        assert.notEqual(code, 0, output);
        assert.match(output, message);
        assert.doesNotMatch(output, /\.ts:\d+|node_modules/);
    }

    it("names a network that is not there", async () => {
        stack.configure({ resolvers: { networks: ["nowhere"] } });
        await refuses(/resolvers\.networks\[0\]: must be a network on the Docker host, but is "nowhere"/);
    });

    it("names a UDP port that somebody else listens on", async () => {
        const squatter = dgram.createSocket("udp4");
        await new Promise<void>((resolve) => squatter.bind(5393, "127.0.0.1", resolve));
        await refuses(/serviceAddress\.port: UDP port 5393 of 127\.0\.0\.1 is in use on this host/).finally(
            () => squatter.close(),
        );
    });

    it("names a TCP port that somebody listens on at every address", async () => {
        const squatter = net.createServer();
        await new Promise<void>((resolve) => squatter.listen(5393, "::", resolve));
        await refuses(/serviceAddress\.port: TCP port 5393 of ::1 is in use on this host/).finally(() =>
            squatter.close(),
        );
    });

    it("names an IPv6 address where the host has no IPv6", async () => {
        stack.wrapper = [
            "unshare",
            "--net",
            "sh",
            "-c",
            'ip link set lo up; ip -6 address flush dev lo; exec "$@"',
            "sh",
        ];
        await refuses(
            /serviceAddress\.addresses\[1\]: must not be IPv6 on this host, which has none, but is "::1"/,
        );
    });

    it("says what to do when there is no Docker", async () => {
        stack.variables = { DOCKER_HOST: "unix:///nonexistent/docker.sock" };
        await refuses(/there is no Docker engine at unix:\/\/\/nonexistent\/docker\.sock; install one/);
    });

    it("says what to do when Docker has stopped", async () => {
        // A server that is killed leaves its socket behind.
        const dead = `require("net").createServer().listen("${socket}", () => process.kill(process.pid, "SIGKILL"))`;
        spawnSync(process.execPath, ["-e", dead]);
        stack.variables = { DOCKER_HOST: `unix://${socket}` };
        await refuses(/nothing answers at unix:\/\/.*; start the Docker engine/);
        rmSync(socket);
    });

    it("refuses rootless Docker", async () => {
        const info = {
            OSType: "linux",
            OperatingSystem: "Debian",
            SecurityOptions: ["name=seccomp,profile=default", "name=rootless"],
        };
        const rootless = http.createServer((request, response) =>
            response.end(JSON.stringify(request.url === "/info" ? info : [])),
        );
        await new Promise<void>((resolve) => rootless.listen(socket, resolve));
        stack.variables = { DOCKER_HOST: `unix://${socket}` };
        await refuses(/rootless Docker cannot change it: use one that runs as root/).finally(() =>
            rootless.close(),
        );
    });
});
