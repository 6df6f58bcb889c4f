import {
    existsSync,
    mkdtempSync,
    readFileSync,
    readdirSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { debianMirror, parseDeb822, parseList } from "./apt-sources.mjs";
import { aptInstall } from "./docker-install.mjs";
import { capture } from "./processes.mjs";
import { Problem, step } from "./steps.mjs";

const RELEASE = "forky";
/** What our images are built on by default, as `config/images.ts` says. */
const IMAGE = `debian:${RELEASE}-slim`;

/**
 * Makes sure that the Docker engine has the base image: pulled, else made by debootstrap from the host's own mirror.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export async function baseImage(env) {
    if ((await capture("docker", ["image", "inspect", IMAGE], { env })).code === 0) return;
    const pulled = await step(`pulling ${IMAGE} (some seconds)`, () =>
        capture("docker", ["pull", IMAGE], { env, timeout: 300_000 }),
    );
    if (pulled.code !== 0) {
        const title = `no registry has ${IMAGE} for us: making it with debootstrap (about 30 seconds, once)`;
        await step(title, () => bootstrap(hostMirror(pulled.err), env));
    }
}

/** @param {string} reason why the pull failed */
function hostMirror(reason) {
    const mirror = process.getuid?.() === 0 ? debianMirror(hostSources(), codeName()) : undefined;
    if (mirror) return mirror;
    throw new Problem(
        `the base image ${IMAGE} could not be pulled:\n${reason.trimEnd()}`,
        "Make a registry reachable or load the image yourself (docker load), then run this again. " +
            "As root on a Debian host it is made from the host's own package mirror.",
    );
}

function hostSources() {
    const directory = "/etc/apt/sources.list.d";
    const more = existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [];
    return ["/etc/apt/sources.list", ...more].filter(existsSync).flatMap((file) => {
        const text = readFileSync(file, "utf8");
        return file.endsWith(".sources") ? parseDeb822(text) : parseList(text);
    });
}

function codeName() {
    const release = readFileSync("/etc/os-release", "utf8");
    return /^ID=debian$/m.test(release) ? (/^VERSION_CODENAME=(\w+)/m.exec(release)?.[1] ?? "") : "";
}

/**
 * @param {string} mirror
 * @param {NodeJS.ProcessEnv} env
 */
async function bootstrap(mirror, env) {
    if (!existsSync("/usr/sbin/debootstrap")) await aptInstall(["debootstrap"]);
    // A debootstrap older than the release does not know it; all since etch are made as sid is.
    const script = `/usr/share/debootstrap/scripts/${RELEASE}`;
    if (!existsSync(script)) symlinkSync("sid", script);

    const directory = mkdtempSync(join(tmpdir(), "recursive-dns-base-"));
    try {
        await ok(capture("debootstrap", ["--variant=minbase", RELEASE, directory, mirror]));
        // A mirror that stands in for a registry may be a frozen copy, whose signatures say that they have expired.
        writeFileSync(
            join(directory, "etc/apt/apt.conf.d/90frozen-mirror"),
            'Acquire::Check-Valid-Until "false";\n',
        );
        const waste = ["var/cache/apt", "var/lib/apt/lists"].map((name) => join(directory, name));
        await ok(capture("find", [...waste, "-type", "f", "-delete"]));
        const pipe = 'tar -C "$1" -c . | docker import --change "CMD [\\"bash\\"]" - "$2"';
        await ok(capture("sh", ["-c", pipe, "sh", directory, IMAGE], { env }));
    } finally {
        rmSync(directory, { recursive: true, force: true });
    }
}

/** @param {Promise<import("./processes.mjs").Ended>} running */
async function ok(running) {
    const { code, out, err } = await running;
    if (code === 0) return;
    const reason = (err.trim() || out.trim()).split("\n").slice(-10).join("\n");
    throw new Problem(
        `the base image ${IMAGE} could not be made:\n${reason}`,
        `Load ${IMAGE} yourself (docker load).`,
    );
}
