import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseJson } from "./json.mjs";
import { data, root } from "./paths.mjs";

/**
 * Where the stacks' state is kept, and what protects the secrets in it. A choice that the person has made is
 * theirs: by variable, by `pulumi login`, or in Pulumi.yaml. Else both are kept in the user's data directory.
 *
 * @param {NodeJS.ProcessEnv} engine
 * @returns {NodeJS.ProcessEnv}
 */
export function state(engine) {
    const env = { ...process.env, ...engine };
    const chosen = env["PULUMI_BACKEND_URL"] || env["PULUMI_ACCESS_TOKEN"];
    if (chosen || loggedIn(env) || /^backend:/m.test(read(join(root, "Pulumi.yaml")))) return {};

    const directory = join(data, "state");
    mkdirSync(data, { recursive: true, mode: 0o700 });
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const own = env["PULUMI_CONFIG_PASSPHRASE"] !== undefined || env["PULUMI_CONFIG_PASSPHRASE_FILE"];
    return {
        PULUMI_BACKEND_URL: `file://${directory}`,
        // A stack file that has lost its salt gets it back from the state.
        PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
        ...(own ? {} : { PULUMI_CONFIG_PASSPHRASE_FILE: passphrase() }),
    };
}

/** The file of a passphrase that is made once. */
function passphrase() {
    const file = join(data, "passphrase");
    if (!existsSync(file)) {
        writeFileSync(file, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
    }
    return file;
}

/** @param {NodeJS.ProcessEnv} env */
function loggedIn(env) {
    const home = env["PULUMI_HOME"] || join(homedir(), ".pulumi");
    const credentials = /** @type {{ current?: string }} */ (
        parseJson(read(join(home, "credentials.json")) || "{}")
    );
    return Boolean(credentials.current);
}

/** @param {string} file */
function read(file) {
    return existsSync(file) ? readFileSync(file, "utf8") : "";
}
