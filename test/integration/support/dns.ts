import assert from "node:assert/strict";
import dgram from "node:dgram";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
    AUTHENTIC_DATA,
    CHECKING_DISABLED,
    type DecodedPacket,
    type PacketOpt,
    RECURSION_DESIRED,
    type RecordType as DnsPacketType,
    decode,
    encode,
} from "dns-packet";
import type { Expectation, Question, RecordType } from "../../lab/internet/expectation";

/** What dns-packet calls types that it does not know. */
const wireTypes: Partial<Record<RecordType, DnsPacketType>> = {
    HTTPS: "UNKNOWN_65" as DnsPacketType,
    SVCB: "UNKNOWN_64" as DnsPacketType,
};

/** A server and how to ask it. */
export interface Server {
    readonly address: string;
    readonly port: number;
    readonly transport: "udp" | "tcp";
    /** The address to ask from, of this machine; by UDP. */
    readonly from?: string;
}

const patienceMilliseconds = 5000;

/** How a client asks, beside what it asks. */
export interface Way {
    /** Bits of the header: recursion desired, and the like. */
    readonly flags: number;
    /** The size that EDNS announces; without it there is no EDNS. */
    readonly size?: number;
    readonly dnssec?: boolean;
    readonly cookie?: boolean;
    /** More options of EDNS. */
    readonly options?: readonly { readonly code: number; readonly data: Buffer }[];
}

const usual: Way = { flags: RECURSION_DESIRED | AUTHENTIC_DATA, size: 1232 };

/** Ways that clients do ask in. */
export const ways: readonly Way[] = [
    usual,
    { flags: RECURSION_DESIRED },
    { flags: RECURSION_DESIRED | CHECKING_DISABLED, size: 512 },
    { flags: RECURSION_DESIRED, size: 1232, dnssec: true },
    { flags: RECURSION_DESIRED | AUTHENTIC_DATA, size: 4096, cookie: true },
];

/** A message as dns-packet decodes it: its types leave out the response code. */
export type Answer = DecodedPacket & { readonly rcode: string };

/** Asks one question, once, and returns the answer. */
export async function ask(
    server: Server,
    { name, type, checkingDisabled }: Question,
    { flags, size, dnssec = false, cookie = false, options: more = [] }: Way = usual,
    patience = patienceMilliseconds,
): Promise<Answer> {
    // Any option may come as plain data, though the types know only some.
    const cookies = cookie ? [{ code: 10, data: Buffer.alloc(8, 7) }] : [];
    const options = [...cookies, ...more] as unknown as PacketOpt[];
    const query = encode({
        type: "query",
        id: Math.floor(Math.random() * 65536),
        flags: flags | (checkingDisabled ? CHECKING_DISABLED : 0),
        questions: [{ name, type: wireTypes[type] ?? (type as DnsPacketType) }],
        additionals: size
            ? [
                  {
                      name: ".",
                      type: "OPT",
                      udpPayloadSize: size,
                      flags: dnssec ? 0x8000 : 0,
                      flag_do: dnssec,
                      extendedRcode: 0,
                      ednsVersion: 0,
                      options,
                  },
              ]
            : [],
    });
    return decode(await exchange(server, query, patience)) as Answer;
}

/** How a server answers a question: its response code, and the data of the answers. */
export async function outcome(
    server: Server,
    name: string,
    type: RecordType = "A",
    patience?: number,
): Promise<string> {
    const answer = await ask(server, { name, type }, usual, patience);
    return [answer.rcode, ...(answer.answers ?? []).map(text)].join(" ");
}

/** What an answer has of one option of EDNS, by its code. */
export function ednsOptions({ additionals = [] }: DecodedPacket, code: number): Buffer[] {
    const [opt] = additionals as { options?: { code: number; data: Buffer }[] }[];
    return (opt?.options ?? []).filter((option) => option.code === code).map(({ data }) => data);
}

