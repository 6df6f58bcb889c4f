import Docker from "dockerode";
import { dnsdistImage } from "../components/images";
import { referenceOf } from "../components/image";
import { backendLua, backendYaml, dnsdistYaml } from "./dnsdist-yaml";
import type { ResolvedSettings } from "./settings";

const check = `mkdir /tmp/settings
printf %s "$DNSDIST_YML" >/tmp/settings/dnsdist.yml
printf %s "$BACKEND_YML" >/tmp/settings/backend.yml
printf %s "$BACKEND_LUA" >/tmp/settings/backend.lua
SETTINGS=/tmp/settings exec frontend check`;

/**
 * Has dnsdist itself look at what `dnsdist.extra` says, and whether it speaks QUIC if it shall, in a container that is gone afterwards, if its image is on the
 * host already. If it is not, a generation that would be refused is never admitted, which is later but no worse.
 */
export async function dnsdistProblems(
    docker: Docker,
    { dnsdist, images }: ResolvedSettings,
): Promise<string[]> {
    const quic = dnsdist.tls?.doq.enabled || dnsdist.tls?.doh3.enabled;
    if (Object.keys(dnsdist.extra).length === 0 && !quic) return [];
    const image = images.dnsdist ?? referenceOf(dnsdistImage(images.base));
    const present = await docker
        .getImage(image)
        .inspect()
        .then(() => true)
        .catch(() => false);
    if (!present) return [];
    const files = {
        DNSDIST_YML: dnsdistYaml(dnsdist),
        BACKEND_YML: backendYaml(dnsdist),
        BACKEND_LUA: backendLua(dnsdist),
    };
    const container = await docker.createContainer({
        Image: image,
        User: "5302:5302",
        Entrypoint: ["sh", "-ec", check],
        Env: Object.entries(files).map(([name, text]) => `${name}=${text}`),
        Tty: true, // what it says comes as plain text
        HostConfig: { NetworkMode: "none", CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges:true"] },
    });
    try {
        await container.start();
        const { StatusCode } = (await container.wait()) as { StatusCode: number };
        if (StatusCode === 0) return [];
        const said = (await container.logs({ stdout: true, stderr: true })).toString();
        return [`dnsdist.${quic ? "tls" : "extra"}: dnsdist refuses it: ${complaint(said)}`];
    } finally {
        await container.remove({ force: true });
    }
}

/** Of dnsdist's log the errors, and in them what is said rather than where. */
export function complaint(log: string): string {
    const errors = log.split(/\r?\n/).filter((line) => /prio="(Error|Critical)"/.test(line));
    const texts = errors.map((line) => /error="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line);
    return (texts.length > 0 ? texts : log.trim().split(/\r?\n/).slice(-3)).join("; ");
}
