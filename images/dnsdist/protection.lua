-- What keeps one client from harming the others: rules that limit at once, and what is found out once a second.
--
-- A forged source address gets little more than was sent in its name: who asks too much by UDP is told to come by TCP,
-- or gets nothing.
local V4, V6 = 32, 64 -- a client: what one household or machine has of the address space
local PREFIX_V4, PREFIX_V6 = 24, 56
local SECONDS = 5 -- how far back rates are looked at
-- Who has not been seen for so long is forgotten, and all are looked through so often (seconds): somebody who forges
-- addresses could fill the memory with them.
local FORGET, CLEAN = 10, 5
local ATTACK = 10 -- how many times more names than are allowed make an attack
local FAILING = 0.8 -- and this part of them, at least, leads nowhere

local protection = {}

-- Who is not limited. (The host asks on behalf of everybody: the gate, ./inherit, and programs that run on it.)
local function exempted(declared, groups)
  local masks = newNMG()
  for _, subnet in ipairs(declared.host) do masks:addMask(subnet) end
  local selectors = { NetmaskGroupRule(masks) }
  for _, name in ipairs(declared.exempt or {}) do table.insert(selectors, NetmaskGroupRule(groups[name])) end
  return OrRule(selectors)
end

local rcode = function(code) return RCodeAction(code, { ra = true }) end

-- The rules that limit at once, for the head of the chain. rule(NAME, SELECTOR, ACTION) adds one.
function protection.rules(declared, groups, rule)
  if not declared then return end
  local limited = NotRule(exempted(declared, groups))
  -- UDP and TCP count together. (Who stays far above is dropped before any rule: see watchClients.)
  local function limit(name, queries, v4, v6)
    local above = AndRule({ limited, MaxQPSIPRule(queries, v4, v6, queries, FORGET, CLEAN, 1) })
    rule(name, AndRule({ TCPRule(false), above }), TCAction())
    rule(name, AndRule({ TCPRule(true), above }), rcode(DNSRCode.REFUSED))
  end
  limit('client rate', declared.queries, V4, V6)
  limit('prefix rate', declared.prefixQueries, PREFIX_V4, PREFIX_V6)

  rule('opcode', NotRule(OpcodeRule(DNSOpcode.Query)), rcode(DNSRCode.NOTIMP))
  local nonRecursive = { drop = DropAction(), refuse = rcode(DNSRCode.REFUSED) }
  if nonRecursive[declared.nonRecursive] then
    rule('non-recursive', NotRule(RDRule()), nonRecursive[declared.nonRecursive])
  end
  if declared.any == 'tcp' then
    rule('any', AndRule({ TCPRule(false), QTypeRule(DNSQType.ANY) }), TCAction())
  end
end

-- What clients got in the last seconds, and who is held off for it.
local function watchClients(declared, groups)
  local function group()
    local rates = dynBlockRulesGroup()
    rates:setMasks(V4, V6, 0)
    rates:excludeRange(declared.host)
    for _, name in ipairs(declared.exempt or {}) do rates:excludeRange(groups[name]) end
    return rates
  end
  local function warn(limit) return math.ceil(limit * declared.warnPercent / 100) end
  local seconds, block = SECONDS, declared.blockSeconds
  local bytes = declared.kibibytes * 1024

  local rates, excess = group(), group()
  rates:setQueryRate(2 * declared.queries, seconds, 'queries', block, DNSAction.Drop, warn(declared.queries))
  rates:setRCodeRate(DNSRCode.NXDOMAIN, declared.denials, seconds, 'denials', block, DNSAction.Refused, warn(declared.denials))
  rates:setRCodeRate(DNSRCode.SERVFAIL, declared.failures, seconds, 'failures', block, DNSAction.Refused, warn(declared.failures))
  rates:setResponseByteRate(bytes, seconds, 'bytes', block, DNSAction.Truncate, warn(bytes))
  excess:setResponseByteRate(4 * bytes, seconds, 'bytes by far', block, DNSAction.Refused)
  return function()
    rates:apply()
    excess:apply()
  end
end

-- Random names below one domain pass every cache, and its servers fail under them: resolvers would wait for those in vain,
-- for everybody. So what the packet cache does not have of such a domain is limited.
local function watchDomains(declared)
  local attacked = {} -- domain -> until when it is limited
  local found

  local enough = ATTACK * declared.attackedNames
  -- Children come before their parents: the deepest domain that has them all is found first, and then those above it
  -- have nothing of their own.
  local function visit(node, own, all)
    local failing = all.nxdomains + all.servfails + all.drops
    if node.labelsCount < 2 or node:numChildren() < enough or failing < enough then return false end
    if failing < FAILING * (all.queries - all.hits) then return false end
    table.insert(found, node.fullname)
    return false
  end
  local names = dynBlockRulesGroup()
  names:setSuffixMatchRule(1, 'random names', 1, DNSAction.NoOp, visit)

  local function limit(domain)
    local some = MaxQPSRule(declared.attackedNames, declared.attackedNames)
    addCacheMissAction(
      AndRule({ QNameSuffixRule(domain), NotRule(some) }),
      rcode(DNSRCode.SERVFAIL),
      { name = 'attack on ' .. domain }
    )
  end
  local function lift(domain)
    attacked[domain] = nil
    rmCacheMissRule('attack on ' .. domain)
  end

  local failed -- so many answers were denials or failures until now
  local function fails()
    local counters = getStatisticsCounters()
    local before = failed
    failed = counters['frontend-nxdomain'] + counters['frontend-servfail'] + counters['downstream-timeouts']
    return before and failed - before >= enough
  end

  local function watch()
    local now = os.time()
    for domain, till in pairs(attacked) do
      if now >= till then lift(domain) end
    end
    if not fails() then return end -- it takes time to look at every name
    found = {}
    names:apply()
    for _, domain in ipairs(found) do
      if not attacked[domain] then
        warnlog('protection: random names below ' .. domain .. ': the resolvers are asked few of them')
        limit(domain)
      end
      attacked[domain] = now + declared.blockSeconds
    end
  end
  return watch, function()
    for domain in pairs(attacked) do lift(domain) end
  end
end

local watchers, forget = {}, function() end

-- Looks at rates and domains by these limits from now on, and forgets what was found by others.
function protection.use(declared, groups)
  forget()
  clearDynBlocks()
  watchers, forget = {}, function() end
  if not declared then return end
  local domains
  domains, forget = watchDomains(declared)
  watchers = { watchClients(declared, groups), domains }
end

function protection.watch()
  for _, watch in ipairs(watchers) do watch() end
end

return protection
