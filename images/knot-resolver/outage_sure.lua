-- The second half of ./outage.lua, which has to come after the cache and what is known here. In an outage that probes have
-- confirmed, what they do not have is asked of nobody.
local M = {}

M.layer = {
	produce = function (state, req, answer)
		if not outage.sure(req) or req:current().parent ~= nil then return state end
		local known = answer:qr()
		if known or state == kres.FAIL then return state end
		return outage.fail(req)
	end,
}

return M
