-- Keeps the backends as declared: dnsdist calls maintenance() every second.
--
-- /run/site/backends/ID         "ADDRESS:PORT" of a resolver, written by itself at every start
-- /run/site/admission/candidate resolvers on offer: taken in and checked, but nobody leaves for them yet
-- /run/site/admission/admitted  what serves: when all of its backends are up, the others are drained and removed
-- /run/site/steering/frontend   the frontend that the service address leads to
-- /run/site/frontends/ME.status what came of it, for the rollout to read
--
-- A list counts only with its last line, "end COUNT": half a list changes nothing. (This file is loaded before
-- dnsdist.yml, when newServer and the like do not exist yet; inside maintenance() they do.)

local SITE = '/run/site'
local BACKEND = dofile('/run/dnsdist/backend.lua') -- how every backend is checked and used
local DRAIN_SECONDS = 10 -- the longest that queries still outstanding hold up a removal

local function read(path)
  local file = io.open(path, 'r')
  if not file then return nil end
  local text = file:read('*a')
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path .. '.new', 'w'))
  file:write(text)
  file:close()
  assert(os.rename(path .. '.new', path))
end

local me = os.getenv('INSTANCE')
local statusFile = SITE .. '/frontends/' .. me .. '.status'

-- {backend = {id, ...}, ...} of a whole list, else nil
local function readList(name)
  local text = read(SITE .. '/admission/' .. name)
  local body, count = (text or ''):match('^(.-)end (%d+)\n$')
  if not body then return nil end
  local list, lines = { backend = {} }, 0
  for kind, id in body:gmatch('(%S+) (%S+)\n') do
    lines = lines + 1
    list[kind] = list[kind] or {}
    table.insert(list[kind], id)
  end
  return lines == tonumber(count) and list or nil
end

-- The name under which a resolver is a backend. It holds the address, so that a resolver which comes back with
-- another one is another backend: the new is taken in before the old is drained.
local function backendName(id)
  local address = (read(SITE .. '/backends/' .. id) or ''):match('^(%d+%.%d+%.%d+%.%d+:%d+)\n$')
  return address and id .. '@' .. address, address
end

local function add(name, address)
  local server = {}
  for key, value in pairs(BACKEND) do server[key] = value end
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

local served = false -- the service address has led here
local superseded = false

-- An old generation lets its clients go, once the service address leads elsewhere: every TCP connection gets its next
-- answer, then a clean end.
local function stepAside()
  local current = (read(SITE .. '/steering/frontend') or ''):match('%S+')
  if current == me then
    served = true
  elseif served and current and not superseded then
    superseded = true
    setMaxTCPQueriesPerConnection(1)
    infolog('frontend: superseded by ' .. current)
  end
end

local function reconcile(admitted, candidate)
  local servers = {}
  for _, server in ipairs(getServers()) do servers[server:getName()] = server end

  local wanted, complete = {}, #admitted.backend > 0
  local function want(id, isAdmitted)
    local name, address = backendName(id)
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

  -- A superseded generation keeps what it has: its last clients are still being answered.
  if complete and not superseded then
    for name, server in pairs(servers) do
      if not wanted[name] then drain(name, server) end
    end
  end
end

local reported
local function report()
  local lines = {}
  for _, server in ipairs(getServers()) do
    local name = server:getName()
    table.insert(lines, name:match('^[^@]+') .. ' ' .. (draining[name] and 'draining' or server:isUp() and 'up' or 'down'))
  end
  table.sort(lines)
  local text = table.concat(lines, '\n') .. '\n'
  if text ~= reported then
    write(statusFile, text)
    reported = text
  end
end

local complaint
function maintenance()
  local ok, problem = pcall(function()
    local admitted = readList('admitted') or { backend = {} }
    stepAside()
    reconcile(admitted, readList('candidate') or { backend = {} })
    report()
    if collect > 0 then
      collect = collect - 1
      collectgarbage()
      collectgarbage()
    end
  end)
  if not ok and problem ~= complaint then
    errlog('backends: ' .. tostring(problem))
    complaint = problem
  end
end

-- Retry: a query that timed out is asked once more of another backend. The rule that marks queries runs in the query
-- path and must not wait for the global Lua lock (a per-thread FFI rule in dnsdist.yml); this one runs on time-outs only.
function retryOnce(response)
  if response:getRestartCount() < 1 then response:restart() end
  return DNSResponseAction.None
end
