-- Keeps the backends as declared.
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

-- Resolvers by their names. Other servers, such as the one of inheritance.lua, have no @ in theirs.
local function resolvers()
  local servers = {}
  for _, server in ipairs(getServers()) do
    if server:getName():find('@', 1, true) then servers[server:getName()] = server end
  end
  return servers
end

local function add(name, address)
  local server = {}
  for key, value in pairs(SETTINGS) do server[key] = value end
  server.name, server.address = name, address
  newServer(server)
  infolog('backends: added ' .. name)
end

local draining = {} -- name -> when its drain began
local collect = 0 -- rounds of garbage collection still due: a removed backend stays pinned by Lua until then

local function drain(name, server)
  if not draining[name] then
    server:setDown()
    draining[name] = os.time()
    infolog('backends: draining ' .. name)
  elseif server:getOutstanding() == 0 or os.time() - draining[name] >= DRAIN_SECONDS then
    infolog('backends: removed ' .. name .. ' with ' .. server:getOutstanding() .. ' outstanding')
    rmServer(server)
    draining[name] = nil
    collect = 3
  end
end

local backends = {}

-- mayDrain: whether those that are not wanted may be let go
function backends.reconcile(admitted, candidate, mayDrain)
  local servers = resolvers()
  local wanted, complete = {}, #admitted.backend > 0
  local function want(id, isAdmitted)
    local name, address = nameOf(id)
    if name then
      wanted[name] = true
      if not servers[name] then
        add(name, address)
      elseif draining[name] then
        draining[name] = nil
        servers[name]:setAuto()
      end
    end
    if isAdmitted and not (name and servers[name] and servers[name]:isUp()) then complete = false end
  end
  for _, id in ipairs(admitted.backend) do want(id, true) end
  for _, id in ipairs(candidate.backend) do want(id, false) end

  if complete and mayDrain then
    for name, server in pairs(servers) do
      if not wanted[name] then drain(name, server) end
    end
  end
  if collect > 0 then
    collect = collect - 1
    collectgarbage()
    collectgarbage()
  end
end

local reported
function backends.report()
  local lines = {}
  for name, server in pairs(resolvers()) do
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
