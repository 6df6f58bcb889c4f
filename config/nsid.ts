import { z } from "zod";
import { distinct, group, subnet } from "./fields";

/** Who may learn which instance has answered (RFC 5001): `dig +nsid`. */
export interface NsidSettings {
    /** Their subnets. */
    readonly clients: readonly string[];
}

export const nsidSchema = group({
    clients: distinct(subnet).min(1, "must name at least one subnet; leave nsid out for nobody"),
});

/** By a module of our image: see `images/knot-resolver/insiders.lua`. The instance is the id of its container. */
export const nsidLua = (service: string, { clients }: z.output<typeof nsidSchema>): string[] => [
    "modules.load('nsid')",
    "modules.load('insiders < nsid')",
    `insiders.config(${JSON.stringify(`${service}/`)} .. os.getenv('INSTANCE'), { ${clients.map((text) => JSON.stringify(text)).join(", ")} })`,
];
