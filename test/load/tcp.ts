import net from "node:net";
import tls from "node:tls";
import { type Connection, type Outcome, isRight, whenLate } from "./clients";

/** Connections by DNS over TCP. */
export const overTcp = (address: string, port: number) => () =>
    established(net.connect(port, address), "connect");

/** Connections by DNS over TLS. Whose certificate it is does not matter here. */
export const overTls = (address: string, port: number) => () =>
    established(
        tls.connect({ host: address, port, rejectUnauthorized: false, ALPNProtocols: ["dot"] }),
        "secureConnect",
    );

function established(socket: net.Socket, event: string): Promise<Connection> {
    return new Promise((resolve) => {
        socket.setNoDelay();
        // A connection that is refused or reset is told by the query that it was to carry.
        socket.on("error", () => undefined);
        const connection = {
            ask: (query: Buffer, patience: number) => ask(socket, query, patience),
            get open() {
                return !socket.destroyed && socket.readable;
            },
            close: () => void socket.destroy(),
        };
        socket.once(event, () => resolve(connection)).once("close", () => resolve(connection));
    });
}

function ask(socket: net.Socket, query: Buffer, patience: number): Promise<Outcome> {
    return new Promise((resolve) => {
        const end = (outcome: Outcome) => {
            clearTimeout(timer);
            socket.off("data", receive).off("end", breakOff).off("close", breakOff);
            resolve(outcome);
        };
        const timer = whenLate(patience, () => end("late"));
        const breakOff = () => end("broken");
        let received = Buffer.alloc(0);
        const receive = (data: Buffer) => {
            received = Buffer.concat([received, data]);
            const whole = received.length >= 2 && received.length >= received.readUInt16BE(0) + 2;
            if (whole) end(isRight(received.subarray(2)) ? "answered" : "broken");
        };
        socket.on("data", receive).once("end", breakOff).once("close", breakOff);
        if (socket.destroyed || !socket.readable) return breakOff();
        const length = Buffer.alloc(2);
        length.writeUInt16BE(query.length);
        socket.write(Buffer.concat([length, query]));
    });
}
