// Which Pulumi runs the stacks: the one on PATH, else the official release, else one built from `toolchain/`.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { readJson } from "./json.mjs";
import { root } from "./paths.mjs";
import { capture } from "./processes.mjs";
import { say, step } from "./steps.mjs";
import { build, built } from "./toolchain.mjs";

const MINIMUM = 3200; // 3.200, as major * 1000 + minor

/** @returns {Promise<NodeJS.ProcessEnv>} the variables that select the engine */
export async function engine() {
    if (await onPath()) return {};
    const official = officialDirectory();
    if (existsSync(join(official, "pulumi"))) return withPath(official);
    const own = built() ?? ((await download()) ? undefined : await build());
    if (!own) return withPath(official);
    return {
        ...withPath(join(own, "bin")),
        PULUMI_HOME: join(own, "home"),
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // Its plugins are there already, and what lies on PATH would warn on every run.
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
    };
}

async function onPath() {
    const { code, out } = await capture("pulumi", ["version"], { timeout: 10_000 });
    if (code !== 0) return false;
    if (usable(out)) return true;
    say(`the pulumi on PATH is ${out.trim()}, 3.200 or newer is needed: using another`);
    return false;
}

/** @param {string} version as `pulumi version` prints it */
export function usable(version) {
    const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version.trim()) ?? [];
    return Number(major) * 1000 + Number(minor) >= MINIMUM && Number(major) === 3;
}

/** Where Pulumi's own automation library installs the release that belongs to the npm package. */
function officialDirectory() {
    const file = join(root, "node_modules", "@pulumi", "pulumi", "package.json");
    const { version } = /** @type {{ version: string }} */ (readJson(file));
    return join(homedir(), ".pulumi", "versions", version, "bin");
}

/** Installs the official release; false where it cannot be had. */
async function download() {
    if (!(await reachable("https://get.pulumi.com/install.sh"))) {
        say("Pulumi's download site cannot be reached: building the engine from source instead");
        return false;
    }
    return await step("downloading the Pulumi engine (about 1 minute, once)", async () => {
        const script = `
            import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
            await PulumiCommand.install();`;
        const args = ["--input-type=module", "--eval", script];
        const { code } = await capture(process.execPath, args, { cwd: root, timeout: 600_000 });
        if (code !== 0) say("the download failed: building the engine from source instead");
        return code === 0;
    });
}

/** @param {string} url */
async function reachable(url) {
    try {
        return (await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(10_000) })).ok;
    } catch {
        return false;
    }
}

/** @param {string} directory */
function withPath(directory) {
    return { PATH: `${directory}${delimiter}${process.env["PATH"] ?? ""}` };
}
