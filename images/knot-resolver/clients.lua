-- Who asks, dnsdist says by the PROXY protocol. It is believed in the network where dnsdist asks, and in no other.
local bit = require('bit')

-- "172.18.0.2" and the kernel's way to write it, which is that of a little-endian machine.
local function number(text)
	local a, b, c, d = text:match('^(%d+)%.(%d+)%.(%d+)%.(%d+)$')
	return bit.bor(a, bit.lshift(b, 8), bit.lshift(c, 16), bit.lshift(d, 24))
end
local function subnet(destination, mask)
	local bits = 0
	while bits < 32 and bit.band(mask, bit.lshift(1, bits)) ~= 0 do bits = bits + 1 end
	local byte = function(shift) return bit.band(bit.rshift(destination, shift), 255) end
	return string.format('%d.%d.%d.%d/%d', byte(0), byte(8), byte(16), byte(24), bits)
end

local own = number(assert(os.getenv('POOL_ADDRESS')))
for line in io.lines('/proc/net/route') do
	local destination, gateway, mask = line:match('^%S+%s+(%x+)%s+(%x+)%s+%x+%s+%d+%s+%d+%s+%d+%s+(%x+)')
	if gateway == '00000000' and bit.band(own, bit.tobit(tonumber(mask, 16))) == bit.tobit(tonumber(destination, 16)) then
		net.proxy_allowed(subnet(bit.tobit(tonumber(destination, 16)), bit.tobit(tonumber(mask, 16))))
	end
end
