import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { ResolverSettings } from "../../../config/resolvers";
import { labResolvers } from "../../lab/catalog";
import { startLab } from "../../lab/lab";
import type { Server } from "../support/dns";
import { refusedUpdate, serving } from "../support/parts";
import { TestStack } from "../support/stack";

export const port = 5381;
/** The service, as most clients see it, and as two do that some settings are for. */
export const service: Server = { address: "127.0.0.1", port, transport: "udp" };
export const child: Server = { ...service, from: "127.0.0.66" };
export const oldMachine: Server = { ...service, from: "127.0.0.67" };

/** A stack of two resolvers, whose settings change, and the files that these name. */
export class ResolverStack {
    readonly stack = new TestStack("test-resolvers");
    readonly directory = mkdtempSync(path.join(tmpdir(), "recursive-dns-resolvers-"));

    async start(): Promise<void> {
        await startLab();
        await this.stack.create(settings());
        await this.stack.must(this.stack.up());
    }

    async remove(): Promise<void> {
        await this.stack.destroy();
        rmSync(this.directory, { recursive: true });
    }

    /** Makes these the resolvers' settings, and none of those before. */
    change = async (changes: ResolverSettings): Promise<void> => {
        this.stack.configure(settings(changes));
        await this.stack.must(this.stack.up());
    };

    /** What is said of settings that have to be refused. */
    refused = (changes: ResolverSettings) => refusedUpdate(this.stack, settings(changes));

    /** Makes a file, and tells where it is. */
    file = (name: string, text: string): string => {
        const where = path.join(this.directory, name);
        writeFileSync(where, text);
        return where;
    };

    /** Makes a response policy zone of these rules, and tells where it is. */
    rpz = (...rules: string[]) =>
        this.file("blocked.rpz", ["$TTL 300", "@ SOA a. b. 1 1h 1h 1h 1h", ...rules, ""].join("\n"));

    /** The container of the dnsdist that serves. */
    frontend = async () => (await serving(this.stack.name)).frontend[0] ?? "";
}

const settings = (changes: ResolverSettings = {}) => ({
    serviceAddress: { addresses: ["127.0.0.1", "::1"], port },
    resolvers: { ...labResolvers, services: 1, instances: 2, cacheMiB: 32, ...changes },
    rollout: { patienceSeconds: 30 },
});
