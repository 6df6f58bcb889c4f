import { Redis } from "ioredis";
import { createHmac } from "node:crypto";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheNamespace } from "../../../config/cache-namespace";
import { cacheSocket } from "../../../config/names";
import { resolveSettings } from "../../../config/settings";
import { containers, inside, resolvers } from "./host";
import { parts } from "./parts";

/** What the module in a resolver counts: `images/knot-resolver/shared-cache/counters.h`. */
export type Counters = Record<
    "written" | "acknowledged" | "errors" | "received" | "applied" | "known" | "forged" | "malformed",
    number
> &
    Record<"future" | "failed" | "warmed" | "warm_ms" | "resyncs" | "reseeded" | "connected", number> &
    Record<
        "disconnects" | "warm" | "queued" | "queued_bytes" | "dropped" | "clearing" | "unreadable",
        number
    >;

export function counters(resolver: string): Counters {
    return JSON.parse(
        inside(resolver, "control", "tojson(shared_cache.counters())").replace(/^'|'\s*$/g, ""),
    ) as Counters;
}

/** Waits until all resolvers say something of what they count, those too that are only just coming back. */
export async function until(
    stack: string,
    what: (counters: Counters) => boolean,
    seconds = 30,
): Promise<Counters[]> {
    for (let tries = 0; ; tries++) {
        const all = (await resolvers(stack)).map(({ id }) => said(id));
        const known = all.filter((each) => each !== undefined);
        if (known.length > 0 && known.length === all.length && known.every(what)) return known;
        if (tries >= seconds * 2) throw new Error(`after ${seconds} s: ${JSON.stringify(all, undefined, 1)}`);
        await sleep(500);
    }
}

function said(resolver: string): Counters | undefined {
    try {
        return counters(resolver);
    } catch {
        return undefined; // its kresd is not there yet
    }
}

/** Until nothing is on its way any more. */
export const settled = (stack: string) =>
    until(stack, ({ connected, queued }) => connected === 1 && queued === 0);

/** What an instance has in its hands, for a test to do with it what it likes. */
export class Insider {
    private constructor(
        readonly redis: Redis,
        private readonly key: string,
        readonly namespace: string,
    ) {}

    /** Comes to the Redis of a stack with a resolver's own credentials. */
    static async of(stack: string, settings: object): Promise<Insider> {
        const [resolver] = await resolvers(stack);
        const read = (file: string) => inside(resolver!.id, "cat", `/etc/shared-cache/${file}`);
        const redis = new Redis({
            path: await socketOfRedis(stack),
            username: "resolver",
            password: read("password"),
            enableReadyCheck: false, // it may not ask for INFO
        });
        redis.on("error", () => undefined); // the command that meets it fails
        const [key = ""] = read("keys").split("\n");
        return new Insider(redis, key, cacheNamespace(resolveSettings(settings).resolvers));
    }

    /** All entries: their names as kresd has them, and what stands under them, signature first. */
    async entries(): Promise<[Buffer, Buffer][]> {
        const prefix = `${this.namespace}:`;
        const found: [Buffer, Buffer][] = [];
        let cursor = "0";
        do {
            const [next, names] = await this.redis.scanBuffer(cursor, "MATCH", `${prefix}*`, "COUNT", 1000);
            const values = names.length > 0 ? await this.redis.mgetBuffer(names) : [];
            values.forEach((value, index) => {
                if (value) found.push([names[index]!.subarray(prefix.length), value]);
            });
            cursor = next.toString();
        } while (cursor !== "0");
        return found;
    }

    /** Signs a value as an instance does: codec.c. */
    signed(name: Buffer, value: Buffer, key = this.key, namespace = this.namespace): Buffer {
        const mac = createHmac("sha256", key);
        for (const part of [Buffer.from(namespace), name, value]) {
            const length = Buffer.alloc(4);
            length.writeUInt32LE(part.length);
            mac.update(length).update(part);
        }
        return Buffer.concat([mac.digest().subarray(0, 16), value]);
    }

    /** Puts a value into Redis and tells every instance of it, as if from another one. */
    async inject(name: Buffer, sealed: Buffer): Promise<void> {
        const length = Buffer.alloc(2);
        length.writeUInt16LE(name.length);
        const message = Buffer.concat([Buffer.from("stranger"), length, name, sealed]);
        await Promise.all([
            this.redis.set(Buffer.concat([Buffer.from(`${this.namespace}:`), name]), sealed, "EX", 600),
            this.redis.publish(`${this.namespace}/news`, message as unknown as string),
        ]);
    }
}

/** Where this host has the socket that is on a volume. */
async function socketOfRedis(stack: string): Promise<string> {
    const redis = (await containers(stack)).find(
        ({ State, Labels }) =>
            State === "running" && parts.redis.test(Labels["recursive-dns.component"] ?? ""),
    );
    const { Source } = redis!.Mounts.find(({ Destination }) => Destination === cacheSocket.directory)!;
    return path.join(Source, path.basename(cacheSocket.path));
}
