import ipaddr from "ipaddr.js";
import { existsSync, readFileSync } from "node:fs";

/** A socket of this machine that takes queries from others. */
export interface Listener {
    readonly protocol: "UDP" | "TCP";
    /** In the spelling of ipaddr.js, or `any`. */
    readonly address: string;
    readonly port: number;
}

/** Who listens on this machine; `ipv6` is undefined where it has none. */
export function listeners(): { ipv4: Listener[]; ipv6?: Listener[] } {
    const table = (name: string) => readFileSync(`/proc/net/${name}`, "utf8");
    const ipv4 = [...parse("UDP", table("udp")), ...parse("TCP", table("tcp"))];
    if (!hasIpv6()) return { ipv4 };
    return { ipv4, ipv6: [...parse("UDP", table("udp6")), ...parse("TCP", table("tcp6"))] };
}

/** Without IPv6 in the kernel the table is not there; with IPv6 turned off it is empty. */
function hasIpv6(): boolean {
    const table = "/proc/net/if_inet6";
    return existsSync(table) && readFileSync(table, "utf8") !== "";
}

/** The kernel's names for a socket that waits for anybody: TCP_LISTEN, and unconnected UDP. */
const open = { TCP: "0A", UDP: "07" };

/** Reads a table such as /proc/net/tcp: a header, then `slot: ADDRESS:PORT remote state ...`, in hexadecimal. */
export function parse(protocol: "UDP" | "TCP", table: string): Listener[] {
    return table
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/\s+/))
        .filter((fields) => fields[3] === open[protocol])
        .map((fields) => {
            const [address = "", port = ""] = (fields[1] ?? "").split(":");
            return { protocol, address: decode(address), port: parseInt(port, 16) };
        });
}

/** The kernel prints each 32-bit word of an address in the byte order of the machine, here little-endian. */
function decode(hex: string): string {
    const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, "hex")].reverse());
    return bytes.every((byte) => byte === 0) ? "any" : ipaddr.fromByteArray(bytes).toNormalizedString();
}