/** Waits until a server says what matches, for at most 5 s. */
export async function untilSaid(server: Server, name: string, wanted: RegExp): Promise<void> {
    for (let tries = 25; ; tries--) {
        const said = await outcome(server, name);
        if (wanted.test(said)) return;
        assert.ok(tries > 0, `${name}: ${said}, and not ${String(wanted)}`);
        await sleep(200);
    }
}

/** The frontend that a service address leads to: its container's short id. */
export async function leadingFrontend(server: Server): Promise<string> {
    const { answers = [] } = await ask(server, { name: "frontend.recursive-dns.internal", type: "TXT" });
    return answers.map((record) => text(record)).join();
}

/** Sends a message, once, and returns what comes back first. */
export const exchange = (server: Server, message: Buffer, patience = patienceMilliseconds): Promise<Buffer> =>
    (server.transport === "udp" ? overUdp : overTcp)(server, message, patience);

function overUdp({ address, port, from }: Server, query: Buffer, patience: number): Promise<Buffer> {
    const socket = dgram.createSocket(address.includes(":") ? "udp6" : "udp4");
    const answer = new Promise<Buffer>((resolve, reject) => {
        socket.once("message", resolve).once("error", reject);
        const send = () => socket.connect(port, address, () => socket.send(query));
        if (from) socket.bind(0, from, send);
        else send();
    });
    return bounded(answer, patience, `${address}#${port}`).finally(() => socket.close());
}

function overTcp({ address, port }: Server, query: Buffer, patience: number): Promise<Buffer> {
    const socket = net.connect(port, address);
    const answer = new Promise<Buffer>((resolve, reject) => {
        let received = Buffer.alloc(0);
        socket.on("data", (data) => {
            received = Buffer.concat([received, data]);
            const length = received.length < 2 ? Infinity : received.readUInt16BE(0);
            if (received.length >= length + 2) resolve(received.subarray(2, length + 2));
        });
        socket
            .once("error", reject)
            .once("end", () => reject(new Error("the connection ended without an answer")));
        const length = Buffer.alloc(2);
        length.writeUInt16BE(query.length);
        socket.write(Buffer.concat([length, query]));
    });
    return bounded(answer, patience, `${address}#${port} by TCP`).finally(() => socket.destroy());
}

async function bounded<T>(promise: Promise<T>, patience: number, whom: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer from ${whom} within ${patience} ms`)), patience);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Asks a server what the lab's catalogue lists, and holds the answer against it. */
export async function assertAnswers(
    server: Server,
    expectation: Expectation,
    patience?: number,
): Promise<void> {
    const { question, rcode, authenticated, answers, mayFail, truncatedOverUdp } = expectation;
    const what = `${question.name} ${question.type} from ${server.address} by ${server.transport}`;
    const answer = await ask(server, question, usual, patience);
    const said = answer.rcode;
    if (mayFail && said === "SERVFAIL") return;
    assert.equal(said, rcode, what);
    if (truncatedOverUdp && server.transport === "udp") {
        assert.ok(answer.flag_tc, `${what}: truncated`);
        return;
    }
    assert.equal(answer.flag_ad, authenticated, `${what}: AD`);
    const plain = (answer.answers ?? []).map((record) => [record.name, record.type, text(record)].join(" "));
    assert.deepEqual(
        plain.sort(),
        answers.map(({ name, type, data }) => [name, type, data].join(" ")).sort(),
        what,
    );
}

/** The data of a record as the catalogue spells it. */
export function text(record: object): string {
    const { data } = record as { data: unknown };
    if (data instanceof Uint8Array) return `\\# ${data.length} ${Buffer.from(data).toString("hex")}`;
    if (Array.isArray(data)) return data.map(String).join("");
    if (typeof data !== "object" || data === null) return String(data);
    // Such as MX, whose fields are in the order that zone files have.
    return Object.values(data)
        .map((field: unknown) =>
            field instanceof Uint8Array ? Buffer.from(field).toString("hex") : String(field),
        )
        .join(" ");
}
