import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

/** Asks again and again for a while: in the end the answer has to be this. */
export async function eventually<T>(
    get: () => Promise<T>,
    expected: T,
    deadlineSeconds = 120,
): Promise<void> {
    const deadline = Date.now() + deadlineSeconds * 1000;
    while (!isDeepStrictEqual(await get(), expected) && Date.now() < deadline) await sleep(200);
    assert.deepEqual(await get(), expected);
}
