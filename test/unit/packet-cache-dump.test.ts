import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { type DecodedPacket, decode } from "dns-packet";

const modules = path.join(__dirname, "../../images/dnsdist");

/** When the dumps are read, in seconds: the clock stands still, or a second might pass meanwhile. */
const now = 1_790_000_000;

/** Prints what PacketCacheDump reads, a line an entry, and how many questions it could not tell. */
const program = `BEGIN { *CORE::GLOBAL::time = sub () { ${now} } }
use PacketCacheDump;
my $dump = PacketCacheDump->open($ARGV[0]);
while (my @entry = $dump->next) { print join(" ", shift @entry, map { unpack "H*", $_ } @entry), "\\n" }
print "$dump->{count} $dump->{strange}\\n"`;

/** Lines as dnsdist 2.1.3 dumps them: they hold the hash that it keeps an answer under. */
const lines = {
    "by UDP": [
        2029673744,
        1,
        0,
        "FNWBoAABAAEAAAABA3d3dwdleGFtcGxlA2NvbQAAAQABwAwAAQABAAABLAAEwAACUAAAKQTQAAAAAAAA",
    ],
    "by TCP": [
        1268921637,
        0,
        0,
        "NwKBoAABAAEAAAABA3d3dwdleGFtcGxlA2NvbQAAAQABwAwAAQABAAABLAAEwAACUAAAKQTQAAAAAAAA",
    ],
    "with DO": [
        3436897042,
        1,
        1,
        "VpqBoAABAAIAAAABA3d3dwdleGFtcGxlA2NvbQAAAQABwAwAAQABAAABLAAEwAACUMAMAC4AAQAAASwAXwABDQMAAAEsbObWYGsFjch3UQdleGFtcGxlA2NvbQCz829sAa3Kub/+ANBglkqeIl474qsdMl+cfUl/zCyByfmcp2vnw76VziIYovUyeRzOMFTZatD94bqioIkswTy1AAApBNAAAIAAAAA=",
    ],
} as const;

function line(
    [key, udp, dnssec, answer]: readonly [number, number, number, string],
    { left = 200, age = 100, rcode = 0 } = {},
): string {
    const added = now - age;
    return (
        `www.example.com. ${left} IN A ; ecs empty, rcode ${rcode}, key ${key}, length 60, received over UDP ${udp}, ` +
        `added ${added}, dnssecOK ${dnssec}, raw query flags 8193, base64response ${answer}`
    );
}

function read(...dump: string[]) {
    const directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-dump-"));
    const file = path.join(directory, "dump");
    writeFileSync(file, ["; dnsdist's packet cache dump follows", ";", ...dump, ""].join("\n"));
    const output = execFileSync("perl", ["-I", modules, "-e", program, file], {
        encoding: "utf8",
    }).trim();
    rmSync(directory, { recursive: true });
    const entries = output.split("\n").map((text) => text.split(" "));
    const [count, strange] = (entries.pop() ?? []).map(Number);
    const packet = (hex = "") => decode(Buffer.from(hex, "hex"));
    return {
        count,
        strange,
        entries: entries.map(([transport, question, answer]) => ({
            transport,
            // The identifier is left to whoever asks.
            question: packet(`0000${question}`),
            answer: packet(answer),
        })),
    };
}

const times = ({ answers = [] }: DecodedPacket) => answers.map((record) => (record as { ttl: number }).ttl);

describe("a dump of dnsdist's packet cache", () => {
    for (const [way, entry] of Object.entries(lines)) {
        it(`tells how an answer was asked for: ${way}`, () => {
            const { entries, strange } = read(line(entry));
            assert.equal(strange, 0);
            assert.equal(entries.length, 1);
            const { transport, question } = entries[0]!;
            assert.equal(transport, entry[1] ? "udp" : "tcp");
            assert.equal(question.questions?.[0]?.name, "www.example.com");
            assert.ok(question.flag_rd && question.flag_ad && !question.flag_cd);
            const opt = question.additionals?.[0] as { udpPayloadSize: number; flag_do: boolean };
            assert.deepEqual([opt.udpPayloadSize, opt.flag_do], [1232, Boolean(entry[2])]);
        });
    }

    it("gives answers the time that is left to them", () => {
        assert.deepEqual(times(read(line(lines["by UDP"])).entries[0]!.answer), [200]);
        assert.deepEqual(
            times(read(line(lines["with DO"], { age: 250, left: 50 })).entries[0]!.answer),
            [50, 50],
        );
    });

    it("gives no answer more time than dnsdist does", () => {
        assert.deepEqual(times(read(line(lines["by UDP"], { left: 7 })).entries[0]!.answer), [7]);
    });

    it("leaves out what has expired, and failures", () => {
        const { count } = read(line(lines["by UDP"], { left: -5 }), line(lines["by TCP"], { rcode: 2 }));
        assert.equal(count, 0);
    });

    it("counts what was asked for in a way that it cannot tell, and goes on", () => {
        const [, ...rest] = lines["by UDP"];
        const { entries, strange, count } = read(line([1, ...rest]), line(lines["by TCP"]));
        assert.deepEqual([entries.length, strange, count], [1, 1, 2]);
    });
});
