import http2 from "node:http2";
import { type Connection, type Outcome, isRight, whenLate } from "./clients";

/** Connections by DNS over HTTP/2. Whose certificate it is does not matter here. */
export const overHttps =
    (address: string, port: number, path = "/dns-query") =>
    (): Promise<Connection> =>
        new Promise((resolve) => {
            const host = address.includes(":") ? `[${address}]` : address;
            const session = http2.connect(`https://${host}:${port}`, { rejectUnauthorized: false });
            // A connection that is refused or reset is told by the query that it was to carry.
            session.on("error", () => undefined);
            let goodbye = false;
            session.on("goaway", () => (goodbye = true));
            const connection = {
                ask: (query: Buffer, patience: number) => ask(session, path, query, patience, () => goodbye),
                get open() {
                    return !session.destroyed && !session.closed;
                },
                close: () => session.destroy(),
            };
            session.once("connect", () => resolve(connection)).once("close", () => resolve(connection));
        });

/** After a GOAWAY, a query that was not taken in is one that may be asked again elsewhere: RFC 9113, section 6.8. */
function ask(
    session: http2.ClientHttp2Session,
    path: string,
    query: Buffer,
    patience: number,
    goodbye: () => boolean,
): Promise<Outcome> {
    return new Promise((resolve) => {
        if (session.destroyed || session.closed) return resolve("broken");
        const request = session.request({
            ":method": "POST",
            ":path": path,
            "content-type": "application/dns-message",
            accept: "application/dns-message",
        });
        const timer = whenLate(patience, () => end("late"));
        let done = false;
        const end = (outcome: Outcome) => {
            if (done) return;
            done = true;
            clearTimeout(timer);
            resolve(outcome);
        };
        let status = 0;
        const parts: Buffer[] = [];
        request.on("response", (headers) => (status = headers[":status"] ?? 0));
        request.on("data", (part: Buffer) => parts.push(part));
        request.on("end", () => {
            if (status === 200) end(isRight(Buffer.concat(parts)) ? "answered" : "broken");
        });
        request.on("error", () => undefined);
        request.on("close", () => end(goodbye() && status === 0 ? "again" : "broken"));
        request.end(query);
    });
}
