import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cache, root } from "./paths.mjs";
import { capture } from "./processes.mjs";
import { Problem, indented, step } from "./steps.mjs";

const source = join(root, "toolchain");

/** The engine's directory, if it has been built from these very sources. */
export function built() {
    const directory = target();
    return existsSync(directory) ? directory : undefined;
}

/** Builds the engine aside and moves it into place whole, so that a broken build is never taken for one. */
export async function build() {
    const path = await pathWithGo();
    mkdirSync(cache, { recursive: true });
    const aside = mkdtempSync(join(cache, "building-"));
    try {
        await step(
            "building the Pulumi engine from source (about 5 minutes on two cores, once)",
            async () => {
                const { code, err } = await capture("sh", [join(source, "build.sh"), aside], {
                    env: { ...process.env, PATH: path },
                    onLine: (line) => process.stdout.write(`${indented(line)}\n`),
                });
                if (code !== 0) {
                    const reason = err.trimEnd().split("\n").slice(-20).join("\n");
                    throw new Problem(
                        `the Pulumi engine could not be built:\n${reason}`,
                        "Go needs access to its module proxy, and about 7 GB of disk for its caches. " +
                            "Or install Pulumi 3.200 or newer on PATH.",
                    );
                }
            },
        );
        if (!built()) renameSync(aside, target());
        return target();
    } finally {
        rmSync(aside, { recursive: true, force: true });
    }
}

function target() {
    return join(cache, `engine-${contentHash(source).slice(0, 16)}`);
}

/**
 * A hash of all that goes into a build: each file's path and content, and the platform.
 *
 * @param {string} directory
 */
export function contentHash(directory) {
    const hash = createHash("sha256").update(`${process.platform}-${process.arch}`);
    const files = readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith(".mjs")) // checks, not parts
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
    for (const file of files) {
        const content = readFileSync(file);
        hash.update(`\0${file.slice(directory.length)}\0${content.length}\0`).update(content);
    }
    return hash.digest("hex");
}

/** PATH with a Go that is new enough on it: where it is usually installed, it may not be on PATH. */
async function pathWithGo() {
    const path = `${process.env["PATH"] ?? ""}${delimiter}/usr/local/go/bin`;
    const { out } = await capture("go", ["env", "GOVERSION"], { env: { ...process.env, PATH: path } });
    const minor = Number(/^go1\.(\d+)/.exec(out)?.[1] ?? 0);
    if (minor >= 25) return path;
    throw new Problem(
        minor
            ? `Go is ${out.trim()}, but building the Pulumi engine needs 1.25`
            : "there is no Pulumi engine, and no Go to build one",
        "Install Pulumi 3.200 or newer (www.pulumi.com/docs/install), or Go 1.25 or newer (go.dev/doc/install).",
    );
}
