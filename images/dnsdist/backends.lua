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

local function add(name, address, settings)
  local server = {}
  for key, value in pairs(settings) do server[key] = value end
  server.name, server.address = name, address
  newServer(server)
  infolog('backends: added ' .. name)
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

-- Returns whether they are complete, and those that are not wanted may be let go.
local function reconcileResolvers(admitted, candidate, there, wanted)
  local complete = #admitted.backend > 0
  local function want(id, isAdmitted)
    local name, address = nameOf(id)
    if name then
      wanted[name] = true
      if there[name] then keep(name, there[name]) else add(name, address, SETTINGS) end
    end
    if isAdmitted and not (name and there[name] and there[name]:isUp()) then complete = false end
  end
  for _, id in ipairs(admitted.backend) do want(id, true) end
  for _, id in ipairs(candidate.backend) do want(id, false) end
  return complete
end

-- declared: the servers of pools. serves: not superseded, so that what is not wanted may be let go.
-- Returns whether there is garbage now.
function backends.reconcile(admitted, candidate, declared, serves)
  local resolvers, poolServers, wanted, garbage = servers(RESOLVER), servers(POOL_SERVER), {}, false
  local complete = reconcileResolvers(admitted, candidate, resolvers, wanted)
  for name, server in pairs(declared) do
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
  return garbage
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
