-- Keeps the backends as declared: the resolvers, and the servers of the rules' pools.
--
-- admission/candidate  resolvers on offer: taken in and checked, but nobody leaves for them yet
-- admission/admitted   what serves: when all of its backends are up, the others are drained and removed
-- frontends/ME.status  what came of it, for the rollout to read
local register = dofile('/run/dnsdist/register.lua')
local SETTINGS = dofile('/run/dnsdist/backend.lua') -- how every backend is checked and used
local DRAIN_SECONDS = 10 -- the longest that queries still outstanding hold up a removal

-- A resolver's name as a backend holds its address, so that one which comes back with another address is another
-- backend: the new is taken in before the old is drained.
local function nameOf(id)
  local address = register.address(id)
  return address and id .. '@' .. address, address
end

-- Servers by their names, which have a mark in them: @ a resolver's, # a pool server's. (That of inheritance.lua has none.)
local RESOLVER, POOL_SERVER = '@', '#'
local function servers(mark)
  local found = {}
  for _, server in ipairs(getServers()) do
    if server:getName():find(mark, 1, true) then found[server:getName()] = server end
  end
  return found
end

local function add(name, address, settings, pools)
  local server = { pool = pools }
  for key, value in pairs(settings) do server[key] = value end
  server.name, server.address = name, address
  newServer(server)
  infolog('backends: added ' .. name)
end

local function set(list)
  local has = {}
  for _, each in ipairs(list) do has[each] = true end
  return has
end

-- Puts a resolver into the rules' pools, and no others. Those of the start-up configuration are where that has put them.
local placed = {} -- name -> its pools
local function place(name, server, rules)
  local before, now = set(placed[name] or rules.firstPools), set(rules.pools)
  placed[name] = rules.pools
  for pool in pairs(now) do
    if not before[pool] then server:addPool(pool) end
  end
  for pool in pairs(before) do
    if not now[pool] then server:rmPool(pool) end
  end
end

local draining = {} -- name -> when its drain began

-- Returns whether it is gone.
local function drain(name, server)
  if not draining[name] then
    server:setDown()
    draining[name] = os.time()
    infolog('backends: draining ' .. name)
  elseif server:getOutstanding() == 0 or os.time() - draining[name] >= DRAIN_SECONDS then
    infolog('backends: removed ' .. name .. ' with ' .. server:getOutstanding() .. ' outstanding')
    rmServer(server)
    draining[name] = nil
    return true
  end
  return false
end

local function keep(name, server)
  if not draining[name] then return end
  draining[name] = nil
  server:setAuto()
end

local backends = {}

-- Returns whether they are complete, and those that are not wanted may be let go; and the names of those admitted.
local function reconcileResolvers(admitted, candidate, there, wanted, rules)
  local complete, own = #admitted.backend > 0, {}
  local function want(id, isAdmitted)
    local name, address = nameOf(id)
    if name and not wanted[name] then
      wanted[name] = true
      own[name] = isAdmitted or nil
      if there[name] then
        keep(name, there[name])
        place(name, there[name], rules)
      else
        add(name, address, SETTINGS, rules.pools)
        placed[name] = rules.pools
      end
    end
    if isAdmitted and not (name and there[name] and there[name]:isUp()) then complete = false end
  end
  for _, id in ipairs(admitted.backend) do want(id, true) end
  for _, id in ipairs(candidate.backend) do want(id, false) end
  return complete, own
end

-- rules: which pools resolvers are in, and the servers of others. serves: not superseded, so that what is not wanted may
-- be let go. Returns whether there is garbage now, and whether nobody else is asked than who is admitted.
function backends.reconcile(admitted, candidate, rules, serves)
  local resolvers, poolServers, wanted, garbage = servers(RESOLVER), servers(POOL_SERVER), {}, false
  local complete, own = reconcileResolvers(admitted, candidate, resolvers, wanted, rules)
  for name, server in pairs(rules.servers) do
    wanted[name] = true
    if poolServers[name] then keep(name, poolServers[name]) else add(name, server.address, server) end
  end
  local function drainUnwanted(there)
    for name, server in pairs(there) do
      if not wanted[name] then garbage = drain(name, server) or garbage end
    end
  end
  if serves and complete then drainUnwanted(resolvers) end
  if serves then drainUnwanted(poolServers) end
  local settled = complete
  for name in pairs(resolvers) do settled = settled and own[name] == true end
  return garbage, settled
end

function backends.anyUp()
  for name, server in pairs(servers(RESOLVER)) do
    if server:isUp() and not draining[name] then return true end
  end
  return false
end

local reported
function backends.report()
  local lines = {}
  for name, server in pairs(servers(RESOLVER)) do
    local state = draining[name] and 'draining' or server:isUp() and 'up' or 'down'
    table.insert(lines, name:match('^[^@]+') .. ' ' .. state)
  end
  table.sort(lines)
  local text = table.concat(lines, '\n') .. '\n'
  if text == reported then return end
  register.write(register.SITE .. '/frontends/' .. register.me .. '.status', text)
  reported = text
end

return backends
