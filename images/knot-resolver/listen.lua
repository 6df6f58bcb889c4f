-- Where dnsdist asks this instance. It says who asks by the PROXY protocol, and is believed in the network where it asks; in
-- no other.
local bit = require('bit')
local address, port = assert(os.getenv('ADDRESS')), tonumber(os.getenv('PORT'))

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
local function believe_network_of(own)
	for line in io.lines('/proc/net/route') do
		local destination, gateway, mask = line:match('^%S+%s+(%x+)%s+(%x+)%s+%x+%s+%d+%s+%d+%s+%d+%s+(%x+)')
		if gateway == '00000000' and bit.band(own, bit.tobit(tonumber(mask, 16))) == bit.tobit(tonumber(destination, 16)) then
			net.proxy_allowed(subnet(bit.tobit(tonumber(destination, 16)), bit.tobit(tonumber(mask, 16))))
		end
	end
end

-- The configuration, which comes after this, lets nobody say who asks, and listens at port 53 of any address.
local listen = net.listen
function net.listen(where, at, ...)
	if where ~= '0.0.0.0' or at ~= 53 then return listen(where, at, ...) end
	if address:match('^127%.') then net.proxy_allowed('127.0.0.1') else believe_network_of(number(address)) end
	return listen(address, port, ...)
end
