import assert from "node:assert/strict";
import { InvalidSettings } from "../../config/resolve";

/** The problems that something finds with settings, each as one line. */
export function problemsOf(resolving: () => unknown): readonly string[] {
    try {
        resolving();
    } catch (error) {
        assert.ok(error instanceof InvalidSettings, String(error));
        return error.problems;
    }
    return [];
}
