import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { resolveSettings } from "../../config/settings";
import { labNetwork, rootHints, rootTrustAnchor } from "../lab/catalog";

function stackFile(name: string): Record<string, unknown> {
    return parse(readFileSync(path.join(__dirname, `../../Pulumi.${name}.yaml`), "utf8")) as Record<
        string,
        unknown
    >;
}

/** The settings of a stack file, without those of other packages. */
function settings(name: string) {
    const config = Object.entries(stackFile(name).config as Record<string, unknown>);
    const own = config.filter(([key]) => key.startsWith("recursive-dns:"));
    return resolveSettings(
        Object.fromEntries(own.map(([key, value]) => [key.slice("recursive-dns:".length), value])),
    );
}

describe("the stack files of the repository", () => {
    for (const name of ["dev", "lab", "prod"]) {
        it(`${name} is valid, and holds nothing of anybody's secrets`, () => {
            settings(name);
            assert.deepEqual(Object.keys(stackFile(name)), ["config"]);
        });
    }

    it("lab knows the lab Internet as it is", () => {
        const { resolvers } = settings("lab");
        const absolute = Object.entries(resolvers.rootHints ?? {}).map(([server, addresses]) => [
            `${server}.`,
            addresses,
        ]);
        assert.deepEqual(Object.fromEntries(absolute), rootHints);
        assert.deepEqual(resolvers.trustAnchors, [rootTrustAnchor]);
        assert.deepEqual(resolvers.networks, [labNetwork.name]);
    });
});
