import dgram from "node:dgram";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Target {
    readonly address: string;
    readonly port: number;
}

export interface Outcome {
    readonly sent: number;
    readonly answered: number;
    /** Answers that nobody can have asked for, in hexadecimal. */
    readonly insane: readonly string[];
}

/** Is this an answer to something, if not to a question? */
const isSane = (answer: Buffer, asked: ReadonlySet<number>) =>
    answer.length >= 12 && (answer[2]! & 0x80) !== 0 && asked.has(answer.readUInt16BE(0));

const identity = (message: Buffer) => (message.length >= 2 ? message.readUInt16BE(0) : 0);

/** Sends messages over UDP, some thousand a second, whatever comes back. */
export async function overUdp({ address, port }: Target, messages: Iterable<Buffer>): Promise<Outcome> {
    const socket = dgram.createSocket(address.includes(":") ? "udp6" : "udp4");
    const asked = new Set<number>();
    const insane: string[] = [];
    let [sent, answered] = [0, 0];
    socket.on("message", (answer) => {
        answered++;
        if (!isSane(answer, asked)) insane.push(answer.toString("hex"));
    });
    socket.on("error", () => undefined); // an ICMP message is no answer, and no end
    for (const message of messages) {
        asked.add(identity(message));
        socket.send(message, port, address);
        if (++sent % 40 === 0) await sleep(10);
    }
    await sleep(2000); // for the last answers
    socket.close();
    return { sent, answered, insane };
}

/** Sends messages over TCP, twenty on a connection, as long as the server keeps it. */
export async function overTcp({ address, port }: Target, messages: Iterable<Buffer>): Promise<Outcome> {
    const asked = new Set<number>();
    const insane: string[] = [];
    let [sent, answered] = [0, 0];

    const converse = async (some: readonly Buffer[]) => {
        const socket = net.connect(port, address);
        let received = Buffer.alloc(0);
        socket.on("data", (data) => {
            received = Buffer.concat([received, data]);
            while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
                const answer = received.subarray(2, 2 + received.readUInt16BE(0));
                received = received.subarray(2 + answer.length);
                answered++;
                if (!isSane(answer, asked)) insane.push(answer.toString("hex"));
            }
        });
        const closed = new Promise((resolve) => socket.on("error", () => undefined).once("close", resolve));
        for (const message of some) {
            asked.add(identity(message));
            const length = Buffer.alloc(2);
            length.writeUInt16BE(message.length);
            socket.write(Buffer.concat([length, message]));
            sent++;
        }
        await Promise.race([closed, sleep(200)]);
        socket.destroy();
    };

    const all = [...messages];
    const conversations = Array.from({ length: Math.ceil(all.length / 20) }, (_, index) =>
        all.slice(index * 20, index * 20 + 20),
    );
    const workers = Array.from({ length: 10 }, async () => {
        for (let some = conversations.pop(); some; some = conversations.pop()) await converse(some);
    });
    await Promise.all(workers);
    return { sent, answered, insane };
}
