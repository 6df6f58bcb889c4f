-- Tells who it is, by NSID (RFC 5001), to some clients alone: to others the name is an empty one.
local ffi = require('ffi')
local M = {}

local name, subnets = '', {}

-- name: what they are told; clients: their subnets.
function M.config(told, clients)
	name = told
	for _, text in ipairs(clients) do
		local subnet = { family = ffi.C.kr_straddr_family(text), address = ffi.new('char[16]') }
		subnet.bits = ffi.C.kr_straddr_subnet(subnet.address, text)
		assert(subnet.bits >= 0, text)
		table.insert(subnets, subnet)
	end
end

local function inside(client)
	for _, subnet in ipairs(subnets) do
		if subnet.family == client.sa_family
			and ffi.C.kr_bitcmp(subnet.address, ffi.C.kr_inaddr(client), subnet.bits) == 0 then
			return true
		end
	end
	return false
end

M.layer = {
	-- Before that of nsid, which adds the option.
	answer_finalize = function (state, req)
		if req.qsource.packet ~= nil and req.qsource.packet.opt_rr ~= nil then
			nsid.name(req.qsource.addr ~= nil and inside(req.qsource.addr) and name or '')
		end
		return state
	end,
}

return M
