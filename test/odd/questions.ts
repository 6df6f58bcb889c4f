/** Questions that are rarely asked, and what may be answered. */

import { encode } from "dns-packet";

export interface OddQuestion {
    readonly what: string;
    readonly message: Buffer;
    /** Response codes that are right; "none" where no answer is. */
    readonly may: readonly (number | "none")[];
    /** The answer repeats the question byte by byte. */
    readonly repeated: boolean;
}

const [NOERROR, FORMERR, NXDOMAIN, NOTIMP, REFUSED, BADVERS] = [0, 1, 3, 4, 5, 16];

const labels = (...parts: readonly (string | Buffer)[]) =>
    Buffer.concat([
        ...parts.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part as string)])),
        Buffer.from([0]),
    ]);

interface Header {
    readonly flags?: number;
    readonly questions?: number;
    readonly more?: Buffer;
    readonly additionals?: number;
    readonly klass?: number;
}

function message(
    name: Buffer,
    type: number,
    { flags = 0x0100, questions = 1, more = Buffer.alloc(0), additionals = 0, klass = 1 }: Header = {},
): Buffer {
    const header = Buffer.alloc(12);
    [0x5353, flags, questions, 0, 0, additionals].forEach((value, index) =>
        header.writeUInt16BE(value, index * 2),
    );
    const end = Buffer.alloc(4);
    end.writeUInt16BE(type, 0);
    end.writeUInt16BE(klass, 2);
    return Buffer.concat([header, name, end, more]);
}

const www = labels("www", "example", "com");
const question = Buffer.concat([www, Buffer.from([0, 1, 0, 1])]);

/** An OPT record of this version, with these options. */
const edns = (version: number, options = Buffer.alloc(0)) => {
    const record = Buffer.from([0, 0, 41, 4, 208, 0, version, 0, 0, 0, 0]);
    record.writeUInt16BE(options.length, 9);
    return { more: Buffer.concat([record, options]), additionals: 1 };
};

const option = (code: number, data: Buffer) => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(code, 0);
    head.writeUInt16BE(data.length, 2);
    return Buffer.concat([head, data]);
};

const longest = "x".repeat(63);

const odd = (what: string, asked: Buffer, ...may: OddQuestion["may"]): OddQuestion => ({
    what,
    message: asked,
    may,
    repeated: asked.readUInt16BE(4) === 1,
});

export const oddQuestions: readonly OddQuestion[] = [
    odd("a label of 63 octets", message(labels(longest, "example", "com"), 1), NXDOMAIN),
    odd(
        "a label of 64 octets",
        message(Buffer.concat([Buffer.from([64]), Buffer.alloc(64, "x"), labels("com")]), 1),
        FORMERR,
        "none",
    ),
    odd(
        "a name of 255 octets",
        message(labels(longest, longest, longest, "x".repeat(49), "example", "com"), 1),
        NXDOMAIN,
    ),
    odd(
        "a name of 256 octets",
        message(labels(longest, longest, longest, "x".repeat(50), "example", "com"), 1),
        FORMERR,
        "none",
    ),
    odd(
        "a label of any octets",
        message(labels(Buffer.from([0, 1, 46, 92, 255, 32, 42]), "example", "com"), 1),
        NXDOMAIN,
    ),
    odd("a name in both cases", message(labels("wWw", "eXaMpLe", "CoM"), 1), NOERROR),
    odd("the root", message(labels(), 2), NOERROR),
    odd("a type that nobody knows", message(www, 65_280), NOERROR),
    odd("all types", message(www, 255), NOERROR, NOTIMP, REFUSED),
    odd("a zone transfer", message(www, 252), NOTIMP, REFUSED, FORMERR),
    odd("OPT as a type", message(www, 41), FORMERR, NOTIMP, REFUSED, NOERROR),
    odd("class CH", message(labels("version", "bind"), 16, { klass: 3 }), REFUSED, NOTIMP, NXDOMAIN),
    odd("any class", message(www, 1, { klass: 255 }), REFUSED, NOTIMP, FORMERR),
    odd("EDNS of version 1", message(www, 1, edns(1)), BADVERS),
    odd(
        "an EDNS option that nobody knows",
        message(www, 1, edns(0, option(65_001, Buffer.from("hello")))),
        NOERROR,
    ),
    odd("a client's cookie", message(www, 1, edns(0, option(10, Buffer.alloc(8, 1)))), NOERROR),
    odd(
        "a cookie of three octets",
        message(www, 1, edns(0, option(10, Buffer.alloc(3, 1)))),
        FORMERR,
        NOERROR,
    ),
    odd(
        "two OPT records",
        message(www, 1, { more: Buffer.concat([edns(0).more, edns(0).more]), additionals: 2 }),
        FORMERR,
        "none",
    ),
    odd("two questions", message(www, 1, { questions: 2, more: question }), FORMERR, NOTIMP, REFUSED, "none"),
    odd(
        "no question",
        encode({ type: "query", id: 0x5353, flags: 0x0100 }),
        FORMERR,
        NOTIMP,
        REFUSED,
        "none",
    ),
    odd("a notification", message(www, 6, { flags: 4 << 11 }), NOTIMP, REFUSED),
    odd("an update", message(www, 6, { flags: 5 << 11 }), NOTIMP, REFUSED),
    odd(
        "an operation that nobody knows",
        message(www, 1, { flags: 9 << 11 }),
        NOTIMP,
        REFUSED,
        FORMERR,
        "none",
    ),
    odd("an answer", message(www, 1, { flags: 0x8180 }), "none"),
];

/** The response code of an answer, with its upper bits, which stand in an OPT record. */
export function rcodeOf(answer: Buffer): number {
    const opt = answer.length >= 23 ? answer.subarray(answer.length - 11) : Buffer.alloc(0);
    const extended = opt.length > 0 && opt[0] === 0 && opt.readUInt16BE(1) === 41 ? opt[5]! : 0;
    return (extended << 4) | (answer[3]! & 15);
}
