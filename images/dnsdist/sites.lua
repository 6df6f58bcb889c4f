-- What other sites with the same addresses are told: whether this one announces them, and by live resolvers
-- (images/announcer). `announced.recursive-dns.internal` is there, or is not.
local register = dofile('/run/dnsdist/register.lua')
local sites = {}

local OLD = 3 -- seconds: a word of an announcer that is older is nothing
local OFTEN = 50 -- questions a second of one address: a site asks ten times

-- Read for each question: sites that all believe another one may withdraw together.
local function announced()
  local said = register.read(register.SITE .. '/steering/announcement') or ''
  local at, state, resolvers = said:match('^(%d+) (%a+) (%a+)\n$')
  return state == 'announced' and resolvers == 'live' and math.abs(os.time() - tonumber(at)) <= OLD
end

function sites.rules(rule)
  local asked = QNameRule('announced.recursive-dns.internal.')
  rule('announced', AndRule({ asked, MaxQPSIPRule(OFTEN, 32, 128) }), RCodeAction(DNSRCode.REFUSED))
  rule('announced', asked, LuaAction(function()
    if announced() then return DNSAction.Spoof, '127.0.0.1' end
    return DNSAction.Nxdomain, ''
  end))
end

return sites
