// npm test [-- --unit | --integration] [--long] [--grep PATTERN]: sets up what the tests need, then runs all of them.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { aptInstall } from "./setup/docker-install.mjs";
import { setUp } from "./setup/index.mjs";
import { root } from "./setup/paths.mjs";
import { attached, capture } from "./setup/processes.mjs";
import { Problem, elapsed, main, say, step } from "./setup/steps.mjs";

await main(async () => {
    const values = options();
    const all = !values.unit && !values.integration;
    const env = await setUp({ docker: all || values.integration === true });
    if (all || values.integration) await hostTools();
    if (values.long) env["RECURSIVE_DNS_LONG"] = "1"; // the tests that take minutes ask for it
    const mocha = ["mocha", "--import=tsx", ...(values.grep ? ["--grep", values.grep] : [])];

    /** @type {[boolean, string, string[]][]} */
    const steps = [
        [all, "types (about 10 seconds)", ["tsc", "--noEmit"]],
        [all, "lint (about 20 seconds)", ["eslint", "."]],
        [all, "format", ["prettier", "--check", "."]],
        [all && existsSync(join(root, "knip.json")), "unused code", ["knip"]],
        [all, "names known to the providers", [process.execPath, "toolchain/check-names.mjs"]],
        [all || values.unit === true, "unit tests", [...mocha, "test/unit/**/*.test.ts"]],
        [
            all || values.integration === true,
            "integration tests (some minutes)",
            [...mocha, `--timeout=${values.long ? 900_000 : 300_000}`, "test/integration/**/*.test.ts"],
        ],
    ];
    for (const [wanted, title, [command = "", ...args]] of steps) {
        if (!wanted) continue;
        say(title);
        const start = Date.now();
        const program = command === process.execPath ? command : join(root, "node_modules", ".bin", command);
        const { code } = await attached(program, args, { env, cwd: root });
        if (title.startsWith("integration")) await stopLab(env);
        if (code !== 0) {
            say(`failed: ${title}`);
            return code;
        }
        say(`passed in ${elapsed(Date.now() - start)}`);
    }
    return 0;
});

function options() {
    const known = /** @type {const} */ ({
        unit: { type: "boolean" },
        integration: { type: "boolean" },
        long: { type: "boolean" },
        grep: { type: "string" },
    });
    try {
        return parseArgs({ options: known }).values;
    } catch (error) {
        throw new Problem(String(error), "npm test [-- --unit | --integration] [--long] [--grep PATTERN]");
    }
}

/**
 * The integration tests look at the host itself, as root: its nftables, its addresses; they certify servers, look at the
 * dashboard as people do, and reach other Docker hosts by ssh.
 */
async function hostTools() {
    const tools = {
        "nft -V": "nftables",
        "ip -V": "iproute2",
        "openssl version": "openssl",
        "chromium --version": "chromium",
        "tcpdump --version": "tcpdump",
        "ssh -V": "openssh-client",
    };
    const commands = Object.keys(tools).map((command) => command.split(" "));
    const found = await Promise.all(commands.map(([tool = "", ...args]) => capture(tool, args)));
    const missing = Object.values(tools).filter((_, index) => found[index]?.code !== 0);
    if (missing.length === 0) return;
    if (process.getuid?.() !== 0)
        throw new Problem("the tests need root and " + missing.join(", "), "Run them as root.");
    await step(`installing ${missing.join(" and ")} (a minute at most)`, () => aptInstall(missing));
}

/**
 * The tests start the lab Internet; it refuses to stop while somebody's resolvers use it.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function stopLab(env) {
    await capture(process.execPath, ["--import", "tsx", "test/lab/cli.ts", "stop"], { env, cwd: root });
}
