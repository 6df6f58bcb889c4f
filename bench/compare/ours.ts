import { TestStack } from "../../test/integration/support/stack";
import { labResolvers } from "../../test/lab/catalog";
import type { Contender } from "./contender";
import { type Kind, type Settings, imageName } from "./settings";

/** This program: a change is an edit of the stack's settings, then `pulumi up`. */
export class Ours implements Contender {
    readonly name = "this program";
    readonly port = 5382;
    readonly stack = new TestStack("compare");

    /** @param address where clients ask */
    constructor(private readonly address: string) {}

    async start(settings: Settings): Promise<void> {
        await this.stack.create(this.stackSettings(settings));
        await this.stack.must(this.stack.up());
    }

    async change(settings: Settings): Promise<void> {
        this.stack.configure(this.stackSettings(settings));
        await this.stack.must(this.stack.up());
    }

    async remove(): Promise<void> {
        await this.stack.must(this.stack.destroy());
    }

    private stackSettings({ cacheMiB, packetCache, redisMiB, images }: Settings) {
        // The first images are those that the program builds itself; the others' are made of them.
        const image = (kind: Kind) => (images[kind] === 1 ? {} : { [kind]: imageName(kind, images[kind]) });
        return {
            serviceAddress: { addresses: [this.address], port: this.port },
            resolvers: { ...labResolvers, services: 2, instances: 2, cacheMiB },
            dnsdist: { packetCache: { entries: packetCache } },
            cache: { maxMemoryMiB: redisMiB },
            images: { ...image("resolver"), ...image("dnsdist"), ...image("redis") },
        };
    }
}
