// A stack that is deployed to be looked at and then destroyed, with state, secrets and files of its own in one
// temporary directory: nothing of the person's is read or written.
import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { root } from "./paths.mjs";
import { capture } from "./processes.mjs";
import { withEncryption } from "./stack-files.mjs";
import { Problem, say } from "./steps.mjs";

export class ThrowAwayStack {
    /** Its own, so that it is never taken for the stack whose settings it has. */
    name = `throw-away-${randomBytes(4).toString("hex")}`;

    directory = mkdtempSync(join(tmpdir(), "recursive-dns-throw-away-"));

    /** Sends all that this process runs from now on to the temporary state. */
    takeOver() {
        process.env["PULUMI_BACKEND_URL"] = `file://${this.directory}`;
        process.env["PULUMI_CONFIG_PASSPHRASE"] = randomBytes(32).toString("base64url");
        delete process.env["PULUMI_CONFIG_PASSPHRASE_FILE"];
    }

    /** @param {NodeJS.ProcessEnv} env */
    async init(env) {
        // The engine writes how secrets are encrypted beside the Pulumi.yaml that it finds.
        copyFileSync(join(root, "Pulumi.yaml"), join(this.directory, "Pulumi.yaml"));
        const args = ["stack", "init", this.name, "--no-select"];
        const { code, err } = await capture("pulumi", args, { env, cwd: this.directory });
        if (code !== 0)
            throw new Problem(`the throw-away stack could not be made:\n${err.trimEnd()}`, "See above.");
    }

    /**
     * The arguments that select this stack with the settings of a file, such as that of `dev`.
     *
     * @param {string} file
     * @param {string} copy the name of the copy that the engine may write to
     */
    selection(file, copy) {
        if (!existsSync(file))
            throw new Problem(`there is no ${basename(file)}`, "Choose a stack that has a file.");
        const path = join(this.directory, `${copy}.yaml`);
        const encryption = readFileSync(join(this.directory, `Pulumi.${this.name}.yaml`), "utf8");
        writeFileSync(path, withEncryption(harmless(readFileSync(file, "utf8"), basename(file)), encryption));
        return ["--stack", this.name, "--config-file", path];
    }

    /**
     * Removes everything, what an interrupted deployment has made without recording it included.
     *
     * @param {NodeJS.ProcessEnv} env
     * @param {string | undefined} program the directory of the program that was deployed, if one was
     */
    async remove(env, program) {
        if (program) {
            say("destroying the throw-away stack (about 20 seconds)");
            // By the commands that have deployed it: they have the engine and the providers that it was made with.
            const args = ["scripts/pulumi.mjs", "destroy", "--yes", "--skip-preview", "--stack", this.name];
            const selected = ["--config-file", join(this.directory, "base.yaml")];
            const { code, out, err } = await capture(process.execPath, [...args, ...selected], {
                cwd: program,
            });
            if (code !== 0) say(`it could not be destroyed in good order: sweeping it up\n${out}${err}`);
            await this.#sweep(env);
        }
        rmSync(this.directory, { recursive: true, force: true });
    }

    /** @param {NodeJS.ProcessEnv} env */
    async #sweep(env) {
        const project = /^name: *(\S+)/m.exec(readFileSync(join(this.directory, "Pulumi.yaml"), "utf8"))?.[1];
        const filter = ["--filter", `label=recursive-dns.stack=${project}/${this.name}`];
        const docker = async (/** @type {string[]} */ ...args) =>
            (await capture("docker", args, { env })).out.split("\n").filter(Boolean);
        const format = '{{.ID}} {{.Label "recursive-dns.component"}}';
        const containers = await docker("ps", "--all", ...filter, "--format", format);
        // One by one, for the sake of Docker 20.10 (see components/in-turn.ts); last, so that it takes its
        // addresses and its table away, what steers.
        const steers = (/** @type {string} */ line) => Number(line.endsWith("-steer"));
        for (const line of containers.sort((a, b) => steers(a) - steers(b))) {
            const [id = ""] = line.split(" ");
            await docker("stop", "--time", "15", id);
            await docker("rm", "--force", "--volumes", id);
        }
        for (const kind of ["volume", "network"]) {
            for (const id of await docker(kind, "ls", "--quiet", ...filter)) await docker(kind, "rm", id);
        }
        const left = [
            ...(await docker("ps", "--all", "--quiet", ...filter)),
            ...(await docker("volume", "ls", "--quiet", ...filter)),
            ...(await docker("network", "ls", "--quiet", ...filter)),
        ];
        if (left.length > 0) {
            throw new Problem(
                `these of the throw-away stack could not be removed: ${left.join(", ")}`,
                `Remove them by hand; all carry the label ${filter[1]?.slice("label=".length)}.`,
            );
        }
    }
}

/**
 * The text of a stack file without its encryption settings; refused where it would reach for more than this machine.
 *
 * @param {string} text
 * @param {string} name of the file
 */
export function harmless(text, name) {
    const next = "Choose a stack like dev, or see what would change where it runs: npm run preview -- STACK.";
    const plain = text.replace(/^\s*#.*$/gm, "");
    if (/\bdocker:\w+["']?\s*:|\brecursive-dns:sites["']?\s*:/.test(plain)) {
        throw new Problem(
            `${name} says which Docker engines to use (docker:..., sites): those are not to be thrown away`,
            next,
        );
    }
    if (/\bsecure\s*:/.test(plain)) {
        throw new Problem(`${name} has encrypted settings, and their key belongs to the real stack`, next);
    }
    return text.replace(/^(?:encryptionsalt|encryptedkey|secretsprovider):.*\n?/gm, "");
}
