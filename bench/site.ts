import type { Settings } from "../components";
import { TestStack } from "../test/integration/support/stack";
import { labResolvers } from "../test/lab/catalog";
import { freshBase, removeImages } from "./base-image";

export const stackName = "bench";
export const server = { address: "127.0.0.1", port: 5396, transport: "udp" } as const;

/** The stack that is measured: the defaults, in the lab Internet, on a port of its own. */
export class Site {
    private stack?: TestStack;
    private settings: Settings = {};

    /** Makes a stack that has nothing yet, not even images: where there was one, it is destroyed. */
    async fresh(): Promise<void> {
        if (this.stack) await this.stack.must(this.stack.destroy());
        this.settings = {
            serviceAddress: { addresses: [server.address], port: server.port },
            resolvers: labResolvers,
            images: { base: freshBase() },
        };
        this.stack = new TestStack(stackName);
        await this.stack.create(this.settings);
    }

    /** Changes settings of the resolvers, for the next `up`. */
    change(resolvers: Settings["resolvers"]): void {
        this.made.configure({
            ...this.settings,
            resolvers: { ...this.settings.resolvers, ...resolvers },
        });
    }

    up = (...options: string[]) => this.made.must(this.made.up(...options));
    preview = (...options: string[]) => this.made.must(this.made.preview(...options));

    /** Takes down all that the bench has made, whatever has become of it. */
    async remove(): Promise<void> {
        const run = await this.stack?.destroy();
        if (run && run.code !== 0) console.error(run.output);
        removeImages();
    }

    private get made(): TestStack {
        if (!this.stack) throw new Error("there is no stack yet");
        return this.stack;
    }
}
