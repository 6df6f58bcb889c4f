import net from "node:net";
import { RECURSION_DESIRED, encode } from "dns-packet";
import { wildcards } from "../lab/internet/showcase";

/** What a load has sent over TCP, and what came of it. */
export interface TcpReport {
    readonly sent: number;
    /** Without an answer within the load's patience, or cut off: nothing is asked twice. */
    readonly lost: number;
    /** Connections that ended with a query in flight. */
    readonly broken: number;
    /** Connections that the server ended between queries, as it may. */
    readonly ended: number;
}

export interface TcpLoadOptions {
    readonly address: string;
    readonly port: number;
    readonly clients: number;
    /** Of each client between its queries, in seconds. */
    readonly pause: number;
    /**
     * How long an answer may take, in seconds.
     * @default 2
     */
    readonly patience?: number;
}

let series = Date.now() % 1_000_000;

/**
 * Honest TCP clients, each with one query in flight: half of them keep their connection for as long as the server
 * does, half make one for every query. They ask until they are stopped.
 */
export function startTcpLoad({ address, port, clients, pause, patience = 2 }: TcpLoadOptions) {
    const report = { sent: 0, lost: 0, broken: 0, ended: 0 };
    const run = ++series;
    let stopped = false;

    const client = async (persistent: boolean) => {
        let socket: net.Socket | undefined;
        while (!stopped) {
            socket = socket && !socket.destroyed && socket.readable ? socket : await connect(address, port);
            report.sent += 1;
            const name = `t${run}-${report.sent}.${wildcards.unsigned.suffix}`;
            const outcome = await ask(socket, name, patience);
            if (outcome !== "answered") report.lost += 1;
            if (outcome === "broken") report.broken += 1;
            if (!persistent || outcome !== "answered") socket.destroy();
            await new Promise((resolve) => setTimeout(resolve, pause * 1000));
            if (persistent && outcome === "answered" && !socket.readable) report.ended += 1;
        }
        socket?.destroy();
    };
    const all = Array.from({ length: clients }, (_, index) => client(index % 2 === 0));

    return {
        async stop(): Promise<TcpReport> {
            stopped = true;
            await Promise.all(all);
            return report;
        },
    };
}

function connect(address: string, port: number): Promise<net.Socket> {
    return new Promise((resolve) => {
        const socket = net.connect(port, address);
        socket.setNoDelay();
        // A connection that is refused or reset is told by the query that it was to carry.
        socket.on("error", () => undefined);
        socket.once("connect", () => resolve(socket)).once("close", () => resolve(socket));
    });
}

function ask(socket: net.Socket, name: string, patience: number): Promise<"answered" | "late" | "broken"> {
    return new Promise((resolve) => {
        const end = (outcome: "answered" | "late" | "broken") => {
            clearTimeout(timer);
            socket.off("data", receive).off("end", breakOff).off("close", breakOff);
            resolve(outcome);
        };
        const timer = setTimeout(() => end("late"), patience * 1000);
        const breakOff = () => end("broken");
        let received = Buffer.alloc(0);
        const receive = (data: Buffer) => {
            received = Buffer.concat([received, data]);
            // NOERROR with an answer: the low four bits of the fourth byte, after the length, are the code.
            const whole = received.length >= 2 && received.length >= received.readUInt16BE(0) + 2;
            if (whole) end(((received[5] ?? 15) & 15) === 0 ? "answered" : "broken");
        };
        socket.on("data", receive).once("end", breakOff).once("close", breakOff);
        if (socket.destroyed || !socket.readable) return breakOff();
        const query = encode({
            type: "query",
            id: 1,
            flags: RECURSION_DESIRED,
            questions: [{ name, type: "A" }],
        });
        const length = Buffer.alloc(2);
        length.writeUInt16BE(query.length);
        socket.write(Buffer.concat([length, query]));
    });
}
