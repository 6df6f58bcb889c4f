import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { TestStack, root } from "./support/stack";

/** The package as others get it, in a stack of theirs: compiled, packed, installed, imported. */
describe("the package", () => {
    const project = mkdtempSync(path.join(tmpdir(), "recursive-dns-office-"));
    const stack = new TestStack("office", project);

    before(async () => {
        cpSync(path.join(root, "examples/office"), project, { recursive: true });
        const modules = path.join(project, "node_modules");
        mkdirSync(modules);
        for (const name of readdirSync(path.join(root, "node_modules"))) {
            symlinkSync(path.join(root, "node_modules", name), path.join(modules, name));
        }
        const pack = ["pack", "--silent", "--pack-destination", project];
        const archive =
            execFileSync("npm", pack, { cwd: root, encoding: "utf8" }).trim().split("\n").at(-1) ?? "";
        execFileSync("tar", ["-xzf", archive], { cwd: project });
        renameSync(path.join(project, "package"), path.join(modules, "recursive-dns"));
        await stack.create({});
    });

    after(async () => {
        await stack.destroy();
        rmSync(project, { recursive: true });
    });

    it("is imported by a stack that has its own name, settings and images of the package", async () => {
        const { output } = await stack.must(stack.preview());
        assert.match(output, /recursive-dns:index:RecursiveDns +office/);
        assert.match(output, /docker:index:RemoteImage +office-dnsdist-image/);
        assert.match(output, /127\.0\.0\.1:5310/);
    });

    it("says what is wrong with the settings of such a stack", () => {
        const program =
            'new (require("recursive-dns").RecursiveDns)("x", { settings: { resolvers: { instances: 0 } } })';
        assert.throws(
            () =>
                execFileSync(process.execPath, ["-e", program], {
                    cwd: project,
                    stdio: "pipe",
                    encoding: "utf8",
                }),
            /resolvers\.instances: must be from 1 to 16, but is 0/,
        );
    });
});
