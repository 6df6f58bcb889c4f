import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { RECURSION_DESIRED, encode } from "dns-packet";
import { overTcp } from "../load/tcp";

/** A server beside this thread, which answers each query with itself after so many milliseconds. */
const server = (milliseconds: number) => `
    const server = require("node:net").createServer((socket) =>
        socket.on("data", (query) => setTimeout(() => socket.write(query), ${milliseconds})));
    server.listen(0, "127.0.0.1", () => require("node:worker_threads").parentPort.postMessage(server.address().port));
`;
const query = encode({
    type: "query",
    id: 1,
    flags: RECURSION_DESIRED,
    questions: [{ name: "a.example", type: "A" }],
});
const patience = 0.1;

describe("the clients of the load tests", () => {
    async function outcome(answersAfter: number, busyFor: number): Promise<string> {
        const worker = new Worker(server(answersAfter), { eval: true });
        try {
            const [port] = (await once(worker, "message")) as [number];
            const connection = await overTcp("127.0.0.1", port)();
            const asked = connection.ask(query, patience);
            await readFile(__filename); // what is done next is done where input is taken in, and keeps the rest of it waiting
            const end = Date.now() + busyFor;
            while (Date.now() < end);
            const came = await asked;
            connection.close();
            return came;
        } finally {
            await worker.terminate();
        }
    }

    it("call an answer late that has not come in time", async () => {
        assert.equal(await outcome(1000, 0), "late");
    });

    it("do not call one late that came while they were busy themselves", async () => {
        assert.equal(await outcome(10, 300), "answered");
    });
});
