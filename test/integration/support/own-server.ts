import dgram from "node:dgram";
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode } from "dns-packet";

/** A name server of somebody else's: it gives every name one address. */
export class OwnServer {
    private readonly socket = dgram.createSocket("udp4");

    private constructor(private readonly data: string) {
        this.socket.on("message", (message, client) => {
            const { id, questions = [] } = decode(message);
            const [question] = questions;
            const answers: Answer[] =
                question?.type === "A" ? [{ name: question.name, type: "A", ttl: 60, data: this.data }] : [];
            const response = {
                type: "response",
                id: id ?? 0,
                flags: AUTHORITATIVE_ANSWER,
                questions,
                answers,
            } as const;
            this.socket.send(encode(response), client.port, client.address);
        });
    }

    static async start(data: string): Promise<OwnServer> {
        const server = new OwnServer(data);
        await new Promise<void>((resolve) => server.socket.bind(0, "127.0.0.1", resolve));
        return server;
    }

    get server() {
        return `127.0.0.1:${this.socket.address().port}`;
    }

    stop() {
        this.socket.close();
    }
}
