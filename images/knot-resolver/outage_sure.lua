-- The second half of ./outage.lua, which has to come after the cache and what is known here. In an outage that probes have
-- confirmed, what they do not have is asked of nobody.
local M = {}

M.layer = {
	produce = function (state, req, answer)
		local known = answer:qr()
		if not known and state ~= kres.FAIL and req:current().parent == nil and outage.sure(req) then
			return outage.fail(req)
		end
		return state
	end,
}

return M
