-- Room for what arrives while this worker has no CPU time. By default there is some for 270 queries, less than what
-- dnsdist holds back and sends all at once when it has had none itself. The kernel takes net.core.rmem_max if that is less.
require('ffi').C.the_network.listen_udp_buflens.rcv = 4 * 1024 * 1024
