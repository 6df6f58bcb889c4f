import assert from "node:assert/strict";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { RECURSION_DESIRED, decode, encode } from "dns-packet";
import { type Server, ask, ednsOptions } from "../support/dns";
import { inside, onConsole, resolvers } from "../support/host";
import { summary, underLoad } from "../support/under-load";
import { type ResolverStack, child, oldMachine, port, service } from "./resolver-stack";

/** As `dig +nsid` does. */
const asking = { flags: RECURSION_DESIRED, size: 1232, options: [{ code: 3, data: Buffer.alloc(0) }] };

/** How they treat clients: some of them otherwise, and those who ask too much. */
export function clientsOf({ stack, change, frontend }: ResolverStack): void {
    const assertNoneDown = async () =>
        assert.doesNotMatch(onConsole(await frontend(), "showServers()"), / down /i);

    it("answer out of order, on one connection through dnsdist", async () => {
        const order = await pipelined(["www.slow.net", "www.example.com"]);
        assert.deepEqual(order, ["www.example.com", "www.slow.net"]);
    });

    it("tell some clients alone which of them has answered", async () => {
        await change({ nsid: { clients: ["127.0.0.66/32"] } });
        const who = async (server: Server) => {
            const answer = await ask(server, { name: "www.example.com", type: "A" }, asking);
            return ednsOptions(answer, 3)[0]?.toString() ?? "";
        };
        const ids = (await resolvers(stack.name)).map(({ id }) => `resolver-a/${id.slice(0, 12)}`);
        for (let round = 1; round <= 2; round++) {
            const told = await who(child);
            assert.ok(
                ids.some((id) => told.endsWith(id)),
                told,
            );
            assert.equal(await who(service), "");
        }
    });

    it("limit clients by their own addresses, if they shall, and are not taken for dead", async () => {
        await change({ limits: { queries: 20, burst: 5 } });
        const many = (server: Server) =>
            Promise.all(
                Array.from({ length: 60 }, (_, index) =>
                    ask(server, { name: `l${index}-${server.from}.wild.example.net`, type: "A" }),
                ),
            );
        const truncated = (await many(child)).filter(({ flag_tc }) => flag_tc).length;
        assert.ok(truncated >= 20, `${truncated} of 60 were truncated`);
        const other = await ask(oldMachine, { name: "other.wild.example.net", type: "A" });
        assert.ok(!other.flag_tc);
        await assertNoneDown();
    });

    it("have clients wait that take too much of them, if they shall, and are not taken for dead", async function () {
        await change({ limits: { defer: true } });
        const [resolver] = await resolvers(stack.name);
        assert.match(
            inside(resolver!.id, "cat", "/etc/knot-resolver/worker.lua"),
            /'\/run\/knot-resolver\/defer'/,
        );
        // Upstream loses a query now and then: docs/resolvers.md
        const report = await underLoad({ port }, () => sleep(5000), { lost: 30 });
        await assertNoneDown();
        this.test!.title += ` (${summary(report)})`;
    });
}

/** Asks several names at once by one connection, and tells in which order the answers come. */
function pipelined(names: readonly string[]): Promise<string[]> {
    return new Promise((resolve, reject) => {
        const socket = net.connect(port, "::1");
        const order: string[] = [];
        let received = Buffer.alloc(0);
        socket.once("error", reject);
        socket.setTimeout(5000, () => reject(new Error(`only ${order.join()} were answered`)));
        socket.on("data", (data) => {
            received = Buffer.concat([received, data]);
            while (received.length >= 2 && received.length >= received.readUInt16BE(0) + 2) {
                const length = received.readUInt16BE(0);
                order.push(decode(received.subarray(2, length + 2)).questions?.[0]?.name ?? "");
                received = received.subarray(length + 2);
            }
            if (order.length < names.length) return;
            socket.destroy();
            resolve(order);
        });
        for (const [id, name] of names.entries()) {
            const query = encode({
                type: "query",
                id,
                flags: RECURSION_DESIRED,
                questions: [{ name, type: "A" }],
            });
            const length = Buffer.alloc(2);
            length.writeUInt16BE(query.length);
            socket.write(Buffer.concat([length, query]));
        }
    });
}
