#!/usr/bin/env python3
"""Name servers that do not do as they should.

Each fault has a port of its own, on all addresses. The nftables table, which `faults.py table` prints, sends there what is
asked of an address with that fault; what is right about an answer comes from the server that really is at the address.
"""

import asyncio
import ipaddress
import os
import socket
import struct
import sys

FIRST_PORT = 5301
PKTINFO = struct.Struct("16sI")
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, REFUSED = 0, 1, 2, 3, 5
TC = 0x0200
UDP_SIZE = 1232  # what everybody announces


# What comes of a query: the bytes of an answer, or None for none. `ask` asks the real server.


def question_end(message):
    at = 12
    while message[at]:
        at += message[at] + 1
    return at + 5


def has_edns(query):
    return query[question_end(query) :].startswith(b"\0\0\x29")


def without_edns(query):
    return query[:10] + b"\0\0" + query[12 : question_end(query)]


def bare(query, rcode, flags=0):
    """An answer with nothing in it but the question."""
    ident, asked = struct.unpack("!HH", query[:4])
    flags |= 0x8000 | (asked & 0x0100) | rcode
    return struct.pack("!HHHHHH", ident, flags, 1, 0, 0, 0) + query[12 : question_end(query)]


def always(rcode):
    async def answer(query, ask, tcp):
        return bare(query, rcode)

    return answer


async def slow(query, ask, tcp):
    await asyncio.sleep(0.4)
    return await ask(query)


async def silent(query, ask, tcp):
    return None


async def lame(query, ask, tcp):
    """Refers upwards, to the root."""
    record = b"\0" + struct.pack("!HHIH", 2, 1, 3600, 12) + b"\1a\x08root-lab\0"
    answer = bytearray(bare(query, NOERROR))
    answer[9] = 1
    return bytes(answer) + record


async def truncated(query, ask, tcp):
    return await ask(query) if tcp else bare(query, NOERROR, TC)


async def truncated_no_tcp(query, ask, tcp):
    return None if tcp else bare(query, NOERROR, TC)


async def lowercase(query, ask, tcp):
    """Does not repeat the question as it was spelled."""
    answer = await ask(query)
    end = question_end(answer)
    return answer[:12] + answer[12 : end - 4].lower() + answer[end - 4 :]


async def no_edns(query, ask, tcp):
    return await ask(without_edns(query))


async def formerr_edns(query, ask, tcp):
    return bare(query, FORMERR) if has_edns(query) else await ask(query)


async def drop_edns(query, ask, tcp):
    return None if has_edns(query) else await ask(query)


async def nxdomain_for_nodata(query, ask, tcp):
    answer = bytearray(await ask(query))
    if answer[3] & 15 == NOERROR and answer[6:8] == b"\0\0":
        answer[3] |= NXDOMAIN
    return bytes(answer)


FAULTS = {
    "slow": slow,
    "refused": always(REFUSED),
    "servfail": always(SERVFAIL),
    "formerr": always(FORMERR),
    "silent": silent,
    "lame": lame,
    "truncated": truncated,
    "truncated-no-tcp": truncated_no_tcp,
    "lowercase": lowercase,
    "no-edns": no_edns,
    "formerr-edns": formerr_edns,
    "drop-edns": drop_edns,
    "nxdomain-for-nodata": nxdomain_for_nodata,
}


async def ask_server(address, query):
    """Asks the server at an address, by TCP, which brings every answer whole."""
    reader, writer = await asyncio.open_connection(address, 53)
    try:
        writer.write(struct.pack("!H", len(query)) + query)
        return await reader.readexactly(struct.unpack("!H", await reader.readexactly(2))[0])
    finally:
        writer.close()


def plain(address):
    """An IPv4 address as such, though the socket shows it as an IPv6 one."""
    parsed = ipaddress.IPv6Address(address)
    return str(parsed.ipv4_mapped or parsed)


def serve_udp(fault, port):
    server = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    server.setblocking(False)
    server.bind(("::", port))

    async def reply(query, control, client):
        asked, _ = PKTINFO.unpack(control[0][2])
        answer = await fault(query, lambda message: ask_server(plain(asked), message), False)
        if answer is not None:
            if len(answer) > UDP_SIZE:
                answer = bare(query, NOERROR, TC)
            # The interface is left to the kernel.
            source = [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, PKTINFO.pack(asked, 0))]
            server.sendmsg([answer], source, 0, client)

    def receive():
        query, control, _, client = server.recvmsg(65535, socket.CMSG_SPACE(PKTINFO.size))
        start(reply(query, control, client))

    asyncio.get_running_loop().add_reader(server, receive)


async def serve_tcp(fault, port):
    async def converse(reader, writer):
        asked = plain(writer.get_extra_info("sockname")[0])
        try:
            while True:
                query = await reader.readexactly(struct.unpack("!H", await reader.readexactly(2))[0])
                answer = await fault(query, lambda message: ask_server(asked, message), True)
                if answer is None:
                    return
                writer.write(struct.pack("!H", len(answer)) + answer)
        except asyncio.IncompleteReadError:
            pass  # the client has what it wants
        finally:
            writer.close()

    server = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("::", port))
    await asyncio.start_server(converse, sock=server)


tasks = set()


def start(coroutine):
    task = asyncio.ensure_future(coroutine)
    tasks.add(task)  # asyncio itself would let it be collected in the middle
    task.add_done_callback(tasks.discard)


async def serve():
    for port, fault in enumerate(FAULTS.values(), FIRST_PORT):
        serve_udp(fault, port)
        await serve_tcp(fault, port)
    await asyncio.Event().wait()


def port_of(name):
    return FIRST_PORT + list(FAULTS).index(name)


def table():
    """The nftables table: no connection is tracked, so that break and mend work at once."""
    with open("/run/lab/faulty") as lines:
        faults = dict(map(str.split, lines))  # the last word on an address counts

    def elements(version):
        of_version = [address for address in faults if ipaddress.ip_address(address).version == version]
        return ", ".join(f"{address} : {port_of(faults[address])}" for address in of_version)

    # Neighbours go on being found: that is this network's matter, not the Internet's.
    cut = "meta l4proto { tcp, udp } drop" if os.path.exists("/run/lab/cut") else ""
    last = FIRST_PORT + len(FAULTS) - 1
    return f"""\
table inet faults
delete table inet faults
table inet faults {{
  map faulty4 {{ type ipv4_addr : inet_service; elements = {{ {elements(4)} }}; }}
  map faulty6 {{ type ipv6_addr : inet_service; elements = {{ {elements(6)} }}; }}
  chain asked {{ type filter hook prerouting priority -300;
    iifname "lo" return
    {cut}
    udp dport 53 udp dport set ip daddr map @faulty4
    udp dport 53 udp dport set ip6 daddr map @faulty6
    tcp dport 53 tcp dport set ip daddr map @faulty4
    tcp dport 53 tcp dport set ip6 daddr map @faulty6
  }}
  chain answered {{ type filter hook output priority -300;
    oifname "lo" return
    udp sport {FIRST_PORT}-{last} udp sport set 53
    tcp sport {FIRST_PORT}-{last} tcp sport set 53
  }}
}}"""


if __name__ == "__main__":
    if sys.argv[1:] == ["table"]:
        print(table())
    else:
        asyncio.run(serve())
