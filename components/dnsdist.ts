import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type DnsdistSettings, dnsdistSchema } from "../config/dnsdist";
import { resolve } from "../config/resolve";
import { backendLua, backendYaml, dnsdistYaml } from "../config/dnsdist-yaml";
import { defaultPatienceSeconds } from "../config/rollout";
import { container } from "./container";
import { rotated } from "./rotated";

export interface DnsdistArgs {
    /**
     * What differs from the defaults.
     * @default {}
     */
    readonly settings?: DnsdistSettings;

    readonly image: pulumi.Input<string>;

    /** The service addresses, which may always ask. */
    readonly serviceAddresses: readonly string[];

    /** The volume of the site's register. */
    readonly site: pulumi.Input<string>;

    /**
     * How long each container may take to be healthy, in seconds, before the update fails.
     * @default 60
     */
    readonly patienceSeconds?: number;
}

/** The user that dnsdist runs as: it owns what is its in our image. */
const user = 5302;

/**
 * The frontend, on the host's network. Every replacement is another generation on ports of its own, so the old one
 * answers until the service address leads to the new, and then lets its clients go.
 *
 * It declares no backends: it takes them from the site's register as the rollout offers and admits them.
 */
export class Dnsdist extends pulumi.ComponentResource {
    /** The container's id: what the rollout admits. */
    public readonly instance: pulumi.Output<string>;

    /** The id of the container that stands by, if the settings say that one shall. */
    public readonly standby: pulumi.Output<string> | undefined;

    /** The key of the console. */
    public readonly consoleKey: pulumi.Output<string>;

    constructor(name: string, args: DnsdistArgs, options?: pulumi.ComponentResourceOptions) {
        super("recursive-dns:index:Dnsdist", name, {}, options);
        const settings = resolve(dnsdistSchema, args.settings, "dnsdist");
        const { patienceSeconds = defaultPatienceSeconds } = args;

        this.consoleKey = new random.RandomBytes(
            `${name}-console-key`,
            { length: 32, ...rotated(settings.consoleKeyRotation) },
            { parent: this },
        ).base64;
        const frontend = (instance: string) =>
            container(
                `${name}-${instance}`,
                {
                    image: args.image,
                    user,
                    networks: "host",
                    volumes: { "/run/site": { volume: args.site } },
                    files: {
                        directory: "/etc/dnsdist",
                        contents: {
                            "dnsdist.yml": dnsdistYaml(settings, args.serviceAddresses),
                            "backend.yml": backendYaml(),
                            "backend.lua": backendLua(),
                            "console.key": this.consoleKey,
                        },
                    },
                    // The packet cache of the one before is taken over for as long as that leaves time to be healthy.
                    environment: { INHERIT_SECONDS: String(Math.floor(patienceSeconds / 2)) },
                    memoryDirectories: { "/run/dnsdist": 8 },
                    memoryMiB: settings.memoryMiB,
                    processes: 1024,
                    readySeconds: patienceSeconds,
                    stopSeconds: 10,
                },
                { parent: this },
            ).id;
        this.instance = frontend("frontend");
        this.standby = settings.standby ? frontend("standby") : undefined;
        this.registerOutputs({ instance: this.instance, consoleKey: this.consoleKey });
    }
}
