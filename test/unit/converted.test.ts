import assert from "node:assert/strict";
import { assertConverted } from "../../components/converted";

describe("the end of a conversion", () => {
    it("is good by the converter's own exit code, whatever has come of its log", () => {
        assertConverted("resolver-a", 10, "a warning\n");
        assertConverted("resolver-a", 10, undefined);
    });

    it("is Knot Resolver's refusal, with its reason", () =>
        assert.throws(
            () => assertConverted("resolver-a", 1, "no such key: x"),
            /refuses .*:\nno such key: x/,
        ));

    const interrupted: [string, number | undefined, string | undefined][] = [
        ["was killed", 137, ""],
        ["was killed, as a refresh has it", 255, undefined],
        ["was never started, as a refresh has it", 0, undefined],
    ];
    for (const [what, code, log] of interrupted) {
        it(`is to be done again where it ${what}`, () =>
            assert.throws(() => assertConverted("resolver-a", code, log), /interrupted.*--replace/));
    }
});
