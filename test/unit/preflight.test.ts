import assert from "node:assert/strict";
import { parse } from "../../config/listeners";
import { cpuProblems, engineProblems, unreachable } from "../../config/preflight";
import { resolveSettings } from "../../config/settings";

const engine = {
    OSType: "linux",
    OperatingSystem: "Debian GNU/Linux 13",
    SecurityOptions: ["name=seccomp,profile=default"],
};

describe("preflight", () => {
    it("accepts an ordinary engine", () => assert.deepEqual(engineProblems(engine), []));

    const unfit = {
        "rootless Docker": {
            ...engine,
            SecurityOptions: ["name=seccomp,profile=default", "name=rootless", "name=cgroupns"],
        },
        "userns-remap": { ...engine, SecurityOptions: ["name=userns"] },
        "Docker Desktop": { ...engine, OperatingSystem: "Docker Desktop" },
        "windows containers": { ...engine, OSType: "windows" },
    };
    for (const [name, info] of Object.entries(unfit)) {
        it(`refuses ${name}, in one line that names it`, () => {
            const problems = engineProblems(info);
            assert.equal(problems.length, 1);
            assert.match(problems[0] ?? "", new RegExp(name));
        });
    }

    it("tells no engine, a refused user and a stopped engine apart", () => {
        const says = (code: string) => unreachable("unix:///x", Object.assign(new Error("boom"), { code }));
        assert.match(says("ENOENT"), /no Docker engine at unix:\/\/\/x; install one/);
        assert.match(says("EACCES"), /refuses this user; .* group/);
        assert.match(says("ECONNREFUSED"), /nothing answers .*; start/);
        assert.match(says("EIO"), /does not answer: boom/);
    });

    it("finds CPUs that the host has not", () => {
        const settings = resolveSettings({ resolvers: { cpus: ["0-1", "0,2", "1-3"] } });
        assert.deepEqual(cpuProblems({ NCPU: 3 }, settings), [
            'resolvers.cpus[2]: must be CPUs from 0 to 2 on this Docker host, but is "1-3"',
        ]);
    });

    it("reads the kernel's tables of sockets", () => {
        const header =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
        const tcp = [
            header,
            "   0: 0100007F:14B4 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1",
            "   1: 0100007F:14B5 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 2",
        ];
        assert.deepEqual(parse("TCP", tcp.join("\n")), [
            { protocol: "TCP", address: "127.0.0.1", port: 5300 },
        ]);
        const udp6 = [
            header,
            "  10: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 0 0 0 0 0 3",
            "  11: 00000000000000000000000000000000:14B4 00000000000000000000000000000000:0000 07 0 0 0 0 0 4",
        ];
        assert.deepEqual(parse("UDP", udp6.join("\n")), [
            { protocol: "UDP", address: "0:0:0:0:0:0:0:1", port: 53 },
            { protocol: "UDP", address: "any", port: 5300 },
        ]);
    });
});
