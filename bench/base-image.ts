import * as path from "node:path";
import { docker } from "./containers";

const label = "recursive-dns.bench";
const context = path.join(__dirname, "base");

/** A base image that no build cache knows anything about: see `base/Dockerfile`. Returns its reference. */
export function freshBase(): string {
    const runId = String(Date.now());
    const reference = `recursive-dns/bench-base:${runId}`;
    docker("build", "--build-arg", `RUN_ID=${runId}`, "--tag", reference, context);
    return reference;
}

/** Removes every image that was built on such a base, and the bases. */
export function removeImages(): void {
    for (const id of docker("images", "--quiet", "--no-trunc", "--filter", `label=${label}`).split(/\s+/)) {
        if (id) docker("image", "rm", "--force", id);
    }
}
