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

    /**
     * Whether the rollout delivers a certificate for encrypted DNS.
     * @default false: each container makes one for itself
     */
    readonly certified?: boolean;

    /** The volume of the site's register. */
    readonly site: pulumi.Input<string>;

    /**
     * How long each container may take to be healthy, in seconds, before the update fails.
     * @default 60
     */
    readonly patienceSeconds?: number;
}

/** The user and group that dnsdist runs as: it owns what is its in our image. */
export const dnsdistUser = 5302;

/**
 * The frontend, on the host's network. Every replacement is another generation on ports of its own, so the old one
 * answers until the service address leads to the new, and then lets its clients go.
 *
 * It declares no backends and no rules: it takes them from the site's register as the rollout offers and admits them.
 */
export class Dnsdist extends pulumi.ComponentResource {
    /** The container's id: what the rollout admits. */
    public readonly instance: pulumi.Output<string>;

    /** The id of the container that stands by, if the settings say that one shall. */
    public readonly standby: pulumi.Output<string> | undefined;

    /** The key of the console. A secret, as the next two. */
    public readonly consoleKey: pulumi.Output<string>;

    /** The password of the dashboard, for any user name. */
    public readonly webPassword: pulumi.Output<string>;

    /** The key of the API and the metrics: the header `X-API-Key`. */
    public readonly apiKey: pulumi.Output<string>;

    constructor(name: string, args: DnsdistArgs, options?: pulumi.ComponentResourceOptions) {
        super("recursive-dns:index:Dnsdist", name, {}, options);
        const settings = resolve(dnsdistSchema, args.settings, "dnsdist");
        const { patienceSeconds = defaultPatienceSeconds } = args;

        this.consoleKey = new random.RandomBytes(
            `${name}-console-key`,
            { length: 32, ...rotated(settings.consoleKeyRotation) },
            { parent: this },
        ).base64;
        const generated = (what: string) =>
            new random.RandomPassword(
                `${name}-${what}`,
                { length: 32, special: false, ...rotated(settings.consoleKeyRotation) },
                { parent: this },
            ).result;
        this.webPassword = generated("web-password");
        this.apiKey = generated("api-key");
        const frontend = (instance: string) =>
            container(
                `${name}-${instance}`,
                {
                    image: args.image,
                    user: dnsdistUser,
                    networks: "host",
                    volumes: { "/run/site": { volume: args.site } },
                    files: {
                        directory: "/etc/dnsdist",
                        contents: {
                            "dnsdist.yml": dnsdistYaml(settings),
                            "backend.yml": backendYaml(settings),
                            "backend.lua": backendLua(settings),
                            "console.key": this.consoleKey,
                            "web.password": this.webPassword,
                            "api.key": this.apiKey,
                        },
                    },
                    // The packet cache of the one before is taken over for as long as that leaves time to be healthy.
                    environment: {
                        INHERIT_SECONDS: String(Math.floor(patienceSeconds / 2)),
                        ...(settings.tls ? { TLS_NAME: settings.tls.name } : {}),
                        // To have none delivered any more is to make one at the start.
                        ...(settings.tls && !args.certified ? { TLS_OWN: "yes" } : {}),
                    },
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
        this.registerOutputs({
            instance: this.instance,
            consoleKey: this.consoleKey,
            webPassword: this.webPassword,
            apiKey: this.apiKey,
        });
    }
}
