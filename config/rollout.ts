import { count, group } from "./fields";

/** How a change is made. */
export interface RolloutSettings {
    /**
     * How long each new container may take to be healthy, in seconds, and then all of them to serve together, before the
     * update fails and what ran before goes on; 15 to 1800.
     * @default 60
     */
    readonly patienceSeconds?: number;
}

/** The default, also for components that are used by themselves. */
export const defaultPatienceSeconds = 60;

export const rolloutSchema = group({
    patienceSeconds: count(15, 1800).default(defaultPatienceSeconds),
});
