import { readFileSync } from "node:fs";
import * as os from "node:os";
import { execFileSync } from "node:child_process";
import { inside } from "../test/integration/support/host";
import { docker, runningContainers } from "./containers";

/** What the figures were measured on, as pairs of a name and what it was. */
export function machine(): [string, string][] {
    const distribution = /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
    const cgroup = docker("info", "--format", "{{.CgroupVersion}}");
    const load = os.loadavg().map((value) => value.toFixed(2));
    return [
        ["Date", new Date().toISOString().slice(0, 10)],
        ["Machine", `${os.cpus().length} cores (${os.cpus()[0]?.model.trim()}), ${gibibytes(os.totalmem())}`],
        ["System", `${distribution}, Linux ${os.release()}, cgroup v${cgroup}`],
        ["Load before (1, 5, 15 minutes)", load.join(", ")],
        ["Docker", docker("version", "--format", "{{.Server.Version}}")],
        ["Pulumi", execFileSync("pulumi", ["version"], { encoding: "utf8" }).trim()],
        ["Node.js", process.version],
    ];
}

const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB of memory`;

/** The versions of the daemons, in their own words. */
export async function daemons(stack: string): Promise<[string, string][]> {
    const running = await runningContainers(stack);
    const says = (component: RegExp, ...command: string[]) => {
        const id = running.find((container) => component.test(container.component))?.id ?? "";
        return /\d+\.\d+\.\d+/.exec(inside(id, ...command))?.[0] ?? "unknown";
    };
    return [
        ["dnsdist", says(/dnsdist-frontend$/, "dnsdist", "--version")],
        ["Knot Resolver", says(/resolver-a-1$/, "kresd", "--version")],
        ["Redis", says(/redis-server$/, "cache-server", "--version")],
    ];
}
