import { execFile } from "node:child_process";
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
