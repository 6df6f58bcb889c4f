-- What differs while every resolver is down, and what keeps the packet cache worth having then.
local outage = {}

-- Counts the answers that are given after their expiry. dnsdist gives none while a resolver is up, so that the rule, which
-- each answer from the cache would pass, is there in an outage alone.
local STALE = 'stale-answers'
local COUNT_STALE = [[
  local C = require('ffi').C
  return function(response)
    if C.dnsdist_ffi_dnsresponse_get_stale_cache_hit(response) then
      C.dnsdist_ffi_metric_inc('stale-answers', 13)
    end
    return DNSResponseAction.None
  end
]]
declareMetric(STALE, 'counter', 'Answers given after their expiry, as every resolver was down', 'dnsdist_stale_answers')

local begun -- when every resolver went down
local function count(down)
  if down == (begun ~= nil) then return end
  begun = down and os.time() or nil
  if down then
    addCacheHitResponseAction(AllRule(), LuaFFIPerThreadResponseAction(COUNT_STALE), { name = 'stale' })
    warnlog('outage: every resolver is down; answering from the packet cache')
  else
    rmCacheHitResponseRule('stale')
    infolog('outage: over')
  end
end

-- A cache that is full takes nothing in. Somebody who asks for names that do not exist could fill it with denials, and an
-- outage would find little else. So a cache that is half full takes in no more of those; and as that is looked at once a
-- second, no more than a fortieth of it within one.
local FULL, A_SECOND = 1 / 2, 1 / 40
local DENIALS = OrRule({ RCodeRule(DNSRCode.NXDOMAIN), RecordsCountRule(DNSSection.Answer, 0, 0) })
local limited, guarded = false, false
local function guard()
  local stats = getPool(''):getCache():getStats()
  if not limited then
    limited = true
    local some = MaxQPSRule(math.ceil(stats.maxEntries * A_SECOND))
    addResponseAction(AndRule({ DENIALS, NotRule(some) }), SetSkipCacheResponseAction(), { name = 'many denials' })
  end
  local full = stats.entries > FULL * stats.maxEntries
  if full == guarded then return end
  guarded = full
  if full then
    addResponseAction(DENIALS, SetSkipCacheResponseAction(), { name = 'denials' })
  else
    rmResponseRule('denials')
  end
end

function outage.watch(anyUp)
  count(not anyUp)
  guard()
end

return outage
