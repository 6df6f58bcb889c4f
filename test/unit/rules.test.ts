import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { complaint } from "../../config/check-dnsdist";
import type { DnsdistSettings } from "../../config/dnsdist";
import { toLua } from "../../config/lua";
import { InvalidSettings } from "../../config/resolve";
import { rulesOf } from "../../config/rules";
import { resolveSettings } from "../../config/settings";

const rules = (dnsdist: DnsdistSettings) =>
    rulesOf(resolveSettings({ dnsdist }).dnsdist, [], { version: "", views: [], viewers: [] });

describe("dnsdist's rules", () => {
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-rules-"));
    const file = path.join(directory, "names");
    const list = { name: "ads", action: "nxdomain", file } as const;
    after(() => rmSync(directory, { recursive: true }));

    it("have another version for every change, and for nothing else", () => {
        writeFileSync(file, "one.example\n");
        const first = rules({ lists: [list] });
        assert.equal(rules({ lists: [list] }).version, first.version);
        assert.notEqual(rules({ lists: [{ ...list, action: "drop" }] }).version, first.version);
        writeFileSync(file, "two.example\n");
        assert.notEqual(rules({ lists: [list] }).version, first.version);
    });

    it("refer to long lists, and hold short ones", () => {
        writeFileSync(file, "# comment\n\n a.example. # another\nB.example\r\n");
        const { files } = rules({ lists: [list, { name: "c", action: "drop", domains: ["c.example"] }] });
        const [own, inline] = Object.entries(files).filter(([name]) => name.endsWith(".names"));
        assert.deepEqual(own?.[1], { source: file, digest: own?.[0].replace(".names", "") });
        assert.equal(inline?.[1], "c.example\n");
        assert.equal(files["manifest"], `${own?.[0]} 2\n${inline?.[0]} 1\n`);
        assert.match(files["rules.lua"] as string, /"a\.example",\s+"b\.example",/);
    });

    it("tell of a file that is something else its first bad lines", () => {
        writeFileSync(file, Array.from({ length: 9 }, () => "<p>\n").join(""));
        assert.throws(
            () => rules({ lists: [list], clients: { a: { file: path.join(directory, "none") } } }),
            ({ problems }: InvalidSettings) => {
                assert.equal(problems.length, 5);
                assert.match(problems[0]!, /^dnsdist\.clients\.a\.file: .*ENOENT/);
                assert.equal(
                    problems[1],
                    `dnsdist.lists[0].file: ${file}: line 1: must be a domain name, but is "<p>"`,
                );
                assert.match(problems[4]!, /and so on$/);
                return true;
            },
        );
    });
});

describe("Lua", () => {
    it("has every kind of value written so that it reads the same", () => {
        const value = { a: [1, true, "x"], "b-c": { d: 'q"\\\n\u00e9' }, none: undefined, empty: [] };
        assert.equal(
            toLua(value),
            '{\n  a = {\n    1,\n    true,\n    "x",\n  },\n  ["b-c"] = {\n    d = "q\\034\\092\\010\\195\\169",\n  },\n  empty = {},\n}',
        );
    });
});

describe("what dnsdist complains of", () => {
    it("is told without where and when", () => {
        const log = [
            'msg="Loading" subsystem="setup" prio="Info" ts="1"',
            'msg="Parsing failed" error="ring_buffers: unknown field `sizes` at line 3" prio="Error" ts="2"',
        ].join("\r\n");
        assert.equal(complaint(log), "ring_buffers: unknown field `sizes` at line 3");
        assert.equal(complaint("a\nb\n"), "a; b");
    });
});
