import * as pulumi from "@pulumi/pulumi";
import { defaultPatienceSeconds } from "../config/rollout";
import type { Rules } from "../config/rules";
import type { Steered } from "../config/steered";
import type { Certificate } from "./certificate";
import { container, finished, shortId } from "./container";
import { dnsdistUser } from "./dnsdist";

export interface RolloutArgs {
    /** The resolvers to admit: container ids by name. */
    readonly resolvers: Readonly<Record<string, pulumi.Input<string>>>;

    /** The generation of dnsdist, the one that stands by, and the service-address container to admit, by container id. */
    readonly frontend: pulumi.Input<string>;
    readonly standby?: pulumi.Input<string>;
    readonly serviceAddress: pulumi.Input<string>;

    /** The rules by which dnsdist answers: delivered to it while it runs. */
    readonly rules: Rules;

    /**
     * The certificate of encrypted DNS, delivered in the same way.
     * @default none
     */
    readonly certificate?: Certificate;

    /**
     * What is steered to dnsdist: where it speaks TLS, the certificate has to be served.
     * @default none
     */
    readonly steered?: readonly Steered[];

    /** Where clients ask: the rollout is not done before the new frontend answers there. */
    readonly addresses: readonly string[];
    readonly port: number;

    readonly image: pulumi.Input<string>;

    /** The volume of the site's register. */
    readonly site: pulumi.Input<string>;

    /**
     * How long the new ones may take to serve, in seconds. Then the rollout fails and the old ones stay.
     * @default 60
     */
    readonly patienceSeconds?: number;
}

/** The user that the gate runs as: it owns what is its in our image. */
const user = 5304;

/** Room for what follows the deadline: waiting for the old ones' last clients, and Docker's own time. */
const courtesySeconds = 45;

/**
 * The gate between "created" and "the old ones are deleted". Its inputs hold the identity of every instance that shall
 * serve, so it runs whenever one of them is new; it turns healthy only when they do serve. Pulumi deletes last, so
 * while the gate is not healthy nothing old is deleted.
 *
 * It also delivers the rules and the certificate: others of these alone replace nothing but the gate.
 */
export class Rollout extends pulumi.ComponentResource {
    /** Resolves once all that it names serves. In a preview it is known. */
    public readonly done: pulumi.Output<true>;

    constructor(name: string, args: RolloutArgs, options?: pulumi.ComponentResourceOptions) {
        super("recursive-dns:index:Rollout", name, {}, options);
        const { patienceSeconds = defaultPatienceSeconds, certificate } = args;
        const gate = container(
            `${name}-gate`,
            {
                kind: "gate",
                image: args.image,
                entrypoint: "rollout",
                user,
                networks: "host",
                environment: {
                    BACKENDS: pulumi
                        .all(Object.values(args.resolvers))
                        .apply((ids) => ids.map(shortId).join(" ")),
                    FRONTEND: pulumi.output(args.frontend).apply(shortId),
                    STANDBY: args.standby ? pulumi.output(args.standby).apply(shortId) : "",
                    SERVICE_ADDRESS: pulumi.output(args.serviceAddress).apply(shortId),
                    ADDRESSES: args.addresses.join(" "),
                    PORT: String(args.port),
                    DEADLINE: String(patienceSeconds),
                    RULES: args.rules.version,
                    CERTIFICATE: certificate?.fingerprint ?? "",
                    TLS: tlsPorts(args.steered ?? []),
                    DNSDIST_GROUP: String(dnsdistUser),
                },
                groups: [dnsdistUser],
                files: {
                    directory: "/etc/rules",
                    contents: {
                        ...args.rules.files,
                        ...(certificate
                            ? { "certificate.pem": certificate.certificate, "key.pem": certificate.key }
                            : {}),
                    },
                },
                volumes: { "/run/site": { volume: args.site } },
                memoryDirectories: { "/run/ready": 1 },
                // A list of a million names takes half of it while it is made ready to be looked up.
                memoryMiB: 128,
                processes: 128,
                readySeconds: patienceSeconds + courtesySeconds,
                stopSeconds: 2,
                // The ids are not known in a preview; the names are.
                labels: { "recursive-dns.admits": Object.keys(args.resolvers).join(" ") },
            },
            { parent: this },
        );
        this.done = finished(gate);
        this.registerOutputs({ done: this.done });
    }
}

/** Such as `dot 853,doh 443`: the same at each address. */
function tlsPorts(steered: readonly Steered[]): string {
    const encrypted = steered.filter(({ what }) => what === "dot" || what === "doh");
    return [...new Set(encrypted.map(({ what, port }) => `${what} ${port}`))].join(",");
}
