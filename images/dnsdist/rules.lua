-- The rules: who may ask, what is answered here, and whom the rest is asked. All of it changes while dnsdist runs.
--
-- admission/rules/VERSION  rules.lua, what is declared, and the lists that it names; delivered by the rollout
-- frontends/ME.rules       "active VERSION", and of what is on offer "ready VERSION" or "refused VERSION WHY"
local register = dofile('/run/dnsdist/register.lua')
local protection = dofile('/run/dnsdist/protection.lua')
local sites = dofile('/run/dnsdist/sites.lua')
local FROM_INHERIT = '127.0.0.3/32' -- ./inherit, which fills the packet cache
local FROM_ROLLOUT = '127.0.0.4/32' -- the gate, when it asks resolvers through dnsdist whatever the lists say

-- Marks queries as fit for a second try. Per thread and by FFI: a plain Lua rule would wait for the global lock.
local RESTARTABLE = [[
  local C = require('ffi').C
  return function(query)
    C.dnsdist_ffi_dnsquestion_set_restartable(query)
    return DNSAction.None
  end
]]

local YEARS = 10 * 365 * 86400

local function text(value) return string.char(#value) .. value end

-- A list of names is of use only while it can be looked up: one that is cut short would let everything through.
local function names(list, directory)
  -- The file never changes: a delay of 0 would have every look-up ask for its time.
  local store = newCDBKVStore(directory .. '/' .. list.name:gsub('%.names$', '.cdb'), YEARS)
  for _, sample in ipairs(list.samples) do
    local found = store:lookup(sample) ~= ''
    if not found then error(list.name .. ' has lost ' .. sample, 0) end
  end
  return KeyValueStoreLookupRule(store, KeyValueLookupKeySuffix(1, false))
end

local function group(declared, directory)
  local masks = newNMG()
  for _, subnet in ipairs(declared.subnets) do masks:addMask(subnet) end
  if declared.file then
    for subnet in io.lines(directory .. '/' .. declared.file) do masks:addMask(subnet) end
  end
  return masks
end

local rcode = function(code) return RCodeAction(code, { ra = true }) end
-- What a list does with a query, one after the other until something has answered.
local actions = {
  allow = function() return AllowAction() end,
  drop = function() return DropAction() end,
  nxdomain = function() return rcode(DNSRCode.NXDOMAIN) end,
  refuse = function() return rcode(DNSRCode.REFUSED) end,
  -- It answers A and AAAA, of what it has; what is left has no data.
  address = function(list) return SpoofAction(list.addresses, { ttl = 60 }), rcode(DNSRCode.NOERROR) end,
}

-- How clients find encrypted DNS by themselves: https://www.rfc-editor.org/rfc/rfc9462
local function discovery(declared, rule)
  if not declared then return end
  local records = {}
  for priority, offer in ipairs(declared.offers) do
    local parameters = { mandatory = { 'alpn', 'port' }, alpn = { offer.alpn }, port = offer.port }
    if offer.path then parameters.key7 = offer.path .. '{?dns}' end
    if #declared.v4 > 0 then parameters.ipv4hint = declared.v4 end
    if #declared.v6 > 0 then parameters.ipv6hint = declared.v6 end
    table.insert(records, newSVCRecordParameters(priority, declared.name, parameters))
  end
  local asked = QNameRule('_dns.resolver.arpa.')
  rule('discovery', AndRule({ asked, QTypeRule(64) }), SpoofSVCAction(records, { ttl = 300 })) -- SVCB
  rule('discovery', asked, RCodeAction(DNSRCode.NOERROR, { ra = true }))
end

-- The chain of rules for a declaration, and the groups of clients. Changes nothing yet.
local function build(declared, directory, version)
  local chain = {}
  local function rule(name, selector, action) table.insert(chain, newRuleAction(selector, action, { name = name })) end
  local function from(subnet) return NetmaskGroupRule(subnet) end
  local function name(owner) return QNameRule(owner) end

  local groups = {}
  for key, clients in pairs(declared.clients) do groups[key] = group(clients, directory) end
  -- Everything that a list or a pool asks for, at once.
  local function selector(entry, matchesName)
    local all = {}
    if entry.clients then
      local any = {}
      for _, key in ipairs(entry.clients) do table.insert(any, NetmaskGroupRule(groups[key])) end
      table.insert(all, OrRule(any))
    end
    if matchesName then table.insert(all, matchesName) end
    return AndRule(all)
  end

  rule('inherit', from(FROM_INHERIT), PoolAction('inherit'))
  -- Answers with this generation's name, and with what it answers by: who asks the service address learns where it leads.
  local here = { ttl = 0 }
  rule('frontend', name('frontend.recursive-dns.internal.'), SpoofRawAction(text(register.me), here))
  rule('rules', name('rules.recursive-dns.internal.'), SpoofRawAction(text(version), here))
  -- Whether the resolvers answer must not come from the packet cache, nor from a list.
  rule('resolver', name('resolver.recursive-dns.internal.'), SetSkipCacheAction())
  rule('resolver', name('resolver.recursive-dns.internal.'), PoolAction(''))
  sites.rules(rule)
  rule('rollout', from(FROM_ROLLOUT), PoolAction(''))
  -- Which resolver has answered is for those to know whom it tells.
  rule('nsid', EDNSOptionRule(3), SetSkipCacheAction())
  protection.rules(declared.protection, groups, rule)
  discovery(declared.discovery, rule)

  -- Whom the resolvers answer otherwise. The last of these that has a client decides: the most specific.
  for _, viewer in ipairs(declared.viewers or {}) do -- an earlier release declares none
    local masks = newNMG()
    for _, subnet in ipairs(viewer.subnets) do masks:addMask(subnet) end
    rule(viewer.view, NetmaskGroupRule(masks), PoolAction(viewer.view, false))
  end

  -- The last of these that has a query decides, and then a list may answer it all the same.
  for index = #declared.pools, 1, -1 do
    local pool = declared.pools[index]
    local selected = selector(pool, pool.domains and QNameSuffixRule(pool.domains))
    rule(pool.name, selected, PoolAction(pool.name, false))
  end
  for _, list in ipairs(declared.lists) do
    local selected = selector(list, list.names and names(list.names, directory))
    if list.action ~= 'allow' and list.action ~= 'drop' then
      rule(list.name, selected, SetExtendedDNSErrorAction(15, list.name)) -- Blocked, RFC 8914
    end
    for _, action in ipairs({ actions[list.action](list) }) do rule(list.name, selected, action) end
  end
  return chain, groups
end

local foreign -- the rules of dnsdist.extra, which dnsdist.yml has put behind ours: known once that is loaded
local function remember(count)
  foreign = {}
  for index = count, math.huge do
    local there, theirs = pcall(getRule, index) -- past the last one it throws
    if not (there and theirs) then return end
    table.insert(foreign, newRuleAction(theirs:getSelector(), theirs:getAction(), { name = 'extra' }))
  end
end

local length -- of our own chain

local rules = {
  servers = {}, -- those of the pools, by name, as newServer takes them
  pools = { '' }, -- where resolvers are
  firstPools = { '' }, -- and where the start-up configuration has put them
}

-- A pool of resolvers for each view: other answers, so another packet cache.
local function useViews(declared)
  rules.pools = { '' }
  for _, view in ipairs(declared.views or {}) do
    table.insert(rules.pools, view.name)
    setPoolServerPolicy(_G[declared.policy], view.name)
    if not getPool(view.name):getCache() then
      local kept = { keepStaleData = true, staleTTL = declared.outage.ttl, maxNegativeTTL = 3600, temporaryFailureTTL = 5 }
      getPool(view.name):setCache(newPacketCache(view.cacheEntries, kept))
    end
  end
end

local function apply(declared, chain, groups)
  local all = {}
  for _, each in ipairs(chain) do table.insert(all, each) end
  for _, each in ipairs(foreign or {}) do table.insert(all, each) end
  setRules(all)
  length = #chain
  setACL(declared.acl)
  protection.use(declared.protection, groups)
  setPoolServerPolicy(_G[declared.policy], '') -- policies are globals
  useViews(declared)
  for _, pool in ipairs(declared.pools) do
    setPoolServerPolicy(_G[pool.policy], pool.name)
    if not getPool(pool.name):getCache() then
      getPool(pool.name):setCache(newPacketCache(pool.cacheEntries, { maxNegativeTTL = 3600, temporaryFailureTTL = 5 }))
    end
  end
end

local function directoryOf(version) return register.SITE .. '/admission/rules/' .. version end

local function load(version)
  local declared = dofile(directoryOf(version) .. '/rules.lua')
  return declared, build(declared, directoryOf(version), version) -- all that it returns
end

local active -- the version that applies
local answering -- and the resolvers' own, which it goes with
local tried = {} -- what came of each version that is not active: "ready", or "refused" and why

local reported
local function report(version)
  local text = 'active ' .. (active or 'none') .. '\n'
  if version and tried[version] then
    local word, why = tried[version]:match('^(%a+) ?(.*)$')
    text = text .. word .. ' ' .. version .. (why ~= '' and ' ' .. why or '') .. '\n'
  end
  if text == reported then return end
  register.write(register.SITE .. '/frontends/' .. register.me .. '.rules', text)
  reported = text
end

local function use(version)
  local declared, chain, groups = load(version)
  apply(declared, chain, groups)
  rules.servers = declared.servers
  -- What is cached came from resolvers that would not say so any more: see rules.forget.
  rules.outdated = rules.outdated or answering ~= nil and answering ~= declared.answering
  active, answering = version, declared.answering
  infolog('rules: ' .. version .. ' apply')
end

-- While dnsdist starts: without rules, as before the first rollout, only this host may ask. Rules that are admitted and
-- cannot be had are an error, and dnsdist does not start: it would let through what they forbid.
function rules.start()
  addCacheMissAction(AllRule(), LuaFFIPerThreadAction(RESTARTABLE), { name = 'restartable' })
  local version = register.list('admitted').rules
  if version then
    use(version[1])
    rules.firstPools = rules.pools
    return
  end
  local nothing = {
    acl = { '127.0.0.0/8', '::1/128' },
    policy = 'leastOutstanding',
    clients = {}, lists = {}, pools = {},
  }
  apply(nothing, build(nothing, '', 'none'))
end

-- Tries something with a version, once: it says then whether it worked.
local function try(version, what)
  if not version or version == active or tried[version] then return end
  local ok, problem = pcall(what, version)
  tried[version] = ok and 'ready' or 'refused ' .. tostring(problem):gsub('%s+', ' ')
  if not ok then errlog('rules: ' .. version .. ' ' .. tried[version]) end
end

-- Follows what is admitted. One that serves looks whether it could use what is offered. Returns whether there is garbage now.
function rules.follow(admitted, candidate)
  if not foreign then remember(length) end
  local before = active
  local mine, offer = register.wanted('rules', admitted, candidate)
  if not offer then tried = {} end
  if mine and tried[mine] == 'ready' then tried[mine] = nil end -- looked at, not used
  try(mine, use)
  try(offer, load)
  report(offer)
  return active ~= before
end

-- Empties the packet caches once nobody is asked any more whose answers they hold.
function rules.forget()
  if not rules.outdated then return end
  rules.outdated = false
  for _, pool in ipairs(rules.pools) do getPool(pool):getCache():expunge(0) end
  infolog('rules: the resolvers answer otherwise now: emptied the packet cache')
end

-- Whom the rules hold off, as of now.
rules.watch = protection.watch

return rules
