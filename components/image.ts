import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";

/** One of the images in `images/`. */
export interface ImageSpec {
    /** The folder in `images/` that holds the Dockerfile. */
    readonly folder: string;

    /** The stage of the Dockerfile that is wanted, if not its last. */
    readonly target?: string;

    /** Build arguments. */
    readonly args: Readonly<Record<string, string>>;
}

/**
 * The reference of one of ours. Its tag is a digest of all that goes into it, so a change makes another image beside the
 * one that is in use, and nothing is built when nothing has changed.
 */
export function referenceOf({ folder, target, args }: ImageSpec): string {
    const digest = createHash("sha256").update(JSON.stringify({ target, args }));
    for (const file of [...filesIn("common"), ...filesIn(folder)]) {
        digest.update(`\0${file}\0`).update(readFileSync(path.join(contexts, file)));
    }
    return `recursive-dns/${target ?? folder}:${digest.digest("hex").slice(0, 16)}`;
}

/** The reference of an image: `given`, or else one of ours, built on the Docker host. */
export function image(
    name: string,
    given: string | undefined,
    spec: ImageSpec,
    options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
    if (given) return pulumi.output(given);
    const { folder, target, args } = spec;
    const built = new docker.RemoteImage(
        name,
        {
            name: referenceOf(spec),
            build: {
                // Relative, so that the same stack is the same from every checkout.
                context: path.relative(process.cwd(), contexts) || ".",
                dockerfile: `${folder}/Dockerfile`,
                buildArgs: { ...args },
                // By the API of the provider's own host (and BuildKit there); the other way builds on this machine.
                useLegacyBuilder: true,
                ...(target ? { target } : {}),
            },
            // What rolls back needs the image before, and another stack may run the same one.
            keepLocally: true,
        },
        options,
    );
    return built.name;
}

/** `images/` of this package: beside the sources, or beside `dist/` when it has been compiled. */
const contexts =
    [path.join(__dirname, "../images"), path.join(__dirname, "../../images")].find(existsSync) ?? "images";

function filesIn(folder: string): string[] {
    return readdirSync(path.join(contexts, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => path.relative(contexts, path.join(parentPath, name)))
        .sort();
}
