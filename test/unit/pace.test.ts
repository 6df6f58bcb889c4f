import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as path from "node:path";

const modules = path.join(__dirname, "../../images/dnsdist");

/** Prints the rate after each slot: in the first four a processor is waited for half of the time, and then never. */
const program = `use Pace;
my $waited = 0;
{ no warnings "redefine"; *Pace::waited = sub { $waited } }
my $pace = Pace->new(2000, 8000);
for my $slot (1 .. 20) {
    $waited += 0.05 if $slot <= 4;
    $pace->adapt(0.1);
    print "$pace->{rate}\\n";
}`;

describe("the pace of work that can wait", () => {
    it("halves while others want the processor, down to the least, and comes back step by step", () => {
        const output = execFileSync("perl", ["-I", modules, "-e", program], { encoding: "utf8" });
        const rates = output.trim().split("\n").map(Number);
        assert.deepEqual(rates.slice(0, 7), [4000, 2000, 2000, 2000, 2500, 3000, 3500]);
        assert.equal(rates.at(-1), 8000);
    });

    it("is what it may be at most where the kernel does not say how long a process has waited", () => {
        const silent = program.replace("{ $waited }", "{ 0 }");
        const output = execFileSync("perl", ["-I", modules, "-e", silent], { encoding: "utf8" });
        assert.deepEqual(new Set(output.trim().split("\n")), new Set(["8000"]));
    });
});
