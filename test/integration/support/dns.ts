import assert from "node:assert/strict";
import dgram from "node:dgram";
import net from "node:net";
import {
    AUTHENTIC_DATA,
    CHECKING_DISABLED,
    type DecodedPacket,
    type PacketOpt,
    RECURSION_DESIRED,
    decode,
    encode,
} from "dns-packet";
import type { Expectation, Question } from "../../lab/catalog";

/** A server and how to ask it. */
export interface Server {
    readonly address: string;
    readonly port: number;
    readonly transport: "udp" | "tcp";
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

/** Asks one question, once, and returns the answer. */
export async function ask(
    server: Server,
    { name, type, checkingDisabled }: Question,
    { flags, size, dnssec = false, cookie = false }: Way = usual,
): Promise<DecodedPacket> {
    // Any option may come as plain data, though the types know only some.
    const options = (cookie ? [{ code: 10, data: Buffer.alloc(8, 7) }] : []) as unknown as PacketOpt[];
    const query = encode({
        type: "query",
        id: Math.floor(Math.random() * 65536),
        flags: flags | (checkingDisabled ? CHECKING_DISABLED : 0),
        questions: [{ name, type }],
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
    return decode(server.transport === "udp" ? await overUdp(server, query) : await overTcp(server, query));
}

/** The frontend that a service address leads to: its container's short id. */
export async function leadingFrontend(server: Server): Promise<string> {
    const { answers = [] } = await ask(server, { name: "frontend.recursive-dns.internal", type: "TXT" });
    return answers.map((record) => text(record)).join();
}

function overUdp({ address, port }: Server, query: Buffer): Promise<Buffer> {
    const socket = dgram.createSocket(address.includes(":") ? "udp6" : "udp4");
    const answer = new Promise<Buffer>((resolve, reject) => {
        socket.once("message", resolve).once("error", reject);
        socket.connect(port, address, () => socket.send(query));
    });
    return bounded(answer, `${address}#${port}`).finally(() => socket.close());
}

function overTcp({ address, port }: Server, query: Buffer): Promise<Buffer> {
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
    return bounded(answer, `${address}#${port} by TCP`).finally(() => socket.destroy());
}

async function bounded<T>(promise: Promise<T>, whom: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
            () => reject(new Error(`no answer from ${whom} within ${patienceMilliseconds} ms`)),
            patienceMilliseconds,
        );
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Asks a server what the lab's catalogue lists, and holds the answer against it. */
export async function assertAnswers(server: Server, expectation: Expectation): Promise<void> {
    const { question, rcode, authenticated, answers, truncatedOverUdp } = expectation;
    const what = `${question.name} ${question.type} from ${server.address} by ${server.transport}`;
    const answer = await ask(server, question);
    assert.equal((answer as DecodedPacket & { rcode: string }).rcode, rcode, what);
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
function text(record: object): string {
    const { data } = record as { data: string | Buffer | (string | Buffer)[] };
    return Array.isArray(data) ? data.map(String).join("") : String(data);
}
