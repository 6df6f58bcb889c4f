import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs a docker command and returns what it printed; a failure carries docker's own words. */
export async function docker(...args: string[]): Promise<string> {
    try {
        return (await run("docker", args)).stdout.trim();
    } catch (error) {
        throw new Error(`docker ${args[0]} failed: ${reasonOf(error)}`, { cause: error });
    }
}

/** What docker knows of an object, or undefined if there is none of that name. */
export async function dockerInspect<T>(
    kind: "container" | "image" | "network",
    name: string,
): Promise<T | undefined> {
    try {
        return JSON.parse(await docker(kind, "inspect", "--format", "{{json .}}", name)) as T;
    } catch (error) {
        if (error instanceof Error && /no such|not found/i.test(error.message)) {
            return undefined;
        }
        throw error;
    }
}

/** Builds the image of a directory, unless there is one of its present content; returns its name. */
export async function ensureImage(name: string, directory: string, ...options: string[]): Promise<string> {
    const image = `recursive-dns/${name}:${await contentHash(directory)}`;
    if (!(await dockerInspect("image", image))) {
        await docker("build", "--tag", image, ...options, directory);
    }
    return image;
}

/** A name for what a build context holds: paths and contents of all its files. */
async function contentHash(directory: string): Promise<string> {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
    const hash = createHash("sha256");
    for (const file of files.sort()) {
        hash.update(`${file.slice(directory.length)}\0`)
            .update(await readFile(file))
            .update("\0");
    }
    return hash.digest("hex").slice(0, 12);
}

function reasonOf(error: unknown): string {
    const { code, stdout = "", stderr = "", message } = error as ExecError;
    if (code === "ENOENT") {
        return "the docker command is missing; install Docker.";
    }
    // A failed build tells its reason on stdout.
    return `${stdout}\n${stderr}`.trim() || message;
}

interface ExecError extends Error {
    code?: unknown;
    stdout?: string;
    stderr?: string;
}
