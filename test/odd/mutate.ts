/** Messages that no client would send: real ones, spoiled. */

import { random } from "../lab/internet/random";

const mutations: readonly ((message: Buffer, pick: (limit: number, salt: string) => number) => Buffer)[] = [
    // A bit that is another.
    (message, pick) => {
        const at = pick(message.length, "at");
        message[at] = message[at]! ^ (1 << pick(8, "bit"));
        return message;
    },
    // A byte that is another.
    (message, pick) => {
        message[pick(message.length, "at")] = pick(256, "byte");
        return message;
    },
    (message, pick) => message.subarray(0, pick(message.length, "end")),
    (message, pick) => Buffer.concat([message, Buffer.alloc(1 + pick(200, "more"), pick(256, "byte"))]),
    // Counts of records that are not there.
    (message, pick) => {
        if (message.length >= 12) message.writeUInt16BE(pick(65536, "count"), 4 + 2 * pick(4, "section"));
        return message;
    },
    // A pointer where a label should be, to anywhere.
    (message, pick) => {
        if (message.length >= 15)
            message.writeUInt16BE(0xc000 | pick(512, "target"), 12 + pick(message.length - 14, "at"));
        return message;
    },
    // A part twice.
    (message, pick) => {
        const [from, to] = [pick(message.length, "from"), pick(message.length, "to")].sort((a, b) => a - b);
        return Buffer.concat([message.subarray(0, to), message.subarray(from)]);
    },
];

/** One to three mutations of one of these messages; always the same for the same seed and index. */
export function mutated(messages: readonly Buffer[], seed: number, index: number): Buffer {
    const pick = (limit: number, salt: string) => (limit > 0 ? random(limit, seed, index, salt) : 0);
    let message: Buffer = Buffer.from(messages[pick(messages.length, "message")]!);
    const rounds = 1 + pick(3, "rounds");
    for (let round = 0; round < rounds; round++) {
        const mutate = mutations[pick(mutations.length, `mutation ${round}`)]!;
        message = mutate(message, (limit, salt) => pick(limit, `${salt} ${round}`));
    }
    return message;
}
