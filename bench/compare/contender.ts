import type { Settings } from "./settings";

/** One way to run the service: two services of two resolvers behind a dnsdist, and to change it. */
export interface Contender {
    readonly name: string;
    readonly port: number;

    start(settings: Settings): Promise<void>;

    /** Makes a change, and returns when it is done. */
    change(settings: Settings): Promise<void>;

    /** Takes away all that it has made, whatever has become of it. */
    remove(): Promise<void>;
}
