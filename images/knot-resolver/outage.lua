-- Gives up sooner while nobody at all answers. kresd tries for 10 s whatever happens, and its clients have gone by then.
-- When it is not one domain that is silent but every server, what has expired is answered from the cache at once, if
-- serve_stale may, and the rest is SERVFAIL: after a server was asked once, and at once (./outage_sure.lua) when probes have
-- found no answer either. Each second one question of a client is a probe, and so is the root; nobody waits for those. The
-- first answer of anybody ends an outage.
local ffi = require('ffi')
local M = {}

local silence = 2 * sec -- nobody has answered for so long after the first question that has found no answer,
local enough = 8 -- and so many have found none
local late = 40 -- ms: a query that is as old has waited for an answer
local forgotten = 10 * sec -- without a question all of that is

local unanswered = 0
local since, last = 0, 0 -- the first of them, and the last
local probing, probed = nil, 0 -- the first probe of an outage, and the last of all

local function lasts(now)
	return unanswered >= enough and now >= since + silence and now <= last + forgotten
end

local function probe(query, now)
	if now < probed + sec then return end
	probed, probing = now, probing or now
	local name, kind, class = kres.dname2str(query:name()), query.stype, query.sclass
	event.after(0, function () -- not within the request of the client
		resolve(name, kind, class, 'NO_CACHE')
		resolve('.', kres.type.NS, kres.class.IN, 'NO_CACHE')
	end)
end

-- Somebody waits for it: it is no probe, and not kresd's own.
local function ofClient(req) return req.qsource.addr ~= nil end

function M.fail(req)
	req:set_extended_error(kres.extended_error.NREACH_AUTH, 'OUTG')
	return kres.FAIL
end

-- Whether probes have had time enough, and no client needs to wait for the same.
function M.sure(req)
	if probing == nil then return false end
	local now = tonumber(ffi.C.kr_now())
	return now >= probing + sec and lasts(now) and ofClient(req)
end

M.layer = {
	consume = function (state, req)
		-- What comes from the cache, or is a local rule's, passes here as well.
		if not req:current().flags.CACHED then unanswered, probing = 0, nil end
		return state
	end,
	produce = function (state, req)
		local query = req:current()
		-- What has expired was looked for, and is not there: once is enough. serve_stale would have it looked for each time
		-- that a server is to be asked, by which kresd forgets what it has made of its servers. So it would ask by UDP for
		-- what is too long for UDP until it gives up: https://github.com/CZ-NIC/knot-resolver/issues/138
		if query.stale_cb ~= nil then
			query.stale_cb = nil
			query.flags.NO_CACHE = true -- stops serve_stale as well
		end
		local now = tonumber(ffi.C.kr_now())
		local waited = now >= tonumber(query.creation_time_mono) + late
		if waited then
			if unanswered == 0 or now > last + forgotten then since, unanswered, probing = now, 0, nil end
			unanswered, last = unanswered + 1, now
		end
		if not lasts(now) or not ofClient(req) then return state end

		probe(query, now)
		if serve_stale and not query.flags.NO_CACHE then
			query.stale_cb = serve_stale.callback -- the cache is next, and answers by it or does not
		elseif waited and query.parent == nil then -- or all of the request would fail, though the cache may have its name
			return M.fail(req)
		end
		return state
	end,
}

return M
