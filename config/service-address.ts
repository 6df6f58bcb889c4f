import ipaddr from "ipaddr.js";
import { distinct, group, ipAddress, normalAddress, steeredPort } from "./fields";

/** Where clients ask. */
export interface ServiceAddressSettings {
    /**
     * The addresses that clients ask, IPv4 and IPv6 alike. One that is not yet on the host is put on its loopback
     * interface, and taken away again on destroy; one that is there already is left as it is.
     * @default ["127.0.0.1", "::1"]
     */
    readonly addresses?: readonly string[];

    /**
     * The port that clients ask by UDP and TCP, 1 to 65535, but not 20000 to 31999: there each generation of dnsdist
     * finds its own ports.
     * @default 5300
     */
    readonly port?: number;
}

const usable = ipAddress.refine(
    (text) =>
        !ipaddr.isValid(text) ||
        !["unspecified", "multicast", "broadcast"].includes(ipaddr.parse(text).range()),
    "must be an address that a host can answer from: not unspecified, multicast or broadcast",
);

export const serviceAddressSchema = group({
    addresses: distinct(usable, normalAddress)
        .min(1, "must name at least one address")
        .default(["127.0.0.1", "::1"]),
    port: steeredPort.default(5300),
});
