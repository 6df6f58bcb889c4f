import { z } from "zod";
import { group, ipAddress, steeredPort, subnet } from "./fields";

/** dnsdist's dashboard, API and metrics, by HTTP at an address that stays the same whichever generation serves. */
export interface WebserverSettings {
    /**
     * Whether there is one.
     * @default true
     */
    readonly enabled?: boolean;

    /**
     * Its address: one that the host has, or a service address.
     * @default "127.0.0.1"
     */
    readonly address?: string;

    /**
     * Its port, 1 to 65535, but not 20000 to 31999, where each generation's own ports are.
     * @default 8030 above the service port: 8083 for 53
     */
    readonly port?: number;

    /**
     * The subnets that may ask it. They need the password or the key all the same.
     * @default the loopback range
     */
    readonly acl?: readonly string[];
}

export const webserverSchema = group({
    enabled: z.boolean("must be true or false").default(true),
    address: ipAddress.default("127.0.0.1"),
    port: steeredPort.optional(),
    acl: z.array(subnet).min(1, "must name at least one subnet").default(["127.0.0.0/8", "::1/128"]),
});

export type ResolvedWebserver = z.output<typeof webserverSchema>;

/** How far its port is above the service port, unless it is set. */
export const webOffset = 8030;
