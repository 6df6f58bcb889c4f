import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { docker } from "../../lab/docker";
import { imageOf } from "./host";

/**
 * An image made from that of a running component: one that is another to Docker and the same in what it does, or one
 * that `lines` of a Dockerfile have broken.
 */
export async function variant(
    stack: string,
    component: RegExp,
    name: string,
    ...lines: string[]
): Promise<string> {
    const image = `recursive-dns/test-${name}:variant`;
    const context = mkdtempSync(path.join(tmpdir(), "recursive-dns-variant-"));
    const origin = `recursive-dns/test-origin:${name}`;
    await docker("tag", await imageOf(stack, component), origin);
    writeFileSync(
        path.join(context, "Dockerfile"),
        [`FROM ${origin}`, `LABEL recursive-dns.variant=${name}`, ...lines, ""].join("\n"),
    );
    await docker("build", "--quiet", "--tag", image, context);
    await docker("rmi", origin);
    rmSync(context, { recursive: true });
    return image;
}
