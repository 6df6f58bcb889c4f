import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { labResolvers } from "../lab/catalog";
import { startLab } from "../lab/lab";
import { moments, record } from "../report/rows";
import { tellOnFailure } from "./support/on-failure";
import { serving } from "./support/parts";
import { TestStack, root } from "./support/stack";
import { rate, summary, underLoad } from "./support/under-load";

/** The release before this one, until releases are tagged: its dnsdist knows nothing of other sites. */
const previous = "d6419631df0d3fb5c601fe26d0dcffa17396d174";
const port = 5394;

describe("the release before this one", () => {
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-previous-"));
    const stack = new TestStack("test-upgrade", directory);

    before(async () => {
        const archive = execFileSync("git", ["archive", previous], {
            cwd: root,
            maxBuffer: 64 * 1024 * 1024,
        });
        execFileSync("tar", ["-x", "-C", directory], { input: archive });
        symlinkSync(path.join(root, "node_modules"), path.join(directory, "node_modules"));
        await startLab();
        await stack.create({
            serviceAddress: { addresses: ["127.0.0.1", "::1"], port },
            resolvers: { ...labResolvers, cacheMiB: 96, services: 2, instances: 1 },
        });
        await stack.must(stack.up());
    });
    after(async () => {
        await stack.destroy();
        rmSync(directory, { recursive: true });
    });

    tellOnFailure(stack.name);

    it("is upgraded under load, which costs no query", async function () {
        const before = await serving(stack.name);
        stack.program = root;
        const { marks, mark } = moments();
        mark("begun");
        const report = await underLoad({ port }, async () => {
            await stack.must(stack.up());
            mark("done");
        });
        const after = await serving(stack.name);
        assert.deepEqual(
            Object.values(after).map(({ length }) => length),
            Object.values(before).map(({ length }) => length),
        );
        await stack.must(stack.up("--expect-no-changes"));
        record({ group: "planned", name: "the release before upgraded to this one", rate, report, marks });
        this.test!.title += ` (${summary(report)})`;
    });
});
