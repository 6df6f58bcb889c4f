// node scripts/preview-change.mjs [base] [stack] [--summary FILE] [-- pulumi arguments...]: what would this change do to
// a running service? Deploys the commit that the change is based on, throw-away, on the Docker engine at hand; previews
// this checkout against that; writes a summary in Markdown; removes everything. For pull requests of any forge.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { changeSummary, failureSummary } from "./setup/change-summary.mjs";
import { setUp } from "./setup/index.mjs";
import { parseJson } from "./setup/json.mjs";
import { root } from "./setup/paths.mjs";
import { attached, capture } from "./setup/processes.mjs";
import { fileName } from "./setup/stack-files.mjs";
import { Problem, main, say } from "./setup/steps.mjs";
import { ThrowAwayStack } from "./setup/throw-away.mjs";

await main(async () => {
    const { base, stack, summary, rest } = options();
    const untilStopped = stoppable();
    const throwAway = new ThrowAwayStack();
    throwAway.takeOver();
    const tree = join(throwAway.directory, "base");
    /** @type {NodeJS.ProcessEnv} */
    let env = process.env;
    let deployed = false;
    try {
        env = await untilStopped(setUp({ docker: true }));
        await untilStopped(throwAway.init(env));
        const file = fileName(stack);
        const head = throwAway.selection(join(root, file), "head");
        const commit = await untilStopped(checkOut(base, tree));

        if (["Pulumi.yaml", file, "scripts/pulumi.mjs"].every((part) => existsSync(join(tree, part)))) {
            const selection = throwAway.selection(join(tree, file), "base");
            say(
                `deploying ${commit} as ${throwAway.name}, set as ${stack} is (about 1 minute, more with images)`,
            );
            deployed = true;
            await untilStopped(deploy(tree, [...selection, ...rest], commit));
        } else {
            say(`${commit} has no stack ${stack} that could be deployed: previewing this checkout alone`);
        }

        say("previewing this checkout");
        const from = deployed ? `${commit}, stack ${stack}` : `nothing, as ${commit} has no stack ${stack}`;
        const { code, text } = await untilStopped(preview([...head, ...rest], from, env));
        if (summary) writeFileSync(summary, text);
        return code;
    } finally {
        await throwAway.remove(env, deployed ? tree : undefined);
    }
});

/** What follows `--` goes to Pulumi's `up` and `preview`. */
function options() {
    const args = process.argv.slice(2);
    const end = args.indexOf("--");
    const own = end < 0 ? args : args.slice(0, end);
    try {
        const { values, positionals } = parseArgs({
            args: own,
            options: { summary: { type: "string" } },
            allowPositionals: true,
        });
        const [base = "origin/main", stack = "dev", ...more] = positionals;
        if (more.length > 0) throw new Error(`unexpected: ${more.join(" ")}`);
        return { base, stack, summary: values.summary, rest: end < 0 ? [] : args.slice(end + 1) };
    } catch (error) {
        throw new Problem(
            String(error),
            "node scripts/preview-change.mjs [base] [stack] [--summary FILE] [-- pulumi arguments...]",
        );
    }
}

/** A signal lets the work at hand end, which passes it on to what it runs, and then skips to the removal. */
function stoppable() {
    let stopped = false;
    const stop = () => {
        stopped = true;
    };
    process.on("SIGINT", stop).on("SIGTERM", stop);
    /**
     * @template T
     * @param {Promise<T>} work
     */
    return async (work) => {
        // Stopped work may well fail; that it was stopped is then the reason to tell.
        const result = await work.catch((/** @type {unknown} */ error) => {
            if (!stopped) throw error;
        });
        if (stopped) throw new Problem("stopped", "What was made has been removed again.");
        return /** @type {T} */ (result);
    };
}

/**
 * Puts the commit that the change is based on into a directory: not what others have added to the base since.
 *
 * @param {string} base
 * @param {string} directory
 * @returns {Promise<string>} the commit, shortened
 */
async function checkOut(base, directory) {
    const { code, out, err } = await capture("git", ["merge-base", base, "HEAD"], { cwd: root });
    if (code !== 0) {
        const next =
            "Name a commit that shares history with this one, and fetch that history (fetch-depth: 0).";
        throw new Problem(`${base} and this checkout have no commit in common here\n${err}`.trimEnd(), next);
    }
    const commit = out.trim();
    mkdirSync(directory);
    const pipe = 'git archive --output "$2.tar" "$1" && tar -xf "$2.tar" -C "$2"';
    const unpacked = await capture("sh", ["-c", pipe, "sh", commit, directory], { cwd: root });
    if (unpacked.code !== 0)
        throw new Problem(`${commit} could not be unpacked:\n${unpacked.err}`, "See above.");

    // The same packages need not be installed twice; others are installed by the base's own commands.
    const lock = "package-lock.json";
    if (existsSync(join(directory, lock)) && read(directory, lock) === read(root, lock)) {
        symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
    }
    return commit.slice(0, 10);
}

/**
 * @param {string} directory
 * @param {string} file
 */
function read(directory, file) {
    return readFileSync(join(directory, file), "utf8");
}

/**
 * Deploys with the commands of the program itself: the engine, providers and packages are those of that commit.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} commit
 */
async function deploy(program, args, commit) {
    const up = ["scripts/pulumi.mjs", "up", "--yes", "--skip-preview", ...args];
    const { code } = await attached(process.execPath, up, { cwd: program });
    if (code !== 0)
        throw new Problem(
            `${commit} could not be deployed`,
            "The reason is above; this change is not to blame.",
        );
}

/**
 * Previews twice, which takes seconds: once as people read it, once as programs do. Pulumi masks secrets in both.
 *
 * @param {readonly string[]} args
 * @param {string} from
 * @param {NodeJS.ProcessEnv} env
 */
async function preview(args, from, env) {
    const command = ["preview", ...args, "--non-interactive"];
    const print = (/** @type {string} */ line) => console.log(line);
    const diff = await capture("pulumi", [...command, "--diff", "--color=never"], {
        env,
        cwd: root,
        onLine: print,
    });
    const steps = await capture("pulumi", [...command, "--json"], { env, cwd: root });
    if (diff.code !== 0 || steps.code !== 0) {
        process.stderr.write(diff.err);
        return { code: 1, text: failureSummary(from, diff.out + diff.err) };
    }
    const found = /** @type {import("./setup/change-summary.mjs").Preview} */ (parseJson(steps.out));
    const summary = changeSummary(from, found, diff.out);
    console.log(summary.slice(0, summary.indexOf("<details>")));
    return { code: 0, text: summary };
}
