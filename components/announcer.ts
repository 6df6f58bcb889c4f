import type { Input, Output, Resource } from "@pulumi/pulumi";
import type { ResolvedAnnouncement } from "../config/announcement";
import { defaultPatienceSeconds } from "../config/rollout";
import { container, finished, shortId } from "./container";

/** What differs between the ways in which clients are led to a site: {@link ./anycast} and {@link ./vrrp}. */
export interface AnnouncerSpec {
    readonly settings: ResolvedAnnouncement;

    /** The speaker's configuration, and `check`, by file name. */
    readonly files: Readonly<Record<string, Input<string>>>;

    readonly capabilities: readonly string[];
    readonly image: Input<string>;

    /** The volume of the site's register. */
    readonly site: Input<string>;

    /**
     * How long each container may take to be healthy, in seconds, before the update fails.
     * @default 60
     */
    readonly patienceSeconds?: number;
}

/** Room for Docker's own time beside the gate's deadline. */
const courtesySeconds = 15;

/**
 * An announcer and its gate. The announcer is replaced only for another image. All else that is set is delivered to it by
 * its gate, and changes in place.
 *
 * @returns what resolves once that is done. In a preview it is known.
 */
export function announcer(name: string, spec: AnnouncerSpec, parent: Resource): Output<true> {
    const { settings, patienceSeconds = defaultPatienceSeconds } = spec;
    const deadline = patienceSeconds + settings.check.riseSeconds;
    const common = {
        image: spec.image,
        // Of root's privileges it has only those below.
        user: 0,
        networks: "host",
        capabilities: spec.capabilities,
        volumes: { "/run/site": { volume: spec.site } },
        memoryDirectories: { "/run/ready": 1, "/run/speaker": 1 },
        memoryMiB: 32,
        processes: 32,
    } as const;
    const speaking = container(
        `${name}-announcer`,
        {
            ...common,
            // Others take a third of a second without a word of it for the end of this host.
            cpuShares: 8192,
            readySeconds: patienceSeconds,
            stopSeconds: settings.drainSeconds + 10,
        },
        { parent },
    );
    const gate = container(
        `${name}-gate`,
        {
            ...common,
            kind: "gate",
            entrypoint: "admit",
            environment: { ANNOUNCER: speaking.id.apply(shortId), DEADLINE: String(deadline) },
            files: { directory: "/etc/announcer", contents: spec.files },
            readySeconds: deadline + courtesySeconds,
            stopSeconds: 2,
        },
        { parent },
    );
    return finished(gate);
}
