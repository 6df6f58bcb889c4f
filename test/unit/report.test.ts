import assert from "node:assert/strict";
import { figures, merge } from "../report/figures";
import { render } from "../report/markdown";
import { plot } from "../report/plot";
import { type Group, type Row, record } from "../report/rows";

const began = 1_800_000_000;

function row(group: Group, name: string, lost = 0): Row {
    const timeline = Array.from({ length: 300 }, (_, index) => ({
        at: began - 5 + index / 10,
        answersPerSecond: 5000 - (index % 7) * 10,
    }));
    return {
        ...{ group, name, rate: 5000, replaced: "resolvers" },
        report: {
            udp: {
                sent: 300_123,
                lost,
                wrong: 0,
                codes: "",
                slowestSeconds: 0.1234,
                p99Seconds: 0.01,
                timeline,
            },
            tcp: { sent: 12_000, lost: 0, broken: 0, ended: 10 },
        },
        marks: [
            { label: "update ends", at: began + 20.04 },
            { label: 'update begins & "more" <', at: began },
        ],
    };
}

const kept = (...parameters: Parameters<typeof row>) => figures(row(...parameters), "2026-11-24", "2 cores");

describe("the report of the long tests", () => {
    it("plots every moment of a load, and its marks", () => {
        const svg = plot(row("planned", "a resolver setting"));
        const points = /<polyline points="([^"]*)"/.exec(svg)?.[1]?.split(" ") ?? [];
        assert.equal(points.length, 300);
        assert.ok(points.every((point) => /^\d+(\.\d)?,\d+(\.\d)?$/.test(point)));
        assert.match(svg, />update begins &amp; &quot;more&quot; &lt;<\/text>/);
        assert.match(svg, />answers per second<\/text>/);
    });

    it("plots a load that was never answered", () => {
        const { report, ...rest } = row("failure", "silence");
        const svg = plot({ ...rest, marks: [], report: { ...report, udp: { ...report.udp, timeline: [] } } });
        assert.doesNotMatch(svg, /NaN|Infinity/);
    });

    it("keeps the numbers of a row, and how long it took", () => {
        const { seconds, udp, plot: file } = kept("planned", "a resolver setting");
        assert.deepEqual(
            { seconds, file },
            { seconds: 20, file: "reliability/planned-a-resolver-setting.svg" },
        );
        assert.deepEqual(udp, { sent: 300_123, lost: 0, wrong: 0, slowestSeconds: 0.1234 });
    });

    it("replaces the same row, and no other", () => {
        const rows = [kept("planned", "one"), kept("bad", "one"), kept("planned", "two")];
        const merged = merge(rows, kept("planned", "one", 7));
        assert.deepEqual(
            merged.map(({ group, name, udp }) => [group, name, udp.lost]),
            [
                ["planned", "one", 7],
                ["bad", "one", 0],
                ["planned", "two", 0],
            ],
        );
        assert.equal(merge(rows, kept("bad", "two")).length, 4);
    });

    it("lists every row in the table of its group, and shows the plots of some", () => {
        const rows = [kept("planned", "a resolver setting"), kept("failure", "power", 3)];
        const page = render(JSON.stringify(rows));
        assert.match(
            page,
            /## Planned changes\n\n.*\n.*\n\| a resolver setting \| resolvers \| 300,123 \| 5,000 \| 0 \/ 0 \| 0.123 \|/,
        );
        assert.match(page, /## Failures\n\n.*\n.*\n\| power \| .* \| 3 \/ 0 \|/);
        assert.doesNotMatch(page, /## Changes that fail/);
        assert.deepEqual(page.match(/!\[.*/g), [
            "![Answers per second: a resolver setting](reliability/planned-a-resolver-setting.svg)",
        ]);
    });

    it("writes nothing unless the tests are the long ones", () => {
        const long = process.env.RECURSIVE_DNS_LONG;
        delete process.env.RECURSIVE_DNS_LONG;
        // A row that cannot be written, so that an attempt would throw.
        assert.doesNotThrow(() => record({} as Row));
        if (long) process.env.RECURSIVE_DNS_LONG = long;
    });
});
