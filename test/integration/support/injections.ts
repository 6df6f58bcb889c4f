import { random } from "../../lab/internet/random";
import type { Insider } from "./shared-cache";

/** Something that a stranger puts into Redis. */
export interface Injection {
    readonly name: Buffer;
    readonly sealed: Buffer;
    /** What every resolver has to count it as. */
    readonly counts: "forged" | "malformed" | "future";
}

/** One of the ways to be no answer, made from real entries by somebody who may write to Redis, or even has the key. */
export function injected(
    insider: Insider,
    real: readonly [Buffer, Buffer][],
    index: number,
    seed: number,
): Injection[] {
    const [name, sealed] = real[index]!;
    const value = sealed.subarray(16);
    const at = (limit: number) => random(limit, "inject", seed, index);
    const forged = (bytes: Buffer): Injection[] => [{ name, sealed: bytes, counts: "forged" }];
    const malformed = (bytes: Buffer): Injection[] => [
        { name, sealed: insider.signed(name, bytes), counts: "malformed" },
    ];
    const changed = (bytes: Buffer, place: number, byte: number) => {
        const copy = Buffer.from(bytes);
        copy[place]! ^= byte;
        return copy;
    };
    switch (index % 8) {
        case 0:
            return forged(changed(sealed, at(sealed.length), 1 << at(8)));
        case 1:
            return forged(real[(index + 1) % real.length]![1]); // another name's
        case 2:
            return forged(insider.signed(name, value, "a key of one's own"));
        case 3:
            return forged(insider.signed(name, value, undefined, `${insider.namespace}x`));
        case 4:
            return malformed(value.subarray(0, 1 + at(value.length - 1)));
        case 5:
            return malformed(Buffer.concat([value, Buffer.alloc(1 + at(64), at(256))]));
        case 6: {
            const bytes = Buffer.from(value);
            bytes.fill(0xff, 0, Math.min(12, bytes.length));
            return malformed(bytes);
        }
        default: {
            if (name.at(-3) === 0x45 && name.at(-2) === 2) return []; // an apex begins with something else
            const bytes = Buffer.from(value);
            bytes.writeUInt32LE(Math.floor(Date.now() / 1000) + 3600, 0);
            return [{ name, sealed: insider.signed(name, bytes), counts: "future" }];
        }
    }
}
